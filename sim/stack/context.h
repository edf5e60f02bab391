// What every function of the stack works on: the kernels, the trace it writes and the instant.
#pragma once

#include "sim/stack/system.h"
#include "sim/state/apply.h"
#include "sim/trace/trace.h"

namespace fourtuple::stack {

struct Context {
  System& system;
  trace::Trace& trace;
  Time now;

  const state::Socket& socket(SocketId id) const { return system.visible.sockets[id.value]; }
  const SocketCore& core(SocketId id) const { return system.cores[id.value]; }
  SocketCore& mut_core(SocketId id) { return system.cores.mut(id.value); }
  Host& host(HostId id) { return system.hosts[id.value]; }
  const IpAddress& address(AddressId id) const { return system.addresses[id]; }
};

// Records a fact and makes it true: the only way visible state changes.
template <class Event>
void change(Context& c, HostId host, const Event& event) {
  state::apply(c.system.visible, host, event);
  c.trace.append(c.now, host, event);
}

// Records something that changes no visible state.
template <class Event>
void note(Context& c, HostId host, const Event& event) {
  c.trace.append(c.now, host, event);
}

inline void enter_stage(Context& c, HostId host, const Packet& packet, trace::Stage stage,
                        InterfaceId interface = InterfaceId::none()) {
  if (c.trace.wants(trace::Level::stages))
    c.trace.append(c.now, host, trace::StageEntered{packet.id, stage, interface});
}

inline void drop(Context& c, HostId host, const Packet& packet, trace::DropReason reason, trace::Stage stage,
                 SocketId socket = SocketId::none()) {
  change(c, host, trace::PacketDropped{packet.id, reason, stage, NetworkId::none(), socket});
}

// Tells the World that the owner of `socket` has something to do; once per instant and socket.
inline void make_ready(Context& c, SocketId socket) {
  SocketCore& core = c.mut_core(socket);
  if (core.app == nil || core.has(CoreFlag::in_ready_list)) return;
  core.flags |= CoreFlag::in_ready_list;
  c.system.outbox.ready.push_back(socket);
}

}  // namespace fourtuple::stack
