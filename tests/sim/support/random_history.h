// Random but consistent traces for laws.
#pragma once

#include "tests/sim/replay/trace_builder.h"

namespace fourtuple::test {

// Processes and sockets that come, change and go, and packets between them, drawn from a seed: about `events` records
// at times that never go back. Every record is consistent with the state before it.
void add_random_history(TraceBuilder& builder, std::uint64_t seed, std::uint32_t events, std::uint32_t hosts = 4);

}  // namespace fourtuple::test
