// The part of the timeline's bars that a filter takes. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "viz/panels/timeline/timeline_model.h"

namespace fourtuple::viz {

// For each bar of the model how high its matches stand, 0 to 1, on the scale of all packets. `positions`: their
// packet_created records, ascending.
std::vector<float> match_bars(const trace::Index& index, const std::vector<std::uint64_t>& positions,
                              const TimelineModel& model);

}  // namespace fourtuple::viz
