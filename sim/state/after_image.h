// What the commonest records do: they set fields of a socket whatever these were. Apart from apply(), which first looks
// whether the socket exists, for folds that know it does. REQUIRES (all): the socket is alive.
#pragma once

#include <cstring>

#include "sim/state/state.h"
#include "sim/trace/events.h"

namespace fourtuple::state {

inline void put(State& state, const trace::SocketStateChanged& event) {
  state.sockets.mut(event.socket.value).tcp_state = event.to;
}

inline void put(State& state, const trace::SocketQueues& event) {
  Socket& socket = state.sockets.mut(event.socket.value);
  socket.receive_queue = event.receive;
  socket.send_queue = event.send;
}

inline void put(State& state, const trace::TcpVariablesChanged& event) {
  while (state.tcp_variables.size() <= event.socket.value) state.tcp_variables.push_back({});
  static_assert(sizeof(event.image) == sizeof(TcpVariables));
  std::memcpy(&state.tcp_variables.mut(event.socket.value), event.image, sizeof(TcpVariables));
}

}  // namespace fourtuple::state
