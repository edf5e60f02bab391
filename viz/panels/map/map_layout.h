// Where hosts stand on the network map: columns from clients over routers to servers, members of one network together
// in a tinted region, and a hub where three or more share a network. Deterministic: the same graph, sizes and area give
// the same places. Pure; framebuffer pixels; no ImGui.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "viz/kit/geometry.h"

namespace fourtuple::viz {

enum class MapRole : std::uint8_t { client, router, server };

struct MapGraph {
  struct Host {
    MapRole role = MapRole::client;
    std::vector<std::uint32_t> networks;  // without loopback, ascending
  };
  std::vector<Host> hosts;                          // by HostId
  std::vector<std::vector<std::uint32_t>> members;  // hosts of each network, by NetworkId, ascending
  std::vector<float> titles;                        // room each network's name needs, framebuffer pixels; may be empty
};

// How much a host shows: card with interfaces, programs and sockets (only where a person zoomed in), card with
// programs, header only, name beside an icon, or a small box.
enum class MapDetail : std::uint8_t { rich, full, header, chip, dot };
constexpr std::size_t map_details = 5;
using MapSizes = std::array<std::vector<Vec2>, map_details>;  // of each host at each detail

// Where more than this many hosts of one network stand together they are a crowd: one small square each and no links
// of their own.
constexpr std::size_t crowd_from = 200;

struct MapPlaces {
  MapDetail detail = MapDetail::full;
  std::vector<Vec2> centers;           // of hosts, in the area's coordinates
  std::vector<std::uint32_t> columns;  // of hosts, 0 at the left
  std::vector<std::uint32_t> homes;    // of hosts: the network in whose region it stands, 0xffffffff for none
  std::vector<bool> in_crowd;          // of hosts
  float crowd_square = 0;              // framebuffer pixels a side
  float squeeze = 1;  // below 1: too many even for small boxes, which are drawn at this part of their size
};

// Picks the richest detail at which everything fits into `area` without overlap. `unit` is one design pixel. A host
// more on a network leaves all others in their columns and in their order; they move by no more than makes room for it,
// unless the detail changes.
MapPlaces place_hosts(const MapGraph& graph, const MapSizes& sizes, Vec2 area, float unit);

// The richest detail not above `limit` at which no two hosts overlap when standing at `centers`. Crowds do not count.
MapDetail detail_for(const MapSizes& sizes, const std::vector<Vec2>& centers, const std::vector<bool>& in_crowd,
                     MapDetail limit, float gap);

struct MapRegion {
  std::uint32_t network = 0;
  Rect r;
  std::size_t hosts = 0;  // in it; a network may have several regions
  bool crowd = false;
};

struct MapHub {
  std::uint32_t network = 0;
  Vec2 at;
  bool at_router = false;  // drawn as that router
};

// Regions around the members of a network that stand in the same column, and hubs of networks with three or more
// members, for hosts standing at `rects`.
struct MapGround {
  std::vector<MapRegion> regions;
  std::vector<MapHub> hubs;
  std::optional<Vec2> hub_of(std::uint32_t network) const;
  // The region of the crowd that stands there; nullptr for none.
  const Rect* crowd_around(std::uint32_t network, Vec2 at) const;
};
MapGround lay_ground(const MapGraph& graph, const MapPlaces& places, const std::vector<Rect>& rects, float unit);

}  // namespace fourtuple::viz
