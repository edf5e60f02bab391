#include "viz/panels/map/map_labels.h"

#include <algorithm>
#include <fmt/format.h>

#include "viz/kit/host_card.h"
#include "viz/kit/labels.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

constexpr float line = 16;  // height of a line of words, design pixels

Rect title_of(const Canvas& canvas, const Rect& region) {
  return {region.x + canvas.px(16), region.y + canvas.px(12), region.w - canvas.px(32), canvas.px(20)};
}

MapLabel label_for(const Canvas& canvas, std::string_view first, std::string_view words) {
  const float name = first.empty() ? 0 : text_width(canvas, style::label_medium, first);
  const float wide = words.empty() ? name : std::max(name, text_width(canvas, style::label, words));
  const float lines = (first.empty() ? 0.0F : 1.0F) + (words.empty() ? 0.0F : 1.0F);
  return {{0, 0, std::ceil(wide) + canvas.px(8), canvas.px(line * lines + 2)}, first, words};
}

}  // namespace

std::vector<MapLabel> place_map_labels(const Canvas& canvas, const MapScene& scene, const MapGeometry& geometry,
                                       const Rect& bounds) {
  std::vector<MapLabel> labels;
  std::vector<LabelWish> wishes;
  std::vector<Rect> taken = geometry.hosts;
  for (const MapHub& hub : geometry.ground.hubs) {
    if (!hub.at_router) taken.push_back(rect_around(hub.at, canvas.px(36), canvas.px(36)));
  }
  for (const MapRegion& region : geometry.ground.regions) taken.push_back(title_of(canvas, region.r));
  for (const MapHub& hub : geometry.ground.hubs) {
    if (hub.at_router) continue;
    const MapNetwork& network = scene.networks[hub.network];
    labels.push_back(label_for(canvas, network.name, network.speed));
    const Vec2 size{labels.back().r.w, labels.back().r.h};
    wishes.push_back({places_around(hub.at, size, canvas.px(21)), false, std::nullopt});
    std::swap(wishes.back().places[0], wishes.back().places[1]);  // below before above
  }
  for (std::uint32_t n = 0; n < scene.graph.members.size(); ++n) {
    const auto& members = scene.graph.members[n];
    if (members.size() != 2 || scene.networks[n].speed.empty()) continue;
    labels.push_back(label_for(canvas, {}, scene.networks[n].speed));
    const Vec2 size{labels.back().r.w, labels.back().r.h};
    const Path path = link_between(geometry, members[0], members[1]);
    LabelWish wish;
    for (const float part : {0.5F, 0.35F, 0.65F}) {
      // Beside the link, clear of what moves on it.
      const Vec2 along = path.direction_at(part), side{-along.y, along.x};
      const float away = std::abs(side.x) * size.x / 2 + std::abs(side.y) * size.y / 2 + canvas.px(19);
      for (const float way : {side.y >= 0 ? away : -away, side.y >= 0 ? -away : away})
        wish.places.push_back(rect_around(path.point_at(part) + side * way, size.x, size.y));
    }
    wishes.push_back(std::move(wish));
  }
  const auto places = place_labels(wishes, taken, bounds, canvas.px(2));
  std::vector<MapLabel> shown;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!places[i]) continue;
    labels[i].r = *places[i];
    shown.push_back(labels[i]);
  }
  return shown;
}

void draw_map_label(const Canvas& canvas, const MapLabel& label) {
  const Palette& colors = canvas.colors();
  canvas.fill(label.r, with_alpha(colors.background, 0.85F), canvas.px(4));
  float y = label.r.y + canvas.px(13);
  if (!label.first.empty()) {
    draw_text(canvas, {label.r.center().x, y}, style::label_medium, colors.muted, label.first, Align::center);
    y += canvas.px(line);
  }
  draw_text(canvas, {label.r.center().x, y}, style::label, colors.muted, label.words, Align::center);
}

void measure_titles(const Canvas& canvas, MapScene& scene) {
  scene.graph.titles.clear();
  for (const MapNetwork& network : scene.networks) {
    const float wide = text_width(canvas, style::label_strong, network.name);
    scene.graph.titles.push_back(std::min(std::ceil(wide), canvas.px(120)));
  }
}

void draw_region_title(const Canvas& canvas, const MapRegion& region, const MapNetwork& network) {
  const Palette& colors = canvas.colors();
  Rect rest = title_of(canvas, region.r);
  if (rest.w < canvas.px(16)) return;
  const float width = draw_text_in(canvas, rest, style::label_strong, colors.muted, network.name);
  rest.take_left(width + canvas.px(8));
  const std::string count = fmt::format("{} hosts", region.hosts);
  const bool many = region.hosts > 5;
  const std::string_view words = many ? std::string_view(count) : std::string_view(network.prefix);
  if (text_width(canvas, style::number, words) > rest.w) return;
  draw_text_in(canvas, rest, style::number, colors.muted, words, many ? Align::right : Align::left);
}

std::vector<Rect> words_on_map(const Canvas& canvas, const MapGeometry& geometry) {
  std::vector<Rect> rects;
  for (const MapRegion& region : geometry.ground.regions) rects.push_back(title_of(canvas, region.r));
  const bool cards = geometry.detail <= MapDetail::header;
  for (const Rect& host : geometry.hosts) {
    const Rect name{host.x + canvas.px(8), host.y + canvas.px(8), host.w - canvas.px(16),
                    canvas.px(host_card_header - 14)};
    rects.push_back(cards ? name : host);
  }
  return rects;
}

}  // namespace fourtuple::viz
