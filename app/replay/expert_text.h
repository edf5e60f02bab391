// What stands out among the conversations of a capture, in sentences: "3 TCP conversations reset by the server".
#pragma once

#include <string>

#include "capture/analysis/tcp_analysis.h"
#include "capture/frame.h"

namespace fourtuple::app {

// A line for each thing that happened at least once; "" when nothing stands out. `interfaces`: of the capture, whose
// drops explain gaps.
std::string expert_text(const std::vector<capture::Flow>& flows, const capture::TcpAnalysis& analysis,
                        const std::vector<capture::CaptureInterface>& interfaces = {});

}  // namespace fourtuple::app
