// System calls: what a process may ask of its kernel, with the errno Linux gives. Each call leaves a syscall record.
//
// Calls never block. Where a real process would sleep, the call returns EAGAIN (EINPROGRESS for connect) and the World
// calls the process again when its socket is ready. Calls that open, copy and close descriptors are in descriptors.h,
// those of AF_UNIX and pipes in local.h; listen, accept, send, receive and shutdown are for these, too.
#pragma once

#include "sim/stack/context.h"
#include "sim/stack/options.h"
#include "sim/stack/udp.h"

namespace fourtuple::stack {

struct Result {
  state::Errno error = state::Errno::ok;
  std::int32_t value = 0;  // bytes, a descriptor, or 0
  SocketId socket{};       // the socket meant or made
  LocalId local{};         // in its place an AF_UNIX socket, a pipe, an epoll instance
};

struct Peer {
  AddressId address;
  std::uint16_t port = 0;
};

// EMFILE: the process may have no more descriptors; so do all calls that make one.
Result sys_socket(Context& c, ProcessId process, Protocol protocol, Family family);
// Sets SO_REUSEADDR, SO_REUSEPORT, IPV6_V6ONLY (state::SocketFlag bits) on or off.
Result sys_set_flags(Context& c, ProcessId process, std::int32_t fd, std::uint8_t flags, bool on);
// SO_LINGER on, with time 0: close() will reset the connection. Any other time makes a blocking close() wait, which is
// the caller's affair.
Result sys_linger(Context& c, ProcessId process, std::int32_t fd, std::uint32_t wait_s);
// EINVAL: out of range; EOPNOTSUPP: an option of TCP, on another socket.
Result sys_set_option(Context& c, ProcessId process, std::int32_t fd, SocketOption option, std::int32_t value);
// SO_ERROR: the pending error, which is told once; else the last ICMP error about the connection.
Result sys_get_error(Context& c, ProcessId process, std::int32_t fd);
// Port 0: the kernel chooses. EACCES below ip_unprivileged_port_start unless the user is root, EADDRINUSE,
// EADDRNOTAVAIL (not an address of this host), EINVAL (bound already), EAFNOSUPPORT. An IPv4 address on an IPv6 socket
// stands for its mapped form ::ffff:a.b.c.d, here and in connect() and sendto().
Result sys_bind(Context& c, ProcessId process, std::int32_t fd, AddressId address, std::uint16_t port);
Result sys_listen(Context& c, ProcessId process, std::int32_t fd, std::uint32_t backlog);
// EMFILE leaves the connection in the queue; the World is told when the process closes something.
Result sys_accept(Context& c, ProcessId process, std::int32_t fd);
// TCP: EINPROGRESS when the SYN is on its way. UDP: fixes the peer.
Result sys_connect(Context& c, ProcessId process, std::int32_t fd, Peer peer);
// TCP: bytes taken (EAGAIN when the send buffer is full). UDP: one datagram to the connected peer.
Result sys_send(Context& c, ProcessId process, std::int32_t fd, const Payload& payload);
Result sys_sendto(Context& c, ProcessId process, std::int32_t fd, const Payload& payload, Peer peer);
// Value 0 without error: the peer has finished. `part` says what was read, `peer` who sent it (UDP).
Result sys_receive(Context& c, ProcessId process, std::int32_t fd, std::uint32_t limit, Payload& part, Peer& peer);
enum class Shut : std::uint8_t { read, write, both };
Result sys_shutdown(Context& c, ProcessId process, std::int32_t fd, Shut how);

}  // namespace fourtuple::stack
