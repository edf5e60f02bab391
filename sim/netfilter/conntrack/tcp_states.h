// The TCP tracker's state machine: what a segment of one class does to a connection in one state, and why. Where the
// table says `ignored` the segment passes without being believed; `invalid` ones are left to the ruleset.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/netfilter/conntrack/tables.h"
#include "sim/wire/packet.h"

namespace fourtuple::netfilter {

using state::TcpTracking;

enum class TcpMove : std::uint8_t { to_state, ignored, invalid };

struct TcpTransition {
  TcpMove move = TcpMove::invalid;
  TcpTracking next = TcpTracking::none;  // with to_state
  std::string_view reason;
};

// direction: 0 original, 1 reply.
const TcpTransition& tcp_transition(int direction, TcpClass segment, TcpTracking before);

// What decides a segment's class: RST before SYN before FIN before ACK.
TcpClass tcp_class_of(const Packet& packet);
// Whether a TCP may send this combination of flags at all.
bool tcp_flags_possible(std::uint8_t flags);

}  // namespace fourtuple::netfilter
