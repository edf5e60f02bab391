// Regions and hubs: what lies below hosts and links, for hosts wherever they stand.
#include <algorithm>
#include <map>

#include "viz/panels/map/map_columns.h"
#include "viz/panels/map/map_layout.h"

namespace fourtuple::viz {
namespace {

constexpr float hub_room = 22, hub_apart = 88;  // half a hub's square, least distance of two

Rect around(const Rect& a, const Rect& b) {
  const Vec2 low{std::min(a.x, b.x), std::min(a.y, b.y)};
  return {low.x, low.y, std::max(a.right(), b.right()) - low.x, std::max(a.bottom(), b.bottom()) - low.y};
}

Vec2 hub_wish(const std::vector<std::uint32_t>& members, const std::vector<std::uint32_t>& columns,
              const std::vector<Rect>& rects, float unit) {
  std::uint32_t first = no_network;
  for (const std::uint32_t host : members) first = std::min(first, columns[host]);
  float left_edge = -1e9F, right_edge = 1e9F, y = 0;
  for (const std::uint32_t host : members) {
    y += rects[host].center().y / static_cast<float>(members.size());
    if (columns[host] == first) {
      left_edge = std::max(left_edge, rects[host].right());
    } else {
      right_edge = std::min(right_edge, rects[host].x);
    }
  }
  if (right_edge > 1e8F) return {left_edge + 72 * unit, y};
  return {(left_edge + right_edge) / 2, y};
}

// The free place nearest to where it is wanted, looked for on growing rings.
Vec2 free_hub(Vec2 wish, const std::vector<Rect>& rects, const std::vector<MapHub>& hubs, float unit) {
  const auto is_free = [&](Vec2 at) {
    const Rect own = rect_around(at, 2 * hub_room * unit, 2 * hub_room * unit);
    return std::none_of(rects.begin(), rects.end(), [&](const Rect& r) { return r.overlaps(own); }) &&
           std::none_of(hubs.begin(), hubs.end(),
                        [&](const MapHub& hub) { return !hub.at_router && distance(hub.at, at) < hub_apart * unit; });
  };
  constexpr Vec2 ways[] = {{0, 1},       {0, -1},       {1, 0},        {-1, 0},
                           {0.7F, 0.7F}, {-0.7F, 0.7F}, {0.7F, -0.7F}, {-0.7F, -0.7F}};
  for (float ring = 0; ring < 40; ++ring) {
    for (const Vec2 way : ways) {
      const Vec2 at = wish + way * (ring * 22 * unit);
      if (is_free(at)) return at;
    }
  }
  return wish;
}

// On a small map the only router of a network is its hub.
std::optional<std::uint32_t> only_router(const MapGraph& graph, const std::vector<std::uint32_t>& members) {
  std::optional<std::uint32_t> only;
  for (const std::uint32_t host : members) {
    if (graph.hosts[host].role != MapRole::router) continue;
    if (only) return std::nullopt;
    only = host;
  }
  return only;
}

void add_regions(const MapGraph& graph, const MapPlaces& places, const std::vector<Rect>& rects, std::uint32_t network,
                 float unit, MapGround& ground) {
  std::map<std::uint32_t, Rect> boxes;
  std::map<std::uint32_t, std::size_t> counts;
  std::map<std::uint32_t, bool> crowds;
  for (const std::uint32_t host : graph.members[network]) {
    if (places.homes[host] != network) continue;
    ++counts[places.columns[host]];
    crowds[places.columns[host]] = places.in_crowd[host];
    const auto [box, fresh] = boxes.try_emplace(places.columns[host], rects[host]);
    if (!fresh) box->second = around(box->second, rects[host]);
  }
  for (const auto& [column, box] : boxes) {
    const float squeeze = places.squeeze;
    const float pad = region_padding * unit * squeeze, label = region_label * unit * squeeze;
    const float title = squeeze < 1 || network >= graph.titles.size() ? 0 : graph.titles[network];
    const float wide = std::max(box.w, title) + 2 * pad;
    const Rect r{box.center().x - wide / 2, box.y - pad - label, wide, box.h + 2 * pad + label};
    ground.regions.push_back({network, r, counts[column], crowds[column]});
  }
}

// Hosts one by one, crowds as a whole.
std::vector<Rect> what_hubs_avoid(const MapPlaces& places, const std::vector<Rect>& rects, const MapGround& ground) {
  std::vector<Rect> avoided;
  for (std::size_t i = 0; i < rects.size(); ++i) {
    if (!places.in_crowd[i]) avoided.push_back(rects[i]);
  }
  for (const MapRegion& region : ground.regions) {
    if (region.crowd) avoided.push_back(region.r);
  }
  return avoided;
}

}  // namespace

std::optional<Vec2> MapGround::hub_of(std::uint32_t network) const {
  for (const MapHub& hub : hubs) {
    if (hub.network == network) return hub.at;
  }
  return std::nullopt;
}

const Rect* MapGround::crowd_around(std::uint32_t network, Vec2 at) const {
  for (const MapRegion& region : regions) {
    if (region.crowd && region.network == network && region.r.contains(at)) return &region.r;
  }
  return nullptr;
}

MapGround lay_ground(const MapGraph& graph, const MapPlaces& places, const std::vector<Rect>& rects, float unit) {
  MapGround ground;
  for (std::uint32_t network = 0; network < graph.members.size(); ++network)
    add_regions(graph, places, rects, network, unit, ground);
  const std::vector<Rect> obstacles = what_hubs_avoid(places, rects, ground);
  for (std::uint32_t network = 0; network < graph.members.size(); ++network) {
    const auto& members = graph.members[network];
    const std::optional<std::uint32_t> router = only_router(graph, members);
    if (members.size() >= 3 && router && places.detail >= MapDetail::chip) {
      ground.hubs.push_back({network, rects[*router].center(), true});
    } else if (members.size() >= 3) {
      const Vec2 wish = hub_wish(members, places.columns, rects, unit);
      ground.hubs.push_back({network, free_hub(wish, obstacles, ground.hubs, unit), false});
    }
  }
  return ground;
}

}  // namespace fourtuple::viz
