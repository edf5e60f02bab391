// Birth and death of sockets, whatever their protocol.
#pragma once

#include "sim/stack/context.h"

namespace fourtuple::stack {

// A new socket; `owner` none for one the kernel makes for a listener.
SocketId create_socket(Context& c, HostId host, ProcessId owner, Protocol protocol, Family family, SocketId listener,
                       std::uint8_t flags = 0);
// Takes it out of all tables and frees it. The process's descriptor, if any, is the caller's business.
void destroy_socket(Context& c, SocketId socket);

// The wildcard address of a family.
constexpr AddressId wildcard_of(Family family) {
  return family == Family::ipv4 ? wildcard_v4 : wildcard_v6;
}

// Whether the kernel took back the port that the socket still shows: it had chosen it, and the connection is over.
bool has_lost_port(const Context& c, SocketId id);
// Records the local address a socket is bound to; become_bound also gives it its port.
void fix_address(Context& c, SocketId id, AddressId address, std::uint16_t port);
void become_bound(Context& c, SocketId id, AddressId address, std::uint16_t port);

}  // namespace fourtuple::stack
