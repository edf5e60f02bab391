// The kernel's own tables of sockets: /proc/net/tcp, tcp6, udp and udp6 (get_tcp4_sock() and its siblings).
#pragma once

#include "app/views/views.h"

namespace fourtuple::app {

struct ProcNetTable {
  Protocol protocol = Protocol::tcp;
  Family family = Family::ipv4;
};

std::string proc_net_text(const ViewInput& input, HostId host, ProcNetTable table);
replay::ToolTable proc_net_table(const ViewInput& input, HostId host, ProcNetTable table);
Json proc_net_json(const ViewInput& input, HostId host, ProcNetTable table);

}  // namespace fourtuple::app
