#include "sim/stack/connect.h"

#include "sim/stack/demux.h"
#include "sim/stack/port_choice.h"
#include "sim/stack/ports.h"
#include "sim/stack/routing.h"
#include "sim/stack/sockets.h"
#include "sim/stack/tcp_socket.h"

namespace fourtuple::stack {
namespace {

using state::Errno;
using state::SocketFlag;

// Whether the kernel has to choose a port: there is none, or the one it chose for a connect() that failed is released.
bool needs_port(const Context& c, SocketId id) {
  return c.socket(id).tuple.local_port == 0 || has_lost_port(c, id);
}

// The tuple of a connect(), and the connection in TIME-WAIT whose place it takes, if any.
struct ChosenTuple {
  Errno error = Errno::ok;
  FourTuple tuple;
  SocketId predecessor;
};

// Without a port of its own the socket gets one for this destination, so that the same port serves many servers.
ChosenTuple choose_tuple(Context& c, SocketId id, AddressId local, Peer peer) {
  const state::Socket& socket = c.socket(id);
  const bool choose = needs_port(c, id);
  const std::uint16_t port =
      choose ? choose_connect_port(c, id, local, peer.address, peer.port) : socket.tuple.local_port;
  if (port == 0) return {Errno::eaddrnotavail, {}, {}};
  ChosenTuple chosen{Errno::ok, {local, peer.address, port, peer.port}, {}};
  chosen.predecessor = {c.system.by_tuple.find({chosen.tuple, socket.host})};
  if (chosen.predecessor.valid() && !may_succeed(c, chosen.predecessor, !choose)) chosen.error = Errno::eaddrnotavail;
  if (choose && chosen.error == Errno::ok) c.mut_core(id).flags |= CoreFlag::auto_port;
  return chosen;
}

}  // namespace

Errno cannot_reach(const Context& c, SocketId id, AddressId destination) {
  const state::Socket& socket = c.socket(id);
  const bool to_v6 = c.address(destination).family == Family::ipv6;
  if (socket.family == Family::ipv4) return to_v6 ? Errno::eafnosupport : Errno::ok;
  const IpAddress& own = c.address(socket.tuple.local);
  const bool v6_bound = own.family == Family::ipv6 && !own.is_wildcard();
  if (!to_v6) return socket.has(SocketFlag::v6_only) || v6_bound ? Errno::enetunreach : Errno::ok;
  return own.family == Family::ipv4 ? Errno::eafnosupport : Errno::ok;
}

Errno autobind(Context& c, SocketId id, Errno exhausted) {
  const state::Socket& socket = c.socket(id);
  if (!needs_port(c, id)) return Errno::ok;
  c.mut_core(id).flags &= static_cast<std::uint16_t>(~CoreFlag::auto_port);
  const std::uint16_t port = choose_bind_port(c, id, socket.tuple.local);
  if (port == 0) return exhausted;
  become_bound(c, id, socket.tuple.local, port);
  return Errno::ok;
}

void forget_peer(Context& c, SocketId id) {
  const state::Socket& socket = c.socket(id);
  if (socket.tuple.remote_port == 0) return;
  const AddressId any = wildcard_of(socket.family);
  const AddressId local = socket.has(SocketFlag::bound) ? socket.tuple.local : any;
  const bool holds_port = c.core(id).has(CoreFlag::in_port_chain);
  leave_port(c, id);
  change(c, socket.host, trace::SocketConnected{id, {local, any, socket.tuple.local_port, 0}});
  if (holds_port) enter_port(c, id);
}

AddressId destination_of(Context& c, AddressId address) {
  address = without_mapping(c.system.addresses, address);
  if (!c.address(address).is_wildcard()) return address;
  return c.address(address).family == Family::ipv4 ? loopback_v4 : loopback_v6;
}

Errno connect_tcp(Context& c, SocketId id, Peer peer) {
  const state::Socket& socket = c.socket(id);
  // A connection that ended leaves its socket connected (SS_CONNECTED), however it ended.
  if (c.core(id).kind == CoreKind::listener || c.core(id).has(CoreFlag::was_connected)) return Errno::eisconn;
  if (c.core(id).kind == CoreKind::connection)
    return socket.tcp_state == TcpState::syn_sent ? Errno::ealready : Errno::eisconn;
  const Errno barred = cannot_reach(c, id, peer.address);
  if (barred != Errno::ok) return barred;
  const Route route = route_to(c.system, socket.host, peer.address);
  if (route.kind == Route::Kind::unreachable) return Errno::enetunreach;
  const bool wildcard = c.address(socket.tuple.local).is_wildcard();
  const AddressId local = wildcard ? source_address_for(c.system, route) : socket.tuple.local;
  if (!local.valid()) return Errno::enetunreach;
  const ChosenTuple chosen = choose_tuple(c, id, local, peer);
  if (chosen.error != Errno::ok) return chosen.error;
  tcp::Succession succession;
  if (chosen.predecessor.valid()) {
    succession = tcp::succession_of(c.system.connections[c.core(chosen.predecessor).connection]);
    tcp_yield_tuple(c, chosen.predecessor);
  }
  leave_port(c, id);
  change(c, socket.host, trace::SocketConnected{id, chosen.tuple});
  c.mut_core(id).kind = CoreKind::connection;
  enter_connection(c, id);
  enter_port(c, id);
  tcp_open(c, id, chosen.predecessor.valid() ? &succession : nullptr);
  return Errno::einprogress;
}

Errno connect_udp(Context& c, SocketId id, Peer peer) {
  const state::Socket& socket = c.socket(id);
  const Errno barred = cannot_reach(c, id, peer.address);
  if (barred != Errno::ok) return barred;
  const Route route = route_to(c.system, socket.host, peer.address);
  if (route.kind == Route::Kind::unreachable) return Errno::enetunreach;
  const Errno error = autobind(c, id, Errno::eagain);
  if (error != Errno::ok) return error;
  const bool wildcard = c.address(socket.tuple.local).is_wildcard();
  const AddressId local = wildcard ? source_address_for(c.system, route) : socket.tuple.local;
  leave_port(c, id);
  change(c, socket.host, trace::SocketConnected{id, {local, peer.address, socket.tuple.local_port, peer.port}});
  enter_port(c, id);  // the last one connected is found first
  if (socket.tcp_state != TcpState::established)
    change(c, socket.host, trace::SocketStateChanged{id, socket.tcp_state, TcpState::established, {}});
  return Errno::ok;
}

}  // namespace fourtuple::stack
