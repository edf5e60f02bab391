// Links as something to point at: which one is below the pointer, and the card that tells of it.
#include <algorithm>
#include <fmt/format.h>

#include "sim/trace/describe.h"
#include "viz/kit/controls.h"
#include "viz/kit/host_card.h"
#include "viz/kit/text.h"
#include "viz/panels/map/map_panel.h"

namespace fourtuple::viz {
namespace {

constexpr float reach = 6;  // design pixels from a link's middle
constexpr float link_card_width = 248, card_gap = 14;

std::string members_words(const trace::Tables& tables, const std::vector<std::uint32_t>& members) {
  if (members.size() == 2)
    return fmt::format("between {} and {}", trace::host_name(tables, {members[0]}),
                       trace::host_name(tables, {members[1]}));
  return fmt::format("{} hosts on one network", members.size());
}

}  // namespace

bool MapPanel::close_link() {
  const bool open = open_link_.has_value();
  open_link_.reset();
  return open;
}

// The nearest one within reach; a hub counts as its network's link.
std::optional<std::uint32_t> MapPanel::link_at(Vec2 point) const {
  std::optional<std::uint32_t> found;
  float nearest = reach * geometry_.unit;
  const auto look = [&](std::uint32_t network, const Path& path) {
    const float away = path.nearest(point).distance;
    if (away > nearest) return;
    nearest = away;
    found = network;
  };
  for (std::uint32_t n = 0; n < scene_.graph.members.size(); ++n) {
    const auto& members = scene_.graph.members[n];
    if (const auto hub = geometry_.ground.hub_of(n)) {
      if (distance(*hub, point) <= 14 * geometry_.unit) return n;
      for (const std::uint32_t host : members)
        if (!places_.in_crowd[host]) look(n, stub(geometry_, host, n, *hub));
    } else if (members.size() == 2) {
      look(n, link_between(geometry_, members[0], members[1]));
    }
  }
  return found;
}

void MapPanel::draw_link_card(const Ui& ui, const Rect& area, const PanelContext& context) {
  if (!open_link_) return;
  if (open_link_->network >= scene_.networks.size()) return open_link_.reset();
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const MapNetwork& network = scene_.networks[open_link_->network];
  const bool can_change = context.trace.tables().source == trace::Source::scenario;
  const float height = canvas.px(can_change ? 128 : 92), width = std::min(canvas.px(link_card_width), area.w);
  const Vec2 at = open_link_->at + Vec2{canvas.px(card_gap), canvas.px(card_gap)};
  link_card_ = {clamped(at.x, area.x, std::max(area.x, area.right() - width)),
                clamped(at.y, area.y, std::max(area.y, area.bottom() - height)), width, height};
  draw_card(canvas, link_card_, colors.outline, 8);
  Rect inner = link_card_.inset(canvas.px(16), canvas.px(10));
  draw_text_in(canvas, inner.take_top(canvas.px(26)), style::heading, colors.text, network.name);
  draw_text_in(canvas, inner.take_top(canvas.px(22)), style::number, colors.muted,
               network.speed.empty() ? "seen in the capture" : network.speed);
  draw_text_in(canvas, inner.take_top(canvas.px(22)), style::label, colors.muted,
               members_words(context.trace.tables(), scene_.graph.members[open_link_->network]));
  if (!can_change) return;
  inner.take_top(canvas.px(6));
  const Button ask{.label = "What if it were different?", .key = "E", .look = ButtonLook::primary};
  Rect row = inner.take_top(canvas.px(28));
  const Rect place = row.take_left(std::min(button_width(canvas, ask), row.w));
  if (!button(ui, "what-if-link", place, ask)) return;
  context.what_if(network.name);
  open_link_.reset();
}

}  // namespace fourtuple::viz
