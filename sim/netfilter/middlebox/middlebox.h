// A translator described in the words of RFC 4787: which outside port a new flow gets (mapping) and who may send to it
// (filtering). For lessons about boxes that are not Linux: it has no rules, no windows, no states, only mappings.
//
// A mapping shows as a connection tracking entry. What the mapping does not depend on is the wildcard address and port
// 0 in its tuples.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/index_map.h"
#include "sim/base/time.h"
#include "sim/netfilter/context.h"

namespace fourtuple::netfilter {

// Sends a packet of the inside on through the translator. False: no port is left, drop it. REQUIRES: at postrouting.
bool translate_outbound(Context& c, Walk& walk);
enum class Inbound : std::uint8_t { not_ours, translated, filtered };
// A packet that came to the outside address. REQUIRES: at prerouting.
Inbound translate_inbound(Context& c, Walk& walk);

}  // namespace fourtuple::netfilter
