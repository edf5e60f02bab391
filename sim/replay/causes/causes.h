// Why something happened, from the records of a trace: the chain of causes of any event, and the event that is worth
// asking about at an instant. What `fourtuple why` prints and the window's Why panel shows. Pure; one thread.
#pragma once

#include <cstdint>

#include "sim/replay/causes/cause.h"
#include "sim/replay/causes/scene.h"

namespace fourtuple::replay {

// What a person means by "this": parts may be none().
struct CauseSubject {
  PacketId packet;
  SocketId socket;
};

// The chain behind the record at `record`. Never empty for a record of the trace.
CauseChain causes_of(const CauseSources& sources, std::uint64_t record);

// The record to ask about when the time cursor stands at `boundary`: the latest thing that happened to the subject,
// else the most telling record of the latest instant: a failed call rather than the packet that made it fail.
// trace::Index::none before the first record.
std::uint64_t record_to_explain(const CauseSources& sources, std::uint64_t boundary, const CauseSubject& subject);

}  // namespace fourtuple::replay
