// Which conversations of a capture are one that was seen on both sides of a router, what was translated in between, and
// how far the clocks of the files are apart.
//
// TCP: initial sequence numbers, sequence and acknowledgment numbers must be the same, so a proxy, which makes a
// connection of its own, never pairs. UDP and ICMP echo: the payload. All else makes it more or less sure: IP
// identification, TTL that is less by the same amount, TCP timestamps, order in time, an end that stays as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capture/nat/match.h"

namespace fourtuple::capture {

// Two conversations that are one; `near` is the side of the one who began it.
struct FlowPair {
  std::uint32_t near = 0, far = 0;   // Sightings::flows
  bool flipped = false;              // far's a is near's b
  int hops = 0;                      // by how much the TTL is less behind; 0: not, or not steadily
  int confidence = 0;                // percent, 1 to 99
  std::vector<std::string> reasons;  // "ISN both ways", "12 of 12 payloads", "TTL one less"
  std::uint32_t matched = 0;         // packets seen at both places
};

// The ends of a pair's far side in the near side's order: first who began.
struct FarEnds {
  IpAddress a, b;
  std::uint16_t a_port = 0, b_port = 0;
};
FarEnds far_ends(const Sightings& seen, const FlowPair& pair);

struct TranslatedEnds {
  bool source = false, source_port = false, destination = false, destination_port = false;
  bool any() const { return source || source_port || destination || destination_port; }
};
TranslatedEnds translated(const Sightings& seen, const FlowPair& pair);
// "source NAT (masquerade), port kept", "destination NAT, port changed", "routed, not translated".
std::string translation_words(const Sightings& seen, const FlowPair& pair);

constexpr int least_confidence = 75;  // less is no pair

// Sorted by the near conversation. A conversation is the near side of one pair and the far side of one at most, so that
// three places make a chain.
std::vector<FlowPair> pair_flows(const Sightings& seen, const SightingGroups& groups);

}  // namespace fourtuple::capture
