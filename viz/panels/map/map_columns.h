// Which column of the map each host stands in, and in which order: clients, routers, servers from left to right;
// members of one network together; as few crossings as a few sweeps find. A step of place_hosts; pure.
#pragma once

#include <cstdint>
#include <vector>

#include "viz/panels/map/map_layout.h"

namespace fourtuple::viz {

constexpr std::uint32_t no_network = 0xffffffffu;
constexpr std::uint32_t unplaced = no_network;
// Of a region around the hosts of a network, in unscaled pixels.
constexpr float region_padding = 16, region_label = 32;

// Hosts of one column that share a network; a router is a group of its own.
struct MapGroup {
  std::uint32_t network = no_network;
  std::vector<std::uint32_t> hosts;
};
using MapColumn = std::vector<MapGroup>;

struct MapColumns {
  std::vector<MapColumn> columns;     // from the left, groups from the top
  std::vector<std::uint32_t> column;  // of each host
  std::vector<std::uint32_t> home;    // of each host: the network in whose region it stands, or no_network
};
// A host added to a network changes the column of no other host.
MapColumns arrange_columns(const MapGraph& graph);

}  // namespace fourtuple::viz
