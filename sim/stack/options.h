// Socket options that most sockets never set, and how long a socket is patient with its peer because of them.
#pragma once

#include <string_view>

#include "sim/stack/context.h"

namespace fourtuple::stack {

enum class SocketOption : std::uint8_t {
  keep_alive,     // SO_KEEPALIVE: 0 or not
  keep_idle,      // TCP_KEEPIDLE, s: 1 to 32767
  keep_interval,  // TCP_KEEPINTVL, s: 1 to 32767
  keep_count,     // TCP_KEEPCNT: 1 to 127
  syn_count,      // TCP_SYNCNT: 1 to 127
  user_timeout,   // TCP_USER_TIMEOUT, ms: 0 (none) or more
  fin_timeout,    // TCP_LINGER2, s: 0 (the host's), at most 120; negative: no FIN-WAIT-2
  // Of sockets of any protocol, 0 or not:
  free_bind,             // IP_FREEBIND: bind() takes addresses this host does not have
  bind_address_no_port,  // IP_BIND_ADDRESS_NO_PORT: bind(address, 0) leaves the choice of the port to connect()
};
constexpr bool is_of_tcp(SocketOption option) {
  return option < SocketOption::free_bind;
}

// EINVAL: out of range. REQUIRES: a TCP socket where is_of_tcp(option).
state::Errno set_option(Context& c, SocketId socket, SocketOption option, std::int32_t value);

// SO_BINDTODEVICE, as far as bind() cares: sockets of two devices share a port. Which packets such a socket takes and
// where its own leave is not limited. "" takes the device away; ENODEV: the host has no interface of that name.
state::Errno bind_to_device(Context& c, SocketId socket, std::string_view interface);
// Whether both are bound to a device, and not to the same one.
bool have_two_devices(const Context& c, SocketId a, SocketId b);

// What a socket has beyond its core, null when nothing; made at need by mut_extra.
const SocketExtra* extra_of(const Context& c, SocketId socket);
SocketExtra& mut_extra(Context& c, SocketId socket);
void release_extra(Context& c, SocketId socket);
// A listener's options, for the connection it made (Linux copies struct sock).
void inherit_options(Context& c, SocketId listener, SocketId child);

// The host's settings under the socket's options. `own` holds the answer where they differ.
const tcp::Patience& patience_of(const Context& c, SocketId socket, tcp::Patience& own);

}  // namespace fourtuple::stack
