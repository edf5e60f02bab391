// Sequence numbers counted from the start of each direction of a connection. Pure; any thread.
#pragma once

#include <optional>

#include "sim/replay/packet_index.h"

namespace fourtuple::viz {

struct SequenceBase {
  std::optional<SeqNumber> own;    // the number that counts as 0 in the packet's direction
  std::optional<SeqNumber> other;  // in the other direction
};

// Bases for the direction in which `packet` travels. Without a SYN the first segment seen counts as 1.
SequenceBase sequence_base(const replay::PacketIndex& packets, std::uint32_t flow, const Packet& packet);

}  // namespace fourtuple::viz
