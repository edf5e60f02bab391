// `--clock-offset`: how the clocks of several captures are set.
#pragma once

#include <string>
#include <vector>

#include "capture/nat/sides.h"
#include "sim/base/outcome.h"

namespace fourtuple::app {

// "none", or for each file after the first the time to add: "-1.75 s". No texts: as proposed.
Outcome<capture::ClockChoice> read_clocks(const std::vector<std::string>& texts, std::size_t files);

}  // namespace fourtuple::app
