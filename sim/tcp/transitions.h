// The legal state transitions of TCP as data, apart from the actions that cause them. Data only: the viewer draws its
// state diagram from this table, and every state change in the endpoint is checked against it (see enter()).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "sim/tcp/state.h"

namespace fourtuple::tcp {

// Why a connection changes state. Stored in traces: never renumber.
enum class Cause : std::uint8_t {
  active_open = 0,
  passive_open = 1,
  syn_received = 2,
  syn_ack_received = 3,
  ack_of_syn = 4,
  close = 5,
  fin_received = 6,
  ack_of_fin = 7,
  fin_and_ack_of_fin = 8,
  reset_received = 9,
  abort = 10,
  gave_up = 11,
  time_wait_over = 12,
};

constexpr const char* name(Cause cause) {
  constexpr const char* names[] = {"active open",        "passive open", "SYN received",     "SYN and ACK received",
                                   "ACK of SYN",         "close",        "FIN received",     "ACK of FIN",
                                   "FIN and ACK of FIN", "RST received", "abort (RST sent)", "gave up waiting",
                                   "2MSL over"};
  return names[static_cast<int>(cause)];
}

struct Transition {
  State from;
  Cause cause;
  State to;
  const char* clause;  // where the transition is specified
};

// In the order of the diagram in RFC 9293 section 3.3.2, top to bottom; then the ways out that the figure leaves out.
inline constexpr auto transitions = std::to_array<Transition>({
    {State::closed, Cause::passive_open, State::listen, "RFC 9293 3.10.1"},
    {State::closed, Cause::active_open, State::syn_sent, "RFC 9293 3.10.1"},
    {State::listen, Cause::syn_received, State::syn_received, "RFC 9293 3.10.7.2"},
    {State::listen, Cause::close, State::closed, "RFC 9293 3.10.4"},
    {State::syn_sent, Cause::syn_ack_received, State::established, "RFC 9293 3.10.7.3"},
    {State::syn_sent, Cause::syn_received, State::syn_received, "RFC 9293 3.10.7.3"},
    {State::syn_sent, Cause::close, State::closed, "RFC 9293 3.10.4"},
    {State::syn_received, Cause::ack_of_syn, State::established, "RFC 9293 3.10.7.4 fifth"},
    {State::syn_received, Cause::close, State::fin_wait_1, "RFC 9293 3.10.4"},
    {State::established, Cause::close, State::fin_wait_1, "RFC 9293 3.10.4"},
    {State::established, Cause::fin_received, State::close_wait, "RFC 9293 3.10.7.4 eighth"},
    {State::fin_wait_1, Cause::ack_of_fin, State::fin_wait_2, "RFC 9293 3.10.7.4 fifth"},
    {State::fin_wait_1, Cause::fin_received, State::closing, "RFC 9293 3.10.7.4 eighth"},
    {State::fin_wait_1, Cause::fin_and_ack_of_fin, State::time_wait, "RFC 9293 3.10.7.4 eighth"},
    {State::fin_wait_2, Cause::fin_received, State::time_wait, "RFC 9293 3.10.7.4 eighth"},
    {State::close_wait, Cause::close, State::last_ack, "RFC 9293 3.10.4"},
    {State::closing, Cause::ack_of_fin, State::time_wait, "RFC 9293 3.10.7.4 fifth"},
    {State::last_ack, Cause::ack_of_fin, State::closed, "RFC 9293 3.10.7.4 fifth"},
    {State::time_wait, Cause::time_wait_over, State::closed, "RFC 9293 3.10.8"},

    {State::syn_sent, Cause::reset_received, State::closed, "RFC 9293 3.10.7.3"},
    {State::syn_received, Cause::reset_received, State::closed, "RFC 9293 3.10.7.4 second"},
    {State::established, Cause::reset_received, State::closed, "RFC 9293 3.10.7.4 second"},
    {State::fin_wait_1, Cause::reset_received, State::closed, "RFC 9293 3.10.7.4 second"},
    {State::fin_wait_2, Cause::reset_received, State::closed, "RFC 9293 3.10.7.4 second"},
    {State::close_wait, Cause::reset_received, State::closed, "RFC 9293 3.10.7.4 second"},
    {State::closing, Cause::reset_received, State::closed, "RFC 9293 3.10.7.4 second"},
    {State::last_ack, Cause::reset_received, State::closed, "RFC 9293 3.10.7.4 second"},
    {State::time_wait, Cause::reset_received, State::closed, "RFC 9293 3.10.7.4 second"},
    {State::syn_received, Cause::abort, State::closed, "RFC 9293 3.10.5"},
    {State::established, Cause::abort, State::closed, "RFC 9293 3.10.5"},
    {State::fin_wait_1, Cause::abort, State::closed, "RFC 9293 3.10.5"},
    {State::fin_wait_2, Cause::abort, State::closed, "RFC 9293 3.10.5"},
    {State::close_wait, Cause::abort, State::closed, "RFC 9293 3.10.5"},
    {State::closing, Cause::abort, State::closed, "RFC 9293 3.10.5"},
    {State::last_ack, Cause::abort, State::closed, "RFC 9293 3.10.5"},
    {State::syn_sent, Cause::gave_up, State::closed, "RFC 9293 3.8.3"},
    {State::syn_received, Cause::gave_up, State::closed, "RFC 9293 3.8.3"},
    {State::established, Cause::gave_up, State::closed, "RFC 9293 3.8.3"},
    {State::fin_wait_1, Cause::gave_up, State::closed, "RFC 9293 3.8.3"},
    {State::fin_wait_2, Cause::gave_up, State::closed, "Linux tcp_fin_timeout"},
    {State::close_wait, Cause::gave_up, State::closed, "RFC 9293 3.8.3"},
    {State::closing, Cause::gave_up, State::closed, "RFC 9293 3.8.3"},
    {State::last_ack, Cause::gave_up, State::closed, "RFC 9293 3.8.3"},
});

// legal_targets[from] has bit `to` set if some cause leads there.
inline constexpr std::array<std::uint16_t, state_limit> legal_targets = [] {
  std::array<std::uint16_t, state_limit> rows{};
  for (const Transition& t : transitions)
    rows[static_cast<int>(t.from)] |= static_cast<std::uint16_t>(1u << static_cast<int>(t.to));
  return rows;
}();

constexpr bool is_legal(State from, State to) {
  return (legal_targets[static_cast<int>(from)] >> static_cast<int>(to) & 1) != 0;
}

}  // namespace fourtuple::tcp
