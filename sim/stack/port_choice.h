// How the kernel picks a local port when the program leaves the choice to it, after Linux 6.18's __inet_hash_connect
// (RFC 6056 algorithm 4), inet_csk_find_open_port and udp_lib_get_port. Compared with the kernel, sequence by sequence,
// in tests/data/kernel/ports.
//
//   bind(address, 0)   TCP  the parity the range's low end has not, from a random start; then the other. Never shares.
//                           With SO_REUSEADDR the lower half of the range comes first.
//                      UDP  any, from a random start; sharing as the options allow
//   connect()          TCP  the parity of the range's low end, in small random steps from a start hashed per
//                           destination; then the other. The same port serves many destinations; ports bound by
//                           anybody are passed over.
//
// A range with an odd number of ports loses one of them per search, as in Linux. Ports in ip_local_reserved_ports are
// never chosen. Hosts with other rules (PortRules) are described in docs/scenario-format.md.
#pragma once

#include "sim/stack/context.h"

namespace fourtuple::stack {

// A free port for bind(address, 0) and for a socket that needs one before it is bound; 0 when there is none.
std::uint16_t choose_bind_port(Context& c, SocketId socket, AddressId address);

// A free port for connect() from `local` to `remote`; 0 when there is none.
std::uint16_t choose_connect_port(Context& c, SocketId socket, AddressId local, AddressId remote,
                                  std::uint16_t remote_port);

// Whether connect() may take the place of `holder`, which has the same four-tuple: only of one in TIME-WAIT with
// timestamps. A port the program named is taken at once, one the kernel looks for after a second and as
// net.ipv4.tcp_tw_reuse allows.
bool may_succeed(const Context& c, SocketId holder, bool port_was_named);
// Whether that second is all that `holder` needs, once it is in TIME-WAIT.
bool is_reusable_later(const Context& c, SocketId holder);

}  // namespace fourtuple::stack
