// Which packets are on their way at the cursor and how far, and the ways they take. Steps of build_traffic; pure.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "sim/replay/lanes.h"
#include "viz/panel/context.h"
#include "viz/panels/map/map_route.h"

namespace fourtuple::viz {

// A packet on the map before it has a form. `part` of its way is behind it, 0 to 1.
struct Moving {
  replay::Transit transit;
  float part = 0;
};

// All of them, link by link.
std::vector<Moving> all_moving(const PanelContext& context);

bool from_capture(const PanelContext& context);
// At least a nanosecond.
Duration span_of(double ns);
// Where `now` lies between two times; 1 when they are the same.
float part_of(Time now, Time from, Time to);
// Simulated nanoseconds that pass in one second of real time at the cursor, at the chosen speed.
double pace_ns_per_s(const PanelContext& context);

// Ways between interfaces, each computed once.
class MapRoutes {
 public:
  MapRoutes(const PanelContext& context, const MapGeometry& geometry)
      : topology_(context.trace.tables().topology), geometry_(geometry) {}
  // Valid until this object ends; nothing when the interfaces are unknown to the map.
  const std::optional<MapRoute>& at(InterfaceId from, InterfaceId to);

 private:
  const trace::Topology& topology_;
  const MapGeometry& geometry_;
  std::map<std::uint64_t, std::optional<MapRoute>> known_;
  std::uint64_t last_key_ = 0;
  const std::optional<MapRoute>* last_ = nullptr;  // packets come link by link
};

}  // namespace fourtuple::viz
