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

// From so many sockets on, caches do not hold their state and memory decides how long a fold takes.
inline constexpr std::uint32_t crowd = 1u << 14;

// Makes `to` a copy of `from`, in memory of its own where it has some (state::assign).
void assign(NetState& to, const NetState& from);
// What a copy costs besides the pages it shares with `before`.
std::uint64_t bytes_beyond(const state::State& state, const state::State& before);

// Hints the processor to load a record, or what a record will change.
inline void prefetch_record(const trace::Trace& trace, std::uint64_t position) {
  const auto* record = reinterpret_cast<const char*>(trace.at(position));
  __builtin_prefetch(record);
  __builtin_prefetch(record + 3 * sizeof(trace::Slot) - 1);  // the longest one that is common
}
void prefetch_changed(const state::State& state, const trace::Slot& record);

}  // namespace fourtuple::replay
