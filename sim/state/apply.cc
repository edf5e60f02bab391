#include "sim/state/apply.h"

#include "sim/state/after_image.h"
#include "sim/state/apply_checks.h"
#include "sim/trace/codec.h"

namespace fourtuple::state {
namespace {

bool known(const State& state, HostId host) {
  return host.value < state.hosts.size();
}

bool is_state(TcpState tcp_state) {
  return tcp_state >= TcpState::established && tcp_state <= TcpState::closing;
}

}  // namespace

bool apply(State& state, HostId host, const trace::SocketCreated& event) {
  if (!known(state, host) || !may_claim(state.sockets, event.socket.value, max_sockets)) return false;
  if (event.family != Family::ipv4 && event.family != Family::ipv6) return false;
  state.sockets.claim(event.socket.value);
  Socket& socket = state.sockets.mut(event.socket.value);
  const AddressId any = event.family == Family::ipv4 ? wildcard_v4 : wildcard_v6;
  socket.tuple = {any, any, 0, 0};
  socket.host = host;
  socket.owner = event.owner;
  if (alive(state, event.owner)) {
    socket.uid = state.processes[event.owner.value].uid;
  } else if (alive(state, event.listener)) {
    socket.uid = state.sockets[event.listener.value].uid;
  }
  socket.inode = event.inode;
  socket.listener = event.listener;
  socket.protocol = event.protocol;
  socket.family = event.family;
  socket.flags = event.flags;
  if (event.socket.value < state.tcp_variables.size()) state.tcp_variables.mut(event.socket.value) = {};
  return true;
}

bool apply(State& state, HostId, const trace::SocketBound& event) {
  if (!alive(state, event.socket)) return false;
  Socket& socket = state.sockets.mut(event.socket.value);
  socket.tuple.local = event.address;
  socket.tuple.local_port = event.port;
  socket.flags = event.flags;
  return true;
}

bool apply(State& state, HostId, const trace::SocketConnected& event) {
  if (!alive(state, event.socket)) return false;
  Socket& socket = state.sockets.mut(event.socket.value);
  socket.tuple = event.tuple;
  socket.flags |= SocketFlag::connected;
  if (socket.protocol == Protocol::udp) socket.tcp_state = TcpState::established;
  return true;
}

bool apply(State& state, HostId, const trace::SocketListening& event) {
  if (!alive(state, event.socket)) return false;
  Socket& socket = state.sockets.mut(event.socket.value);
  socket.send_queue = event.backlog;
  return true;
}

bool apply(State& state, HostId, const trace::SocketStateChanged& event) {
  if (!alive(state, event.socket) || !is_state(event.to)) return false;
  put(state, event);
  return true;
}

bool apply(State& state, HostId, const trace::SocketOwner& event) {
  if (!alive(state, event.socket)) return false;
  Socket& socket = state.sockets.mut(event.socket.value);
  socket.owner = event.owner;
  socket.fd = event.fd;
  return true;
}

bool apply(State& state, HostId, const trace::SocketError& event) {
  if (!alive(state, event.socket)) return false;
  state.sockets.mut(event.socket.value).error = static_cast<Errno>(event.error);
  return true;
}

bool apply(State& state, HostId, const trace::SocketClosed& event) {
  if (!alive(state, event.socket)) return false;
  state.sockets.unclaim(event.socket.value);
  return true;
}

bool apply(State& state, HostId, const trace::SocketQueues& event) {
  if (!alive(state, event.socket)) return false;
  put(state, event);
  return true;
}

bool apply(State& state, HostId, const trace::TcpVariablesChanged& event) {
  if (!alive(state, event.socket)) return false;
  put(state, event);
  return true;
}

bool apply_record(State& state, const trace::Slot* slots) {
  using trace::Kind;
  const HostId host = slots->host_id();
  switch (slots->kind) {
    case Kind::packet_sent:
      return apply(state, host, trace::PacketSent{});
    case Kind::packet_dropped:
      return apply(state, host, trace::PacketDropped{});
    case Kind::packet_delivered:
      return apply(state, host, trace::PacketDelivered{});
    case Kind::process_started:
      return apply(state, host, trace::unpack_process_started(slots));
    case Kind::process_activity:
      return apply(state, host, trace::unpack_process_activity(slots));
    case Kind::process_ended:
      return apply(state, host, trace::unpack_process_ended(slots));
    case Kind::descriptor_opened:
      return apply(state, host, trace::unpack_descriptor_opened(slots));
    case Kind::descriptor_closed:
      return apply(state, host, trace::unpack_descriptor_closed(slots));
    case Kind::descriptor_flags:
      return apply(state, host, trace::unpack_descriptor_flags(slots));
    case Kind::process_forked:
      return apply(state, host, trace::unpack_process_forked(slots));
    case Kind::process_limit:
      return apply(state, host, trace::unpack_process_limit(slots));
    case Kind::local_created:
      return apply(state, host, trace::unpack_local_created(slots));
    case Kind::local_changed:
      return apply(state, host, trace::unpack_local_changed(slots));
    case Kind::local_owner:
      return apply(state, host, trace::unpack_local_owner(slots));
    case Kind::local_closed:
      return apply(state, host, trace::unpack_local_closed(slots));
    case Kind::local_queues:
      return apply(state, host, trace::unpack_local_queues(slots));
    case Kind::socket_created:
      return apply(state, host, trace::unpack_socket_created(slots));
    case Kind::socket_bound:
      return apply(state, host, trace::unpack_socket_bound(slots));
    case Kind::socket_connected:
      return apply(state, host, trace::unpack_socket_connected(slots));
    case Kind::socket_listening:
      return apply(state, host, trace::unpack_socket_listening(slots));
    case Kind::socket_state:
      return apply(state, host, trace::unpack_socket_state(slots));
    case Kind::socket_owner:
      return apply(state, host, trace::unpack_socket_owner(slots));
    case Kind::socket_error:
      return apply(state, host, trace::unpack_socket_error(slots));
    case Kind::socket_closed:
      return apply(state, host, trace::unpack_socket_closed(slots));
    case Kind::socket_queues:
      return apply(state, host, trace::unpack_socket_queues(slots));
    case Kind::tcp_variables:
      return apply(state, host, trace::unpack_tcp_variables(slots));
    case Kind::conntrack_created:
      return apply(state, host, slots->at, trace::unpack_conntrack_created(slots));
    case Kind::conntrack_seen:
      return apply(state, host, slots->at, trace::unpack_conntrack_seen(slots));
    case Kind::conntrack_marked:
      return apply(state, host, trace::unpack_conntrack_marked(slots));
    case Kind::conntrack_destroyed:
      return apply(state, host, trace::unpack_conntrack_destroyed(slots));
    case Kind::netfilter_object:
      return apply(state, host, trace::unpack_netfilter_object(slots));
    case Kind::set_element_added:
      return apply(state, host, slots->at, trace::unpack_set_element_added(slots));
    case Kind::set_element_removed:
      return apply(state, host, trace::unpack_set_element_removed(slots));
    case Kind::ruleset_loaded:
      return apply(state, host, trace::unpack_ruleset_loaded(slots));
    default:
      return true;
  }
}

}  // namespace fourtuple::state
