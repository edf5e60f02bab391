#include "viz/panels/map/map_lens.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "viz/kit/text.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

constexpr float enlarged = 1.8F, lens_row = 27;  // how much larger the map is in the lens, height of a label's row

std::string busiest_network(const PanelContext& context, const std::vector<MapSprite>& sprites) {
  const trace::Tables& tables = context.trace.tables();
  std::map<std::uint32_t, std::size_t> counts;
  for (const MapSprite& sprite : sprites) {
    if (sprite.from.value < tables.topology.interfaces.size())
      ++counts[tables.topology.interfaces[sprite.from.value].network.value];
  }
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == counts.end() || most->first >= tables.topology.networks.size()) return {};
  return std::string(tables.strings[tables.topology.networks[most->first].name]);
}

Color color_of(const Palette& colors, std::size_t flow) {
  return flow >= named_flow_colors ? colors.muted : flow_color(flow);
}

void draw_rim(const Canvas& canvas, const MapLens& lens, float radius) {
  const Palette& colors = canvas.colors();
  const std::string count = fmt::format("{} packets", grouped(static_cast<std::uint32_t>(lens.count)));
  const float name = text_width(canvas, style::label_strong, lens.place.empty() ? " " : lens.place);
  const float wide = name + text_width(canvas, style::label, count) + canvas.px(36);
  const Rect pill = rect_around(lens.at + Vec2{0, radius}, wide, canvas.px(24));
  canvas.fill(pill, colors.surface, canvas.px(12));
  canvas.stroke(pill, colors.outline, canvas.px(1.5F), canvas.px(12));
  const float y = baseline_for_middle(canvas, TextSize::small, pill.center().y);
  draw_text(canvas, {pill.x + canvas.px(14), y}, style::label_strong, colors.text, lens.place);
  draw_text(canvas, {pill.right() - canvas.px(14), y}, style::label, colors.muted, count, Align::right);
}

}  // namespace

std::optional<MapLens> build_lens(const PanelContext& context, const MapGeometry& geometry, const MapTraffic& traffic,
                                  std::optional<Vec2> pointer) {
  if (!pointer || traffic.sprites.empty()) return std::nullopt;
  MapLens lens;
  lens.at = *pointer;
  const float reach = lens_radius * geometry.unit / enlarged;
  for (const MapSprite& sprite : traffic.sprites) {
    if (distance(sprite.at, *pointer) < reach) lens.inside.push_back(sprite);
  }
  if (lens.inside.empty()) return std::nullopt;
  lens.count = lens.inside.size();
  lens.place = busiest_network(context, lens.inside);
  std::stable_sort(lens.inside.begin(), lens.inside.end(), [&](const MapSprite& a, const MapSprite& b) {
    return distance(a.at, *pointer) < distance(b.at, *pointer);
  });
  const replay::PacketIndex& packets = context.indexes.packets();
  const std::uint64_t now = context.cursor.position();
  for (std::size_t i = 0; i < std::min(lens.inside.size(), lens_labels); ++i) {
    const MapSprite& sprite = lens.inside[i];
    const std::optional<Packet> packet = packets.packet_at(sprite.packet, now == 0 ? 0 : now - 1);
    if (packet) lens.nearest.push_back({sprite.packet, capsule_of(packets, sprite.packet, *packet), sprite.at});
  }
  std::stable_sort(lens.nearest.begin(), lens.nearest.end(),
                   [](const MapLens::Label& a, const MapLens::Label& b) { return a.on_map.y < b.on_map.y; });
  return lens;
}

void draw_lens(const Canvas& canvas, const MapLens& lens, PacketId selected) {
  const Palette& colors = canvas.colors();
  const float radius = canvas.px(lens_radius);
  canvas.disc(lens.at, radius + canvas.px(6), with_alpha(colors.outline, 0.10F));
  canvas.disc(lens.at, radius, colors.background);
  const Canvas below = canvas.faded(0.5F);
  for (const MapSprite& sprite : lens.inside) {
    const Vec2 at = lens.at + (sprite.at - lens.at) * enlarged;
    if (distance(at, lens.at) > radius - canvas.px(6)) continue;
    below.fill(rect_around(at, canvas.px(6), canvas.px(5)), color_of(colors, sprite.flow));
  }
  canvas.circle(lens.at, radius, colors.outline, canvas.px(2));
  float y = lens.at.y - canvas.px(lens_row) * (static_cast<float>(lens.nearest.size()) - 1) / 2;
  for (const MapLens::Label& label : lens.nearest) {
    CapsuleLook look = label.look.look();
    look.selected = label.packet == selected;
    look.height = 20;
    look.rewritten = false;
    const float down = y - lens.at.y;
    const float half = capsule_size(canvas, look).x / 2;
    const float room = std::max(std::sqrt(std::max(radius * radius - down * down, 0.0F)) - half - canvas.px(10), 0.0F);
    const float x = clamped((label.on_map.x - lens.at.x) * enlarged, -room, room);
    draw_capsule(canvas, {lens.at.x + x, y}, look);
    y += canvas.px(lens_row);
  }
  draw_rim(canvas, lens, radius);
}

}  // namespace fourtuple::viz
