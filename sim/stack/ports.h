// Local ports of a host: who holds which, who conflicts with whom, and how Linux picks a free one.
#pragma once

#include "sim/stack/context.h"

namespace fourtuple::stack {

// The bucket of a port, or null when no socket of this host and protocol holds it.
const PortBucket* find_bucket(const System& system, PortKey key);

// Puts a socket with a local port into its bucket (listeners and UDP first in `first_bound`, newest first) and takes it
// out again. A socket moves between the two lists by leaving and entering.
void enter_port(Context& c, SocketId socket);
void leave_port(Context& c, SocketId socket);

// The socket that keeps `candidate` from binding address:port, or none. The rule (measured, FACTS: it reproduces 3,888
// kernel answers): a conflict exists exactly if the address sets overlap and sharing is not allowed; sharing is allowed
// if both have SO_REUSEPORT and one user, or both have SO_REUSEADDR and the holder is not listening (UDP: always).
SocketId bind_conflict(const Context& c, SocketId candidate, AddressId address, std::uint16_t port);

// A free port for bind(0): odd ports first from a random start (TCP), any from a random start (UDP); 0 when exhausted.
std::uint16_t choose_bind_port(Context& c, SocketId socket, AddressId address);

// A free port for connect(): the parity of the range's low end first, rising in small steps from a start hashed per
// destination (as Linux's __inet_hash_connect, RFC 6056 algorithm 4); 0 when exhausted.
std::uint16_t choose_connect_port(Context& c, SocketId socket, AddressId local, AddressId remote,
                                  std::uint16_t remote_port);

}  // namespace fourtuple::stack
