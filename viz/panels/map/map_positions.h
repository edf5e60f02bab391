// Where a person put hosts, to be remembered beside the scenario: by name, as parts of the map's width and height, so
// that they hold for every window. Plain data.
#pragma once

#include <string>
#include <vector>

#include "viz/kit/geometry.h"

namespace fourtuple::viz {

struct MapPosition {
  std::string host;
  Vec2 at;  // 0 to 1 is the part of the map that is in view at first; the middle of the host
  bool operator==(const MapPosition&) const = default;
};
using MapPositions = std::vector<MapPosition>;

}  // namespace fourtuple::viz
