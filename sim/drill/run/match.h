// Whether a packet of the kernel is the one a script expects, both in the script's numbers.
#pragma once

#include <optional>
#include <string>

#include "sim/drill/run/segment.h"

namespace fourtuple::drill {

// "ack is 1001, not 1"; none when it is the packet. Values of timestamps are the caller's affair.
std::optional<std::string> mismatch(const PacketSpec& expected, const Segment& actual);
// The packet a script expects, or gives, as its line says it.
std::string text_of(const PacketSpec& packet);

// Puts what belongs together back together: whether `next` goes on where `whole` ends, as one large segment that the
// kernel handed down would. `whole` then is longer.
bool append_segment(Segment& whole, const Segment& next);

}  // namespace fourtuple::drill
