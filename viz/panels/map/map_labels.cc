#include "viz/panels/map/map_labels.h"

#include <algorithm>
#include <fmt/format.h>

#include "viz/kit/host_card.h"
#include "viz/kit/labels.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

constexpr float line = 16;               // height of a line of words, design pixels
constexpr std::size_t prefix_up_to = 5;  // hosts of a region; above, their number stands at the right

Rect title_of(float unit, const Rect& region) {
  return {region.x + 16 * unit, region.y + 12 * unit, region.w - 32 * unit, 20 * unit};
}

MapLabel label_for(const Canvas& canvas, std::string_view first, std::string_view words) {
  const float name = first.empty() ? 0 : text_width(canvas, style::label_medium, first);
  const float wide = words.empty() ? name : std::max(name, text_width(canvas, style::label, words));
  const float lines = (first.empty() ? 0.0F : 1.0F) + (words.empty() ? 0.0F : 1.0F);
  return {{0, 0, std::ceil(wide) + canvas.px(8), canvas.px(line * lines + 2)}, first, words};
}

// Below the hub before above, a little to the side where a link is in the way, then beside it.
LabelWish wish_at_hub(const Canvas& canvas, Vec2 hub, const Rect& label) {
  LabelWish wish;
  for (const float room : {21.0F, 34.0F, 50.0F}) {
    const float away = canvas.px(room) + label.h / 2;
    for (const float side : {0.0F, 0.1F, -0.1F, 0.2F, -0.2F, 0.3F, -0.3F, 0.4F, -0.4F, 0.5F, -0.5F}) {
      for (const float down : {away, -away})
        wish.places.push_back(rect_around(hub + Vec2{side * label.w, down}, label.w, label.h));
    }
  }
  for (const Rect& other : places_around(hub, {label.w, label.h}, canvas.px(21))) wish.places.push_back(other);
  return wish;
}

// Beside the link, clear of what moves on it.
LabelWish wish_beside(const Canvas& canvas, const Path& path, const Rect& label) {
  LabelWish wish;
  for (const float part : {0.5F, 0.35F, 0.65F, 0.2F, 0.8F}) {
    const Vec2 along = path.direction_at(part), side{-along.y, along.x};
    const float away = std::abs(side.x) * label.w / 2 + std::abs(side.y) * label.h / 2 + canvas.px(19);
    for (const float way : {side.y >= 0 ? away : -away, side.y >= 0 ? -away : away})
      wish.places.push_back(rect_around(path.point_at(part) + side * way, label.w, label.h));
  }
  return wish;
}

// The pieces of all links, each as a narrow rectangle.
void add_links(const MapScene& scene, const MapGeometry& geometry, std::vector<Rect>& rects) {
  const auto add = [&](const Path& path) {
    const auto points = path.points();
    for (std::size_t i = 1; i < points.size(); ++i) {
      const Vec2 a = points[i - 1], b = points[i];
      rects.push_back(
          Rect{std::min(a.x, b.x), std::min(a.y, b.y), std::abs(a.x - b.x), std::abs(a.y - b.y)}.inset(-geometry.unit));
    }
  };
  for (std::uint32_t n = 0; n < scene.graph.members.size(); ++n) {
    const auto& members = scene.graph.members[n];
    if (const auto hub = geometry.ground.hub_of(n)) {
      for (const std::uint32_t host : members) add(stub(geometry, host, n, *hub));
    } else if (members.size() == 2) {
      add(link_between(geometry, members[0], members[1]));
    }
  }
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
  for (const MapRegion& region : geometry.ground.regions) taken.push_back(title_of(canvas.px(1), region.r));
  for (const MapHub& hub : geometry.ground.hubs) {
    if (hub.at_router) continue;
    const MapNetwork& network = scene.networks[hub.network];
    labels.push_back(label_for(canvas, network.name, network.speed));
    wishes.push_back(wish_at_hub(canvas, hub.at, labels.back().r));
  }
  for (std::uint32_t n = 0; n < scene.graph.members.size(); ++n) {
    const auto& members = scene.graph.members[n];
    if (members.size() != 2 || scene.networks[n].speed.empty()) continue;
    labels.push_back(label_for(canvas, {}, scene.networks[n].speed));
    wishes.push_back(wish_beside(canvas, link_between(geometry, members[0], members[1]), labels.back().r));
  }
  // No label lies on a link or a region; that of a hub rather does than not to be seen.
  std::vector<Rect> with_links = taken;
  add_links(scene, geometry, with_links);
  for (const MapRegion& region : geometry.ground.regions) with_links.push_back(region.r);
  auto places = place_labels(wishes, with_links, bounds, canvas.px(2));
  for (const auto& place : places) {
    if (place) taken.push_back(*place);
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (places[i] || labels[i].first.empty()) continue;
    places[i] = place_labels({wishes[i]}, taken, bounds, canvas.px(2)).front();
    if (places[i]) taken.push_back(*places[i]);
  }
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
  for (MapNetwork& network : scene.networks) {
    const float wide = text_width(canvas, style::label_strong, network.name);
    network.title = wide + canvas.px(8) + text_width(canvas, style::number, network.prefix);
    scene.graph.titles.push_back(std::min(std::ceil(wide), canvas.px(120)));
  }
}

void draw_region_title(const Canvas& canvas, const MapRegion& region, const MapNetwork& network) {
  const Palette& colors = canvas.colors();
  Rect rest = title_of(canvas.px(1), region.r);
  if (rest.w < canvas.px(16)) return;
  const float width = draw_text_in(canvas, rest, style::label_strong, colors.muted, network.name);
  rest.take_left(width + canvas.px(8));
  const std::string count = fmt::format("{} hosts", region.hosts);
  const bool many = region.hosts > prefix_up_to;
  const std::string_view words = many ? std::string_view(count) : std::string_view(network.prefix);
  if (text_width(canvas, style::number, words) > rest.w) return;
  draw_text_in(canvas, rest, style::number, colors.muted, words, many ? Align::right : Align::left);
}

std::vector<Rect> region_words(const MapScene& scene, const MapGeometry& geometry) {
  std::vector<Rect> rects;
  for (const MapRegion& region : geometry.ground.regions) {
    Rect title = title_of(geometry.unit, region.r);
    if (region.hosts <= prefix_up_to) title.w = std::min(title.w, scene.networks[region.network].title);
    rects.push_back(title);
  }
  return rects;
}

std::vector<Rect> words_on_map(const Canvas& canvas, const MapGeometry& geometry) {
  std::vector<Rect> rects;
  for (const MapRegion& region : geometry.ground.regions) rects.push_back(title_of(canvas.px(1), region.r));
  const bool cards = geometry.detail <= MapDetail::header;
  for (const Rect& host : geometry.hosts) {
    const Rect name{host.x + canvas.px(8), host.y + canvas.px(8), host.w - canvas.px(16),
                    canvas.px(host_card_header - 14)};
    rects.push_back(cards ? name : host);
  }
  return rects;
}

}  // namespace fourtuple::viz
