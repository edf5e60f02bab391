// The sheet beside a map with too many packets for labels: how many there are, what is below the pointer, the busiest
// links, and what went wrong in the last second. The model is pure; drawing on the main thread.
#pragma once

#include <string>
#include <vector>

#include "viz/kit/interact.h"
#include "viz/panel/context.h"
#include "viz/panels/map/map_panel.h"

namespace fourtuple::viz {

struct DenseTrouble {
  std::string words;  // "dropped at sw: the interface's queue was full"
  std::uint64_t count = 0;
  enum class Sign : std::uint8_t { drop, again, reset } sign = Sign::drop;
};
struct DenseModel {
  std::vector<MapLinkLoad> busiest;  // most packets first, at most five
  std::vector<std::string> names;    // of their networks
  std::vector<DenseTrouble> trouble;
};
DenseModel build_dense(const PanelContext& context, const MapTraffic& traffic);

class DenseSheet {
 public:
  // True when "Next drop" was pressed.
  bool draw(const Ui& ui, const Rect& area, const PanelContext& context, const MapPanel& map);

 private:
  DenseModel model_;
  std::uint64_t made_of_ = 0;  // version of the map's traffic
};

}  // namespace fourtuple::viz
