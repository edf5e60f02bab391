// The steps of build_traffic, a file each. Pure.
#pragma once

#include "viz/panels/map/map_moving.h"
#include "viz/panels/map/map_traffic.h"

namespace fourtuple::viz {

// Flows that passed a link lately, side by side, as wide as they were busy; none where too much moves to see them.
void add_ribbons(const PanelContext& context, MapRoutes& routes, const MapGeometry& geometry, MapTraffic& traffic);
// Links above ribbon_from: what is on them now, by flow.
void add_crowds(const PanelContext& context, MapRoutes& routes, const MapGeometry& geometry,
                const std::vector<Moving>& moving, MapTraffic& traffic);
void add_drops(const PanelContext& context, MapRoutes& routes, const MapGeometry& geometry, MapTraffic& traffic);

}  // namespace fourtuple::viz
