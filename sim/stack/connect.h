// What connect() does: the local end a socket gets, what bars a destination, and the place it takes among connections.
// Also the local end of sockets that never called bind().
#pragma once

#include "sim/stack/context.h"
#include "sim/stack/syscalls.h"

namespace fourtuple::stack {

// Gives a socket that was never bound a port: UDP before it sends, listen() on an unbound socket. `exhausted` when
// there is none left.
state::Errno autobind(Context& c, SocketId id, state::Errno exhausted);

// Takes back what a connect() that failed left: the peer, without bind() the address (tcp_disconnect), and the place of
// its port among those of connections.
void forget_peer(Context& c, SocketId id);

// The wildcard as a destination means this host itself; a v4-mapped address is the IPv4 address.
AddressId destination_of(Context& c, AddressId address);

// What the family of a destination forbids: an IPv4 socket speaks IPv4 only, IPV6_V6ONLY (or a bound IPv6 address) bars
// mapped ones.
state::Errno cannot_reach(const Context& c, SocketId id, AddressId destination);

// EINPROGRESS when the SYN is sent; else why not, as connect() answers. REQUIRES: peer.address is from
// destination_of().
state::Errno connect_tcp(Context& c, SocketId id, Peer peer);
// Sets the peer of a UDP socket.
state::Errno connect_udp(Context& c, SocketId id, Peer peer);

}  // namespace fourtuple::stack
