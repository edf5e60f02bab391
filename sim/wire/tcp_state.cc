#include "sim/wire/tcp_state.h"

namespace fourtuple {

std::string_view name_of(TcpState state) {
  switch (state) {
    case TcpState::established:
      return "ESTABLISHED";
    case TcpState::syn_sent:
      return "SYN-SENT";
    case TcpState::syn_received:
      return "SYN-RECEIVED";
    case TcpState::fin_wait_1:
      return "FIN-WAIT-1";
    case TcpState::fin_wait_2:
      return "FIN-WAIT-2";
    case TcpState::time_wait:
      return "TIME-WAIT";
    case TcpState::closed:
      return "CLOSED";
    case TcpState::close_wait:
      return "CLOSE-WAIT";
    case TcpState::last_ack:
      return "LAST-ACK";
    case TcpState::listen:
      return "LISTEN";
    case TcpState::closing:
      return "CLOSING";
  }
  return "?";
}

std::string_view ss_name_of(TcpState state) {
  switch (state) {
    case TcpState::established:
      return "ESTAB";
    case TcpState::syn_received:
      return "SYN-RECV";
    case TcpState::closed:
      return "UNCONN";
    default:
      return name_of(state);
  }
}

}  // namespace fourtuple
