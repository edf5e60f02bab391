// The states of a TCP connection (RFC 9293 section 3.3.2), numbered as Linux numbers them (include/net/tcp_states.h) so
// that /proc views and traces agree. Persistent: never renumber.
#pragma once

#include <cstdint>
#include <string_view>

namespace fourtuple {

enum class TcpState : std::uint8_t {
  established = 1,
  syn_sent = 2,
  syn_received = 3,
  fin_wait_1 = 4,
  fin_wait_2 = 5,
  time_wait = 6,
  closed = 7,
  close_wait = 8,
  last_ack = 9,
  listen = 10,
  closing = 11,
};

// RFC 9293 spelling: "SYN-RECEIVED".
std::string_view name_of(TcpState state);
// The spelling of `ss`: "SYN-RECV", "ESTAB", "UNCONN" for closed.
std::string_view ss_name_of(TcpState state);

}  // namespace fourtuple
