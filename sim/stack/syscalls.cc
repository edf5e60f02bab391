#include "sim/stack/syscalls.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "sim/stack/asking.h"
#include "sim/stack/connect.h"
#include "sim/stack/descriptors.h"
#include "sim/stack/local.h"
#include "sim/stack/port_choice.h"
#include "sim/stack/ports.h"
#include "sim/stack/routing.h"
#include "sim/stack/sockets.h"
#include "sim/stack/tcp_socket.h"

namespace fourtuple::stack {
namespace {

using state::Errno;
using state::SocketFlag;
using trace::Call;

bool privileged(const Context& c, ProcessId process) {
  return c.system.process_cores[process.value].uid == 0;
}

// The pending error of a socket, which is reported once and cleared.
Errno take_error(Context& c, SocketId id) {
  const Errno error = c.socket(id).error;
  if (error != Errno::ok) change(c, c.socket(id).host, trace::SocketError{id, 0, {}});
  return error;
}

Errno not_an_own_address(Context& c, const Asking& ask, AddressId address) {
  const IpAddress& ip = c.address(address);
  const bool any_address = c.core(ask.socket).has(CoreFlag::free_bind) || c.host(ask.host()).sysctls.ip_nonlocal_bind;
  const bool usable = any_address || ip.is_wildcard() || ip.is_multicast() || ip.is_broadcast() ||
                      is_local_address(c.system, ask.host(), address);
  return usable ? Errno::ok : Errno::eaddrnotavail;
}

Errno needs_privilege(Context& c, const Asking& ask, AddressId address, std::uint16_t port) {
  const Host& host = c.host(ask.host());
  if (port == 0 || port >= host.sysctls.unprivileged_port_start || privileged(c, ask.process)) return Errno::ok;
  if (host.port_rules == PortRules::macos && c.address(address).is_wildcard()) return Errno::ok;  // since macOS 10.14
  return Errno::eacces;
}

// Why bind() fails before any other socket is looked at: the checks of Linux's inet_bind and inet6_bind, which differ
// in their order.
Errno cannot_bind(Context& c, const Asking& ask, AddressId address, std::uint16_t port) {
  const state::Socket& socket = ask.seen();
  const bool v6_address = c.address(address).family == Family::ipv6;
  const bool has_port = socket.tuple.local_port != 0 && !has_lost_port(c, ask.socket);
  const Errno bound = has_port ? Errno::einval : Errno::ok;
  const Errno not_own = not_an_own_address(c, ask, address), privilege = needs_privilege(c, ask, address, port);
  const auto first = [](std::initializer_list<Errno> errors) {
    for (const Errno error : errors)
      if (error != Errno::ok) return error;
    return Errno::ok;
  };
  if (socket.family == Family::ipv4) return v6_address ? Errno::eafnosupport : first({not_own, privilege, bound});
  const bool multicast = v6_address && c.address(address).is_multicast() && socket.protocol == Protocol::tcp;
  const bool barred = !v6_address && socket.has(SocketFlag::v6_only);
  return first({multicast ? Errno::einval : Errno::ok, privilege, bound, barred ? Errno::einval : Errno::ok, not_own});
}

// Why nothing can be written: the order of checks in Linux's tcp_sendmsg.
Errno cannot_write(Context& c, SocketId id) {
  const Errno pending = take_error(c, id);
  if (pending != Errno::ok) return pending;
  const state::Socket& socket = c.socket(id);
  if (socket.has(SocketFlag::write_shut)) return Errno::epipe;
  switch (socket.tcp_state) {
    case TcpState::established:
    case TcpState::close_wait:
      return Errno::ok;
    case TcpState::syn_sent:
    case TcpState::syn_received:
      return Errno::eagain;
    default:
      return Errno::epipe;
  }
}

Errno cannot_read(const state::Socket& socket) {
  if (socket.tcp_state == TcpState::listen) return Errno::enotconn;
  if (socket.tcp_state == TcpState::closed && !socket.has(SocketFlag::connected)) return Errno::enotconn;
  return Errno::ok;
}

bool stream_ended(const state::Socket& socket) {
  switch (socket.tcp_state) {
    case TcpState::close_wait:
    case TcpState::closing:
    case TcpState::last_ack:
    case TcpState::time_wait:
    case TcpState::closed:
      return true;
    default:
      return socket.has(SocketFlag::read_shut);
  }
}

Result receive_stream(Asking& ask, std::uint32_t limit, Payload& part) {
  Context& c = ask.c;
  const Errno error = cannot_read(ask.seen());
  if (error != Errno::ok) return ask.answer(error);
  if (tcp_read(c, ask.socket, limit, part)) return {Errno::ok, static_cast<std::int32_t>(part.length), ask.socket};
  part.length = 0;
  // After a FIN recv() says 0, whatever happened since: only send() and SO_ERROR tell (SOCK_DONE in tcp_recvmsg).
  if (ask.seen().error == Errno::epipe) return ask.answer(Errno::ok);
  const Errno pending = take_error(c, ask.socket);
  if (pending != Errno::ok) return ask.answer(pending);
  if (!stream_ended(ask.seen())) return {Errno::eagain, 0, ask.socket};
  if (!c.core(ask.socket).has(CoreFlag::end_read)) {
    c.mut_core(ask.socket).flags |= CoreFlag::end_read;
    tcp_settle(c, ask.socket);
  }
  return ask.answer(Errno::ok);
}

Result receive_datagram(Asking& ask, std::uint32_t limit, Payload& part, Peer& peer) {
  const Errno pending = take_error(ask.c, ask.socket);
  if (pending != Errno::ok) return ask.answer(pending);
  Datagram datagram;
  if (!udp_receive(ask.c, ask.socket, datagram)) return {Errno::eagain, 0, ask.socket};
  part = {datagram.content, datagram.content_offset, std::min(datagram.length, limit)};
  peer = {datagram.source, datagram.source_port};
  ask.tuple = ask.seen().tuple;
  ask.tuple.remote = peer.address;
  ask.tuple.remote_port = peer.port;
  return ask.answer(Errno::ok, static_cast<std::int32_t>(part.length));
}

}  // namespace

Result sys_socket(Context& c, ProcessId process, Protocol protocol, Family family) {
  Asking ask{c, process, Call::socket};
  ask.fd = free_descriptor(c, process);
  if (ask.fd < 0) return ask.answer(Errno::emfile);
  ask.socket = create_socket(c, ask.host(), process, protocol, family, SocketId::none());
  c.mut_core(ask.socket).uid = c.system.process_cores[process.value].uid;
  c.mut_core(ask.socket).kind = protocol == Protocol::udp ? CoreKind::datagram : CoreKind::plain;
  give_descriptor(c, process, ask.fd, ask.socket);
  return ask.answer(Errno::ok, ask.fd);
}

Result sys_set_flags(Context& c, ProcessId process, std::int32_t fd, std::uint8_t flags, bool on) {
  Asking ask{c, process, Call::setsockopt, fd};
  const Errno error = ask.find();
  if (error != Errno::ok) return ask.answer(error);
  const state::Socket& socket = ask.seen();
  const auto after = static_cast<std::uint8_t>(on ? socket.flags | flags : socket.flags & ~flags);
  change(c, ask.host(), trace::SocketBound{ask.socket, socket.tuple.local, socket.tuple.local_port, after});
  return ask.answer(Errno::ok);
}

Result sys_linger(Context& c, ProcessId process, std::int32_t fd, std::uint32_t wait_s) {
  Asking ask{c, process, Call::setsockopt, fd};
  const Errno error = ask.find();
  if (error != Errno::ok) return ask.answer(error);
  std::uint16_t& flags = c.mut_core(ask.socket).flags;
  flags = static_cast<std::uint16_t>(wait_s == 0 ? flags | CoreFlag::no_linger : flags & ~CoreFlag::no_linger);
  return ask.answer(Errno::ok);
}

Result sys_set_option(Context& c, ProcessId process, std::int32_t fd, SocketOption option, std::int32_t value) {
  Asking ask{c, process, Call::setsockopt, fd};
  const Errno error = ask.find();
  if (error != Errno::ok) return ask.answer(error);
  if (is_of_tcp(option) && ask.seen().protocol != Protocol::tcp) return ask.answer(Errno::eopnotsupp);
  return ask.answer(set_option(c, ask.socket, option, value));
}

Result sys_get_error(Context& c, ProcessId process, std::int32_t fd) {
  Asking ask{c, process, Call::getsockopt, fd};
  Errno error = ask.find();
  if (error != Errno::ok) return ask.answer(error);
  error = take_error(c, ask.socket);
  const SocketExtra* extra = extra_of(c, ask.socket);
  if (error == Errno::ok && extra != nullptr && extra->soft_error != Errno::ok)
    error = std::exchange(mut_extra(c, ask.socket).soft_error, Errno::ok);
  return ask.answer(error);
}

Result sys_bind(Context& c, ProcessId process, std::int32_t fd, AddressId address, std::uint16_t port) {
  Asking ask{c, process, Call::bind, fd};
  Errno error = ask.find();
  ask.tuple = {address, ask.socket.valid() ? wildcard_of(ask.seen().family) : wildcard_v4, port, 0};
  if (error != Errno::ok) return ask.answer(error);
  address = ask.tuple.local = without_mapping(c.system.addresses, address);
  error = cannot_bind(c, ask, address, port);
  if (error != Errno::ok) return ask.answer(error);
  if (port == 0 && c.core(ask.socket).has(CoreFlag::bind_no_port)) {
    fix_address(c, ask.socket, address, 0);
    return ask.answer(Errno::ok);
  }
  const bool lent = port == 0;
  if (lent) {
    port = choose_bind_port(c, ask.socket, address);
    if (port == 0) return ask.answer(Errno::eaddrinuse);
    ask.tuple.local_port = port;
  } else {
    ask.conflict = bind_conflict(c, ask.socket, address, port);
    if (ask.conflict.valid()) return ask.answer(Errno::eaddrinuse);
  }
  forget_peer(c, ask.socket);
  std::uint16_t& flags = c.mut_core(ask.socket).flags;
  flags &= static_cast<std::uint16_t>(~(CoreFlag::auto_port | CoreFlag::lent_port));
  if (lent) flags |= CoreFlag::lent_port;
  become_bound(c, ask.socket, address, port);
  return ask.answer(Errno::ok);
}

Result sys_listen(Context& c, ProcessId process, std::int32_t fd, std::uint32_t backlog) {
  Asking ask{c, process, Call::listen, fd};
  Errno error = ask.find();
  if (error == Errno::enotsock && ask.find_local()) return local_listen(ask, backlog);
  if (error != Errno::ok) return ask.answer(error);
  if (ask.seen().protocol != Protocol::tcp) return ask.answer(Errno::eopnotsupp);
  SocketCore& core = c.mut_core(ask.socket);
  if (core.kind == CoreKind::connection) return ask.answer(Errno::einval);
  forget_peer(c, ask.socket);
  error = autobind(c, ask.socket, Errno::eaddrinuse);
  if (error != Errno::ok) return ask.answer(error);
  const TcpState before = ask.seen().tcp_state;
  // A second listener that got past bind() by SO_REUSEADDR is stopped here.
  if (before != TcpState::listen) {
    ask.conflict = bind_conflict(c, ask.socket, ask.seen().tuple.local, ask.seen().tuple.local_port);
    if (ask.conflict.valid()) return ask.answer(Errno::eaddrinuse);
  }
  core.kind = CoreKind::listener;
  ask.tuple = ask.seen().tuple;
  const std::uint32_t limit = std::min<std::uint32_t>(backlog, c.host(ask.host()).sysctls.somaxconn);
  change(c, ask.host(), trace::SocketListening{ask.socket, limit});
  if (before != TcpState::listen)
    change(c, ask.host(), trace::SocketStateChanged{ask.socket, before, TcpState::listen, {}});
  return ask.answer(Errno::ok);
}

Result sys_accept(Context& c, ProcessId process, std::int32_t fd) {
  Asking ask{c, process, Call::accept, fd};
  const Errno error = ask.find();
  if (error == Errno::ebadf) return ask.answer(error);
  // The kernel takes the number before it looks at the queue: without one the connection stays there.
  const std::int32_t made = free_descriptor(c, process);
  if (made < 0) {
    if (ask.socket.valid()) c.system.starved.push_back({process, ask.socket});
    return ask.answer(Errno::emfile);
  }
  if (ask.find_local()) return local_accept(ask, made);
  if (error != Errno::ok) return ask.answer(error);
  if (ask.seen().protocol != Protocol::tcp) return ask.answer(Errno::eopnotsupp);
  if (c.core(ask.socket).kind != CoreKind::listener) return ask.answer(Errno::einval);
  const SocketId taken = tcp_take_completed(c, ask.socket);
  if (!taken.valid()) return {Errno::eagain, 0, ask.socket};
  give_descriptor(c, process, made, taken);
  ask.tuple = c.socket(taken).tuple;
  ask.socket = taken;
  return ask.answer(Errno::ok, made);
}

Result sys_connect(Context& c, ProcessId process, std::int32_t fd, Peer peer) {
  Asking ask{c, process, Call::connect, fd};
  const Errno error = ask.find();
  peer.address = destination_of(c, peer.address);
  if (error != Errno::ok) return ask.answer(error);
  ask.tuple = {ask.seen().tuple.local, peer.address, ask.seen().tuple.local_port, peer.port};
  const bool stream = ask.seen().protocol == Protocol::tcp;
  const Errno outcome = stream ? connect_tcp(c, ask.socket, peer) : connect_udp(c, ask.socket, peer);
  if (outcome == Errno::ok || outcome == Errno::einprogress) ask.tuple = ask.seen().tuple;
  return ask.answer(outcome);
}

Result sys_send(Context& c, ProcessId process, std::int32_t fd, const Payload& payload) {
  Asking ask{c, process, Call::send, fd};
  Errno error = ask.find();
  if (error == Errno::enotsock && ask.find_local()) return local_send(ask, payload);
  if (error != Errno::ok) return ask.answer(error);
  if (ask.seen().protocol == Protocol::udp) {
    if (!ask.seen().has(SocketFlag::connected)) return ask.answer(Errno::edestaddrreq);
    error = take_error(c, ask.socket);
    if (error == Errno::ok)
      error = udp_send(c, ask.socket, ask.seen().tuple.remote, ask.seen().tuple.remote_port, payload);
    return ask.answer(error, static_cast<std::int32_t>(payload.length));
  }
  error = cannot_write(c, ask.socket);
  if (error != Errno::ok) return error == Errno::eagain ? Result{error, 0, ask.socket} : ask.answer(error);
  const std::uint32_t taken = tcp_write(c, ask.socket, payload);
  if (taken == 0 && payload.length != 0) return {Errno::eagain, 0, ask.socket};
  return ask.answer(Errno::ok, static_cast<std::int32_t>(taken));
}

Result sys_sendto(Context& c, ProcessId process, std::int32_t fd, const Payload& payload, Peer peer) {
  Asking ask{c, process, Call::sendto, fd};
  Errno error = ask.find();
  if (error != Errno::ok) return ask.answer(error);
  if (ask.seen().protocol == Protocol::tcp) return sys_send(c, process, fd, payload);
  peer.address = destination_of(c, peer.address);
  error = cannot_reach(c, ask.socket, peer.address);
  if (error == Errno::ok) error = autobind(c, ask.socket, Errno::eagain);
  ask.tuple = {ask.seen().tuple.local, peer.address, ask.seen().tuple.local_port, peer.port};
  if (error == Errno::ok) error = udp_send(c, ask.socket, peer.address, peer.port, payload);
  return ask.answer(error, static_cast<std::int32_t>(payload.length));
}

Result sys_receive(Context& c, ProcessId process, std::int32_t fd, std::uint32_t limit, Payload& part, Peer& peer) {
  Asking ask{c, process, Call::receive, fd};
  const Errno error = ask.find();
  if (error == Errno::enotsock && ask.find_local()) return local_receive(ask, limit, part);
  if (error != Errno::ok) return ask.answer(error);
  if (ask.seen().protocol == Protocol::udp) return receive_datagram(ask, limit, part, peer);
  return receive_stream(ask, limit, part);
}

Result sys_shutdown(Context& c, ProcessId process, std::int32_t fd, Shut how) {
  Asking ask{c, process, Call::shutdown, fd};
  const Errno error = ask.find();
  if (error == Errno::enotsock && ask.find_local()) return local_shutdown(ask, how);
  if (error != Errno::ok) return ask.answer(error);
  const state::Socket& socket = ask.seen();
  if (socket.tcp_state == TcpState::listen && socket.protocol == Protocol::tcp) {
    if (how != Shut::write) tcp_stop_listening(c, ask.socket);
    return ask.answer(Errno::ok);
  }
  const bool connected = socket.protocol == Protocol::udp ? socket.has(SocketFlag::connected)
                                                          : c.core(ask.socket).kind == CoreKind::connection &&
                                                                socket.tcp_state != TcpState::time_wait;
  if (!connected) return ask.answer(Errno::enotconn);
  std::uint8_t flags = socket.flags;
  if (how != Shut::write) flags |= SocketFlag::read_shut;
  if (how != Shut::read) flags |= SocketFlag::write_shut;
  change(c, ask.host(), trace::SocketBound{ask.socket, socket.tuple.local, socket.tuple.local_port, flags});
  if (socket.protocol != Protocol::tcp) return ask.answer(Errno::ok);
  if (how != Shut::write) tcp_shutdown_read(c, ask.socket);
  if (how != Shut::read && c.core(ask.socket).connection != nil) tcp_shutdown_write(c, ask.socket);
  return ask.answer(Errno::ok);
}

}  // namespace fourtuple::stack
