// The visible state of all hosts as a fold over the records of a trace.
#pragma once

#include <cstdint>

#include "sim/state/state.h"
#include "sim/trace/trace.h"

namespace fourtuple::replay {

struct NetState {
  state::State state;
  std::uint64_t position = 0;  // boundary: all records before it are in `state`
  Time time{0};                // of the last record in it, or where the cursor was sent
  std::uint64_t refused = 0;   // records that contradict the state (only in a damaged trace); they were left out
};

// The state before the first record: counters for every host of the topology, nothing else.
NetState initial_state(const trace::Trace& trace);
// Applies the records from `net.position` up to `boundary`. REQUIRES: a boundary not before net.position.
void fold_to(NetState& net, const trace::Trace& trace, std::uint64_t boundary);
// A fresh fold from the start up to `boundary`.
NetState fold(const trace::Trace& trace, std::uint64_t boundary);

}  // namespace fourtuple::replay
