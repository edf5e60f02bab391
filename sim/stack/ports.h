// Local ports of a host: who holds which and who conflicts with whom. How a free one is picked: port_choice.h.
#pragma once

#include "sim/stack/context.h"

namespace fourtuple::stack {

// The bucket of a port, or null when no socket of this host and protocol holds it.
const PortBucket* find_bucket(const System& system, PortKey key);

// Puts a socket with a local port into its bucket (listeners and UDP first in `first_bound`, newest first) and takes it
// out again. A socket moves between the two lists by leaving and entering.
void enter_port(Context& c, SocketId socket);
void leave_port(Context& c, SocketId socket);

// Whether SO_REUSEADDR and SO_REUSEPORT let a port be shared. When the kernel chooses a TCP port itself it never
// shares.
enum class Sharing : std::uint8_t { refused, as_options_say };

// The socket that keeps `candidate` from binding address:port, or none. The rule (tests/data/kernel/ports reproduces
// all 3,888 answers of the kernel): a conflict exists exactly if the address sets overlap and sharing is not allowed;
// it is allowed if both have SO_REUSEPORT and one user, or both have SO_REUSEADDR and the holder is not listening (UDP:
// always).
SocketId bind_conflict(const Context& c, SocketId candidate, AddressId address, std::uint16_t port,
                       Sharing sharing = Sharing::as_options_say);

}  // namespace fourtuple::stack
