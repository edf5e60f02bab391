// Ways around the cards of hosts that a link does not join, so that nobody seems to stand on a way he is not on. Links
// also keep clear of the names of networks and of other hubs, where that can be. Pure.
#pragma once

#include <vector>

#include "viz/panels/map/map_route.h"

namespace fourtuple::viz {

// Above that many hosts all links are direct: they are too many to follow one by one.
constexpr std::size_t most_hosts_with_detours = 250;

// Whether the way runs through the rectangle.
bool passes(const Path& path, const Rect& r);

// For those links whose direct way passes something and for which a way around it is found; `words` are the names of
// networks. `places` tells crowds, which others pass; `geometry` has no detours yet.
MapDetours find_detours(const MapGraph& graph, const MapPlaces& places, const MapGeometry& geometry,
                        const std::vector<Rect>& words);

}  // namespace fourtuple::viz
