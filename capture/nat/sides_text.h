// Conversations seen on both sides of a router, in words and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "capture/nat/sides.h"

namespace fourtuple::capture {

// "192.168.1.10:40000 → 93.184.216.34:80 (lan0) is the same flow as 203.0.113.5:40000 → 93.184.216.34:80 (wan0),
// confidence 98 %: ISN both ways, 12 of 12 payloads, TTL one less; source NAT, port kept"
std::string pair_words(const BothSides& sides, const FlowPair& pair);
// "the clock of outside.pcap is 1.750 s ahead of inside.pcap's: taken off; confidence 95 %, from …". `index`: in
// BothSides::proposals.
std::string offset_words(const BothSides& sides, std::size_t index);
// Lines of the report; empty where nothing was seen at two places.
std::string sides_text(const BothSides& sides);
// For notes under the picture. `joined`: the trace shows each pair as one.
std::vector<std::string> notes_of(const BothSides& sides, bool joined);

nlohmann::ordered_json to_json(const BothSides& sides);

}  // namespace fourtuple::capture
