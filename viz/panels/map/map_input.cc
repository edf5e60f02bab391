// What mouse and wheel do on the map: choose, drag, pan, zoom.
#include "viz/panels/map/map_panel.h"

namespace fourtuple::viz {
namespace {

constexpr float wander = 4;  // design pixels a click may move
constexpr float wheel_step = 1.15F;

}  // namespace

void MapPanel::zoom_at(Vec2 mouse, const Rect& content, float factor) {
  const float before = zoom_;
  zoom_by(factor);
  // The point under the pointer stays there.
  const Vec2 from_middle = mouse - content.center() - pan_;
  pan_ = pan_ - from_middle * (zoom_ / before - 1);
}

void MapPanel::press(const PanelContext&, Vec2 mouse) {
  pressed_at_ = last_mouse_ = mouse;
  drag_ = hover_host_ && !hover_packet_ ? Drag::host : Drag::pan;
  dragged_ = hover_host_.value_or(0);
}

void MapPanel::release(const PanelContext& context, Vec2 mouse) {
  const bool click = distance(mouse, pressed_at_) <= wander * geometry_.unit;
  drag_ = Drag::none;
  if (!click) return;
  if (hover_packet_) {
    context.select(*hover_packet_);
  } else if (hover_host_) {
    context.select(HostId{*hover_host_});
  } else {
    context.wishes.push_back({});
  }
}

void MapPanel::react(const Ui&, const Rect& area, const PanelContext& context, const MapSurroundings& around) {
  const ImGuiIO& io = ImGui::GetIO();
  const Vec2 mouse = from_im(io.MousePos);
  const bool covered =
      std::any_of(around.covered.begin(), around.covered.end(), [&](const Rect& r) { return r.contains(mouse); });
  const bool over = area.contains(mouse) && !covered && !ImGui::IsAnyItemHovered() && !ImGui::IsAnyItemActive();
  hover_packet_.reset();
  hover_host_.reset();
  pointer_ = over ? std::optional(mouse) : std::nullopt;
  if (over && drag_ == Drag::none) {
    if (const auto hit = packets_hit_.at(mouse)) hover_packet_ = PacketId{static_cast<std::uint32_t>(*hit)};
    for (std::uint32_t i = 0; i < geometry_.hosts.size(); ++i) {
      if (geometry_.hosts[i].contains(mouse)) hover_host_ = i;
    }
  }
  if (over && io.MouseWheel != 0) zoom_at(mouse, around.content, std::pow(wheel_step, io.MouseWheel));
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
    moved_[dragged_] = Vec2{(at.x - around.content.x) / around.content.w, (at.y - around.content.y) / around.content.h};
  }
}

}  // namespace fourtuple::viz
