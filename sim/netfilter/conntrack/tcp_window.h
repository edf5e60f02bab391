// The TCP tracker's window check: does a segment fit what both sides have sent and offered so far? After Guido van
// Rooij's "Real Stateful TCP Packet Filtering in IP Filter" with Linux's allowances. SACK blocks are not modelled.
#pragma once

#include "sim/netfilter/conntrack/tracker.h"

namespace fourtuple::netfilter {

enum class WindowVerdict : std::uint8_t {
  inside,
  tolerated,  // accepted only because the check is liberal here; nothing is learned from it
  ignored,    // may pass, but changes nothing: an old segment or slightly more than was offered
  outside,    // invalid
};

// One past the last sequence number of the segment; SYN and FIN count.
SeqNumber segment_end(const Packet& packet);
// Takes scale and SACK permission from a SYN's options and forgets all other notes but be_liberal; a SYN without any
// option changes nothing.
void note_options(TcpSide& side, const Packet& packet);
// Judges a segment and, when it is inside, learns from it. `before` is the connection's state before the segment.
WindowVerdict check_window(TcpTracker& tracker, const Sighting& sighting, state::TcpTracking before, TcpClass segment);

}  // namespace fourtuple::netfilter
