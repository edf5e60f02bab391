// The tables /proc/net/tcp, tcp6, udp and udp6 of Linux (Documentation/networking/proc_net_tcp.rst).
#pragma once

#include <string>
#include <string_view>

#include "capture/sockets/socket_list.h"
#include "sim/base/outcome.h"

namespace fourtuple::capture {

// Appends the sockets of one table. The kernel prints addresses as its CPU holds them, 32 bits at a time; this reads
// those of a little-endian one, or of this machine's kind when it is another. A line that is no socket is an error
// with its place; `name` is the file's.
Outcome<void> parse_proc_net(std::string_view text, const std::string& name, Protocol protocol, Family family,
                             std::vector<ListedSocket>& sockets);

}  // namespace fourtuple::capture
