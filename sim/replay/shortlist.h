// What a stretch of a trace leaves behind: its records without those that change no state, and without those whose
// every effect a later record of the stretch overwrites. Many records are after-images (a connection's variables, what
// lies in a queue); of each socket's only the last one counts. With a million sockets, whose state no cache holds,
// applying the shortlist takes a fraction of the time of applying all.
//
// Packets that are sent, dropped and delivered only add to their host's counters; they are never in a shortlist.
//
// Law (tested): the state after a shortlist is that after all records, if none of them contradicts the state.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/replay/net_state.h"

namespace fourtuple::replay {

// Positions of records, ascending. (A trace has fewer than 2^32 slots.)
using Shortlist = std::vector<std::uint32_t>;

// The shortlist of what `before` lists and then of the records from `from` up to `boundary`. REQUIRES: records begin at
// `from`, all of `before` lie before it, and `boundary` is published.
Shortlist shorten(const trace::Trace& trace, const Shortlist& before, std::uint64_t from, std::uint64_t boundary);

// Applies listed records; does not move net.position, nor count packets.
void apply_listed(NetState& net, const trace::Trace& trace, const Shortlist& list);

// Does what fold_to() does, the quick way. REQUIRES: no record up to `boundary` contradicts the state.
void fold_far(NetState& net, const trace::Trace& trace, std::uint64_t boundary);

}  // namespace fourtuple::replay
