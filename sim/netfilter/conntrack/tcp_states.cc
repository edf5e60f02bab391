#include "sim/netfilter/conntrack/tcp_states.h"

namespace fourtuple::netfilter {
namespace {

using enum TcpTracking;

constexpr TcpTransition go(TcpTracking next, std::string_view reason) {
  return {TcpMove::to_state, next, reason};
}
constexpr TcpTransition pass(std::string_view reason) {
  return {TcpMove::ignored, TcpTracking::none, reason};
}
constexpr TcpTransition bad(std::string_view reason) {
  return {TcpMove::invalid, TcpTracking::none, reason};
}

// SYN
constexpr TcpTransition opens = go(syn_sent, "the first SYN opens a connection");
constexpr TcpTransition syn_again = go(syn_sent, "the SYN was sent again");
constexpr TcpTransition reopens = go(syn_sent, "a SYN after the end opens a new connection with the same tuple");
constexpr TcpTransition crossed = go(syn_sent2, "both sides sent a SYN: simultaneous open");
constexpr TcpTransition syn_inside =
    pass("a SYN inside a connection: the other side knows better whether it is a new one");
constexpr TcpTransition syn_from_server = bad("the answering side does not send a SYN now");
constexpr TcpTransition unknown_reply = bad("there is no reply before the first packet");
// SYN-ACK
constexpr TcpTransition answered = go(syn_recv, "the SYN was answered");
constexpr TcpTransition crossed_answered = go(syn_recv, "one of the two crossing SYNs was answered");
constexpr TcpTransition answers_nothing = bad("a SYN-ACK without a SYN before it");
constexpr TcpTransition wrong_side = bad("the opening side does not send a SYN-ACK");
constexpr TcpTransition syn_ack_inside =
    pass("a SYN-ACK inside a connection: perhaps an answer to a SYN that was passed without being believed");
// FIN
constexpr TcpTransition fin_first = go(fin_wait, "the first FIN: this side sends no more");
constexpr TcpTransition fin_both = go(last_ack, "both sides have sent a FIN");
constexpr TcpTransition fin_again = go(last_ack, "the second FIN was sent again");
constexpr TcpTransition fin_late = go(time_wait, "a FIN again, its acknowledgement was lost");
constexpr TcpTransition fin_dead = go(close, "a FIN of a connection that was reset");
constexpr TcpTransition fin_early = bad("a FIN before the connection is open");
// ACK
constexpr TcpTransition picked_up = go(established, "the middle of a connection whose beginning was not seen");
constexpr TcpTransition completes = go(established, "the handshake is complete");
constexpr TcpTransition data = go(established, "data or an acknowledgement");
constexpr TcpTransition waits = go(syn_recv, "the answering side says more before the handshake is complete");
constexpr TcpTransition fin_acknowledged = go(close_wait, "the first FIN was acknowledged");
constexpr TcpTransition half_closed = go(close_wait, "the other side may still send");
constexpr TcpTransition last_acknowledged = go(time_wait, "the second FIN was acknowledged");
constexpr TcpTransition lingers = go(time_wait, "the last acknowledgement again");
constexpr TcpTransition ack_dead = go(close, "a late segment of a connection that was reset");
constexpr TcpTransition ack_early = bad("an acknowledgement before the SYN was answered");
constexpr TcpTransition challenge = pass("an acknowledgement instead of a SYN-ACK: perhaps of an older connection");
// RST
constexpr TcpTransition resets = go(close, "reset");
constexpr TcpTransition resets_nothing = bad("a reset of no connection");
constexpr TcpTransition nothing = bad("no flag that a TCP sends alone");

// Columns: none, syn_sent, syn_recv, established, fin_wait, close_wait, last_ack, time_wait, close, syn_sent2.
constexpr TcpTransition table[2][6][10] = {
    {
        // original direction: SYN, SYN-ACK, FIN, ACK, RST, none
        {opens, syn_again, syn_inside, syn_inside, syn_inside, syn_inside, syn_inside, reopens, reopens, crossed},
        {answers_nothing, wrong_side, crossed_answered, wrong_side, wrong_side, wrong_side, wrong_side, wrong_side,
         wrong_side, crossed_answered},
        {fin_early, fin_early, fin_first, fin_first, fin_both, fin_both, fin_again, fin_late, fin_dead, fin_early},
        {picked_up, ack_early, completes, data, fin_acknowledged, half_closed, last_acknowledged, lingers, ack_dead,
         ack_early},
        {resets_nothing, resets, resets, resets, resets, resets, resets, resets, resets, resets},
        {nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing},
    },
    {
        // reply direction
        {unknown_reply, crossed, syn_from_server, syn_from_server, syn_from_server, syn_from_server, syn_from_server,
         reopens, syn_from_server, crossed},
        {unknown_reply, answered, syn_ack_inside, syn_ack_inside, syn_ack_inside, syn_ack_inside, syn_ack_inside,
         syn_ack_inside, syn_ack_inside, crossed_answered},
        {unknown_reply, fin_early, fin_first, fin_first, fin_both, fin_both, fin_again, fin_late, fin_dead, fin_early},
        {unknown_reply, challenge, waits, data, fin_acknowledged, half_closed, last_acknowledged, lingers, ack_dead,
         challenge},
        {unknown_reply, resets, resets, resets, resets, resets, resets, resets, resets, resets},
        {nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing},
    },
};

}  // namespace

const TcpTransition& tcp_transition(int direction, TcpClass segment, TcpTracking before) {
  return table[direction][static_cast<std::size_t>(segment)][static_cast<std::size_t>(before)];
}

TcpClass tcp_class_of(const Packet& packet) {
  if (packet.has(TcpFlag::rst)) return TcpClass::rst;
  if (packet.has(TcpFlag::syn)) return packet.has(TcpFlag::ack) ? TcpClass::syn_ack : TcpClass::syn;
  if (packet.has(TcpFlag::fin)) return TcpClass::fin;
  return packet.has(TcpFlag::ack) ? TcpClass::ack : TcpClass::none;
}

bool tcp_flags_possible(std::uint8_t flags) {
  constexpr unsigned fin = TcpFlag::fin, syn = TcpFlag::syn, rst = TcpFlag::rst, ack = TcpFlag::ack, urg = TcpFlag::urg;
  switch (flags & (fin | syn | rst | ack | urg)) {
    case syn:
    case syn | urg:
    case syn | ack:
    case rst:
    case rst | ack:
    case fin | ack:
    case fin | ack | urg:
    case ack:
    case ack | urg:
      return true;
    default:
      return false;
  }
}

}  // namespace fourtuple::netfilter
