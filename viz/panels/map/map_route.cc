#include "viz/panels/map/map_route.h"

#include <algorithm>

namespace fourtuple::viz {
namespace {

// From the edge of one to that of another below or above it; nothing when they stand side by side or others between.
std::optional<Path> straight(const MapGeometry& geometry, std::uint32_t from, std::uint32_t to) {
  const Rect &a = geometry.hosts[from], &b = geometry.hosts[to];
  const bool down = b.y > a.y;
  const Rect &above = down ? a : b, &below = down ? b : a;
  if (above.bottom() + 8 * geometry.unit >= below.y || std::abs(a.center().x - b.center().x) > a.w / 2)
    return std::nullopt;
  const Rect way{std::min(a.center().x, b.center().x) - 1, above.bottom(), std::abs(a.center().x - b.center().x) + 2,
                 below.y - above.bottom()};
  for (std::uint32_t i = 0; i < geometry.hosts.size(); ++i) {
    if (i != from && i != to && geometry.hosts[i].overlaps(way)) return std::nullopt;
  }
  const Vec2 start{a.center().x, down ? a.bottom() : a.y}, end{b.center().x, down ? b.y : b.bottom()};
  return Path::line(start, end);
}

}  // namespace

Vec2 MapRoute::point_at(float fraction) const {
  if (!bent) return first.point_at(fraction);
  const float at = fraction * length();
  if (at <= first.length()) return first.point_at(at / std::max(first.length(), 1e-3F));
  return second.point_at((at - first.length()) / std::max(second.length(), 1e-3F));
}

Vec2 MapRoute::direction_at(float fraction) const {
  if (!bent) return first.direction_at(fraction);
  const float at = fraction * length();
  if (at <= first.length()) return first.direction_at(at / std::max(first.length(), 1e-3F));
  return second.direction_at((at - first.length()) / std::max(second.length(), 1e-3F));
}

MapRoute MapRoute::shifted(float pixels) const {
  return {first.shifted(pixels), bent ? second.shifted(pixels) : second, bent};
}

Path stub(const Rect& host, Vec2 to) {
  const Vec2 from = to.x >= host.center().x ? host.right_middle() : host.left_middle();
  return Path::link(from, to);
}

Path stub(const MapGeometry& geometry, std::uint32_t host, std::uint32_t network, Vec2 to) {
  if (const auto around = geometry.detours.stubs.find({host, network}); around != geometry.detours.stubs.end())
    return around->second;
  const Rect& own = geometry.hosts[host];
  const Rect* crowd = geometry.ground.crowd_around(network, own.center());
  if (crowd == nullptr) return stub(own, to);
  const Vec2 door = to.x >= crowd->center().x ? crowd->right_middle() : crowd->left_middle();
  return Path::bezier(own.center(), door, door, to);
}

Path link_between(const MapGeometry& geometry, std::uint32_t first, std::uint32_t second) {
  const auto around = geometry.detours.links.find(std::minmax(first, second));
  if (around != geometry.detours.links.end()) return first < second ? around->second : around->second.reversed();
  const Rect &from = geometry.hosts[first], &to = geometry.hosts[second];
  const float unit = geometry.unit;
  if (from.right() + 8 * unit < to.x) return Path::link(from.right_middle(), to.left_middle());
  if (to.right() + 8 * unit < from.x) return Path::link(from.left_middle(), to.right_middle());
  if (const std::optional<Path> direct = straight(geometry, first, second)) return *direct;
  // One above the other: round the right side.
  const float out = std::max(from.right(), to.right()) + 88 * unit;
  return Path::bezier(from.right_middle(), {out, from.center().y}, {out, to.center().y}, to.right_middle());
}

std::optional<MapRoute> route_between(const trace::Topology& topology, const MapGeometry& geometry, InterfaceId from,
                                      InterfaceId to) {
  if (from.value >= topology.interfaces.size()) return std::nullopt;
  const trace::InterfaceInfo& leaves = topology.interfaces[from.value];
  if (leaves.host.value >= geometry.hosts.size()) return std::nullopt;
  const std::uint32_t sender = leaves.host.value, network = leaves.network.value;
  const Rect& start = geometry.hosts[sender];
  const std::optional<Vec2> hub = geometry.ground.hub_of(network);
  if (to.value >= topology.interfaces.size()) {
    const Vec2 end = hub.value_or(Vec2{start.right() + 72 * geometry.unit, start.center().y});
    return MapRoute{stub(geometry, sender, network, end), {}, false};
  }
  const trace::InterfaceInfo& enters = topology.interfaces[to.value];
  if (enters.host.value >= geometry.hosts.size()) return std::nullopt;
  if (leaves.host == enters.host) {
    // Loopback: an arc above the card that clears its region's title.
    const float rise = 96 * geometry.unit, left = start.x + start.w * 0.25F, right = start.x + start.w * 0.75F;
    return MapRoute{
        Path::bezier({right, start.y}, {right, start.y - rise}, {left, start.y - rise}, {left, start.y}), {}, false};
  }
  if (!hub) return MapRoute{link_between(geometry, leaves.host.value, enters.host.value), {}, false};
  return MapRoute{stub(geometry, sender, network, *hub), stub(geometry, enters.host.value, network, *hub).reversed(),
                  true};
}

}  // namespace fourtuple::viz
