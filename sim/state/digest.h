// A fingerprint of a State: equal states have equal digests, whatever way they were reached.
#pragma once

#include <cstdint>

#include "sim/state/state.h"

namespace fourtuple::state {

// Walks counters, then live processes with their descriptors, then live sockets with their TCP variables, in id order.
std::uint64_t state_digest(const State& state);

}  // namespace fourtuple::state
