// What stands out among the conversations of a capture, in sentences: "3 TCP conversations reset by the server".
#pragma once

#include <string>

#include "capture/analysis/tcp_analysis.h"

namespace fourtuple::app {

// A line for each thing that happened at least once; "" when nothing stands out.
std::string expert_text(const std::vector<capture::Flow>& flows, const capture::TcpAnalysis& analysis);

}  // namespace fourtuple::app
