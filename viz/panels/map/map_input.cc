// What mouse and wheel do on the map: choose, drag, pan, zoom.
#include "viz/panels/map/map_panel.h"

namespace fourtuple::viz {
namespace {

constexpr float wander = 4;  // design pixels a click may move
constexpr float wheel_step = 1.15F;
constexpr float farthest = 3;      // maps away from the first one
constexpr float open_from = 2.9F;  // from this zoom on, more zoom into a host opens it
constexpr float entrance_s = 0.2F;

}  // namespace

void MapPanel::zoom_at(Vec2 mouse, const Rect& content, float factor) {
  const float before = zoom_;
  zoom_by(factor);
  // The point under the pointer stays there.
  const Vec2 from_middle = mouse - content.center() - pan_;
  pan_ = pan_ - from_middle * (zoom_ / before - 1);
}

// Closes in on a host and opens it; the map itself stays as it was, for the way back.
void MapPanel::go_in(const Ui& ui, const PanelContext& context, const Rect& content) {
  if (!entrance_ || entrance_->host >= geometry_.hosts.size()) return entrance_.reset();
  const bool still = context.reduced_motion || ui.canvas.theme->choice().reduced_motion;
  entrance_->part += still ? 1 : ImGui::GetIO().DeltaTime / entrance_s;
  if (entrance_->part >= 1) {
    zoom_ = entrance_->zoom;
    pan_ = entrance_->pan;
    context.select(HostId{entrance_->host});
    context.open(PanelKind::host);
    return entrance_.reset();
  }
  const Vec2 to_middle = (content.center() - geometry_.hosts[entrance_->host].center()) * 0.25F;
  zoom_at(geometry_.hosts[entrance_->host].center(), content, 1.04F);
  pan_ = pan_ + to_middle;
  if (ui.animating != nullptr) *ui.animating = true;
}

// The middle of the view goes to a packet that is followed when it comes near the edge.
void MapPanel::keep_in_view(const Ui& ui, PacketId packet, const Rect& content) {
  if (!packet.valid() || drag_ != Drag::none || zoom_ <= 1.01F) return;
  for (const MapCapsule& capsule : traffic_.capsules) {
    if (capsule.packet != packet) continue;
    const Rect inner = content.inset(content.w * 0.3F, content.h * 0.3F);
    const Vec2 nearest{clamped(capsule.on_route.x, inner.x, inner.right()),
                       clamped(capsule.on_route.y, inner.y, inner.bottom())};
    const Vec2 by = nearest - capsule.on_route;
    if (length(by) < 1) return;
    const bool still = ui.canvas.theme->choice().reduced_motion;
    pan_ = pan_ + by * (still ? 1 : std::min(ImGui::GetIO().DeltaTime * 8, 1.0F));
    if (ui.animating != nullptr) *ui.animating = true;
    return;
  }
}

void MapPanel::press(const PanelContext&, Vec2 mouse) {
  pressed_at_ = last_mouse_ = mouse;
  drag_ = hover_host_ && !hover_packet_ ? Drag::host : Drag::pan;
  dragged_ = hover_host_.value_or(0);
}

void MapPanel::release(const PanelContext& context, Vec2 mouse) {
  const bool click = distance(mouse, pressed_at_) <= wander * geometry_.unit;
  if (drag_ == Drag::host && !click) positions_changed_ = true;
  drag_ = Drag::none;
  if (!click) return;
  if (hover_packet_) {
    context.select(*hover_packet_);
  } else if (hover_host_) {
    context.select(HostId{*hover_host_});
  } else if (hover_link_) {
    open_link_ = OpenLink{*hover_link_, mouse};
  } else if (close_link()) {
    return;
  } else {
    context.wishes.push_back({});
  }
}

void MapPanel::react(const Ui& ui, const Rect& area, const PanelContext& context, const MapSurroundings& around) {
  const ImGuiIO& io = ImGui::GetIO();
  const Vec2 mouse = from_im(io.MousePos);
  const bool covered =
      std::any_of(around.covered.begin(), around.covered.end(), [&](const Rect& r) { return r.contains(mouse); });
  const bool on_card = open_link_ && link_card_.contains(mouse);
  const bool over =
      area.contains(mouse) && !covered && !on_card && !ImGui::IsAnyItemHovered() && !ImGui::IsAnyItemActive();
  hover_packet_.reset();
  hover_host_.reset();
  hover_link_.reset();
  pointer_ = over ? std::optional(mouse) : std::nullopt;
  if (over && drag_ == Drag::none) {
    if (const auto hit = packets_hit_.at(mouse)) hover_packet_ = PacketId{static_cast<std::uint32_t>(*hit)};
    for (std::uint32_t i = 0; i < geometry_.hosts.size(); ++i) {
      if (geometry_.hosts[i].contains(mouse)) hover_host_ = i;
    }
    if (!hover_packet_ && !hover_host_) hover_link_ = link_at(mouse);
  }
  if (over && io.MouseWheel > 0 && zoom_ >= open_from && hover_host_ && !entrance_) {
    entrance_ = {*hover_host_, 0, zoom_, pan_};
  } else if (over && io.MouseWheel != 0 && !entrance_) {
    zoom_at(mouse, around.content, std::pow(wheel_step, io.MouseWheel));
  }
  go_in(ui, context, around.content);
  if (over && ImGui::IsMouseDoubleClicked(0) && hover_host_ && !hover_packet_) {
    context.select(HostId{*hover_host_});
    context.open(PanelKind::host);
    return;
  }
  if (over && ImGui::IsMouseClicked(0)) press(context, mouse);
  if (drag_ == Drag::none) return;
  if (!ImGui::IsMouseDown(0)) {
    if (over) {
      if (const auto hit = packets_hit_.at(mouse)) hover_packet_ = PacketId{static_cast<std::uint32_t>(*hit)};
      if (drag_ == Drag::host) hover_host_ = dragged_;
      if (!hover_packet_ && !hover_host_) hover_link_ = link_at(mouse);
    }
    release(context, mouse);
    return;
  }
  const bool moved = distance(mouse, pressed_at_) > wander * geometry_.unit;
  const Vec2 by = mouse - last_mouse_;
  last_mouse_ = mouse;
  if (drag_ == Drag::pan) {
    pan_ = pan_ + by;
  } else if (moved && dragged_ < geometry_.hosts.size()) {
    const Vec2 middle = around.content.center();
    const Vec2 center = geometry_.hosts[dragged_].center() + (moved_[dragged_] ? by : mouse - pressed_at_);
    const Vec2 at = middle + (center - middle - pan_) * (1 / zoom_);
    moved_[dragged_] = Vec2{clamped((at.x - around.content.x) / around.content.w, -farthest, farthest),
                            clamped((at.y - around.content.y) / around.content.h, -farthest, farthest)};
  }
}

}  // namespace fourtuple::viz
