// What apply() asks before it changes a State.
#pragma once

#include "sim/state/apply.h"

namespace fourtuple::state {

inline bool alive(const State& state, ProcessId process) {
  return state.processes.alive(process.value);
}
inline bool alive(const State& state, SocketId socket) {
  return state.sockets.alive(socket.value);
}

// Whether a record may begin to use the place `index` of a pool that holds at most `most`.
template <class T>
bool may_claim(const Pool<T>& pool, std::uint32_t index, std::uint32_t most) {
  return index < most && index <= std::uint64_t{pool.end()} + id_slack && !pool.alive(index);
}

}  // namespace fourtuple::state
