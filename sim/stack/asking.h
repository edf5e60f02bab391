// One system call under way. Included by the files that make up the system calls.
#pragma once

#include "sim/stack/syscalls.h"

namespace fourtuple::stack {

// One system call under way: finds the socket, and records the answer once.
struct Asking {
  Context& c;
  ProcessId process;
  trace::Call call;
  std::int32_t fd = -1;
  SocketId socket{};
  FourTuple tuple{};
  SocketId conflict{};
  LocalId local{};
  StringId path{};
  std::int32_t second_fd = -1;

  HostId host() const { return c.system.visible.processes[process.value].host; }
  const state::Socket& seen() const { return c.socket(socket); }

  // EBADF and ENOTSOCK. Fills `socket`.
  state::Errno find() {
    const state::Descriptor* descriptor = state::find_descriptor(c.system.visible, process, fd);
    if (descriptor == nullptr) return state::Errno::ebadf;
    if (descriptor->kind != state::DescriptorKind::socket) return state::Errno::enotsock;
    socket = descriptor->socket;
    return state::Errno::ok;
  }
  // Whether the descriptor leads to a thing of this kernel alone. Fills `local`.
  bool find_local() {
    const state::Descriptor* descriptor = state::find_descriptor(c.system.visible, process, fd);
    if (descriptor == nullptr || !descriptor->leads_to_local()) return false;
    local = descriptor->local();
    return true;
  }
  Result answer(state::Errno error, std::int32_t value = 0) const {
    const bool moves_data = call == trace::Call::send || call == trace::Call::sendto || call == trace::Call::receive ||
                            call == trace::Call::read || call == trace::Call::write;
    if (moves_data && error == state::Errno::ok && !c.trace.wants(trace::Kind::data_call))
      return {error, value, socket, local};
    const trace::Syscall event{process, call,     static_cast<std::uint8_t>(error),
                               fd,      socket,   error == state::Errno::ok ? value : -1,
                               tuple,   conflict, local,
                               path,    second_fd};
    if (moves_data && error == state::Errno::ok) {
      note(c, host(), trace::DataCall{event});
    } else {
      note(c, host(), event);
    }
    return {error, value, socket, local};
  }
};

}  // namespace fourtuple::stack
