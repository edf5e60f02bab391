// The way of packets between two interfaces on the map: one curve, or two that meet in a network's hub. Pure.
#pragma once

#include <map>
#include <utility>

#include "viz/kit/path.h"
#include "viz/panels/map/map_scene.h"

namespace fourtuple::viz {

// Links that lead around what the direct curve would run behind; see map_detours.h.
struct MapDetours {
  using Key = std::pair<std::uint32_t, std::uint32_t>;
  std::map<Key, Path> links;  // by two hosts, from the lower to the higher
  std::map<Key, Path> stubs;  // by host and network, from the host to the network's hub
};

// Where everything stands now, in framebuffer pixels.
struct MapGeometry {
  MapDetail detail = MapDetail::full;
  std::vector<Rect> hosts;  // by HostId
  MapGround ground;
  float unit = 1;  // one design pixel
  MapDetours detours;
};

struct MapRoute {
  Path first, second;
  bool bent = false;  // `second` follows `first`

  float length() const { return first.length() + (bent ? second.length() : 0); }
  Vec2 point_at(float fraction) const;
  Vec2 direction_at(float fraction) const;
  MapRoute shifted(float pixels) const;
};

// `to` none: as far as the network's hub or half way out. Nothing when the interfaces are unknown to the map.
std::optional<MapRoute> route_between(const trace::Topology& topology, const MapGeometry& geometry, InterfaceId from,
                                      InterfaceId to);
// The curve between a host and a point, leaving the host at the side that faces the point.
Path stub(const Rect& host, Vec2 to);
// The same for a host in a network: around others, and out of its crowd through a door that all share.
Path stub(const MapGeometry& geometry, std::uint32_t host, std::uint32_t network, Vec2 to);
// The way between two hosts: a curve, straight down to one below when nothing stands between, or a detour.
Path link_between(const MapGeometry& geometry, std::uint32_t from, std::uint32_t to);

}  // namespace fourtuple::viz
