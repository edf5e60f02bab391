// What a stretch of a trace leaves behind: its records without those that change no state, and without those whose
// every effect a later record of the stretch overwrites. The commonest records are after-images (a connection's
// variables, what lies in its queues, its state); of each socket's only the last one counts. With a million sockets,
// whose state no cache holds, applying the shortlist takes a fraction of the time of applying all.
//
// Packets that are sent, dropped and delivered only add to their host's counters; they are never in a shortlist.
//
// Law (tested): the state after a shortlist is that after all records, if none of them contradicts the state.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/replay/net_state.h"

namespace fourtuple::replay {

// Positions of records, ascending. (A trace has fewer than 2^30 slots.)
struct Shortlist {
  enum Image : std::uint8_t { variables, queues, tcp_state };
  static constexpr std::size_t image_kinds = 3;

  std::vector<std::uint32_t> ordered;  // to be applied first, one after the other
  // After-images that nothing in the stretch follows which is about their socket: in any order, each kind in one go, so
  // that the processor can tell what comes.
  std::array<std::vector<std::uint32_t>, image_kinds> images;

  std::size_t size() const;
  std::uint64_t bytes() const { return size() * sizeof(std::uint32_t); }
};

// The shortlist of what `before` lists and then of the records from `from` up to `boundary`. REQUIRES: records begin at
// `from`, all of `before` lie before it, and `boundary` is published.
Shortlist shorten(const trace::Trace& trace, const Shortlist& before, std::uint64_t from, std::uint64_t boundary);

// Applies what is listed; does not move net.position, nor count packets. REQUIRES: it contradicts nothing.
void apply_listed(NetState& net, const trace::Trace& trace, const Shortlist& list);

// Does what fold_to() does, the quick way. REQUIRES: no record up to `boundary` contradicts the state.
void fold_far(NetState& net, const trace::Trace& trace, std::uint64_t boundary);

}  // namespace fourtuple::replay
