// The TCP analysis of a conversation as JSON; docs/capture-json.md says what each key means.
#pragma once

#include <nlohmann/json.hpp>

#include "capture/analysis/tcp_analysis.h"

namespace fourtuple::capture {

// {"retransmission": [2, 0], …}: segments with each mark, [a to b, b to a].
nlohmann::ordered_json flags_json(const TcpConversation& conversation);

// Adds what the segments add up to: round trips, bytes in flight, windows, rates, who ended it.
void add_measures(const Flow& flow, const TcpConversation& conversation, nlohmann::ordered_json& out);

// "1700000000.000000042": seconds with 9 digits.
std::string seconds_text(std::int64_t ns);

}  // namespace fourtuple::capture
