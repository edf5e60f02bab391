// Demultiplexing: which socket a packet belongs to. The order of Linux's inet_lookup, as a list of match qualities:
//
//   1 established        all four values of the tuple
//   2 listener_address   bound to the packet's destination address
//   3 listener_wildcard  bound to any address of the family
//   4 listener_dual      an IPv6 wildcard that also takes IPv4
//   none                 RST, or ICMP port unreachable
#pragma once

#include "sim/stack/context.h"

namespace fourtuple::stack {

struct Match {
  SocketId socket;
  trace::MatchQuality quality = trace::MatchQuality::none;
};

// The socket of `host` that takes `packet` (TCP or UDP). At detail level `stages` every attempt is recorded, with the
// value that did not fit.
Match lookup(Context& c, HostId host, const Packet& packet);

// The socket that sent a packet with this tuple (seen from the sender), for ICMP errors that quote it.
SocketId lookup_sender(Context& c, HostId host, Protocol protocol, const FourTuple& tuple);

// Makes a connection findable by its four-tuple, and unfindable again.
void enter_connection(Context& c, SocketId socket);
void leave_connection(Context& c, SocketId socket);

}  // namespace fourtuple::stack
