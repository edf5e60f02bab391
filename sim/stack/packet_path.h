// The path of a packet through one host, from the wire to a socket and from a socket to the wire.
//
//            interface_in → prerouting → routing ─┬→ input → transport_lookup → socket_queue → process
//   wire ──▶                                      └→ forward ─┐
//                                                             ├→ postrouting → interface_out ──▶ wire
//            process → transport_output → routing_output → output ┘
#pragma once

#include "sim/stack/context.h"
#include "sim/stack/hooks.h"
#include "sim/stack/routing.h"

namespace fourtuple::stack {

// A packet arrives at an interface. The whole way through the host is listed in this one function.
void receive(Context& c, InterfaceId in, Packet& packet);

// A packet made on `host` starts its way out: it gets its id and identification, is recorded and sent. `route` must be
// the one to packet.destination. Larger than the route's MTU: fragmented when the packet allows it. False: a rule of
// this host dropped it (EPERM for a datagram socket).
bool send(Context& c, HostId host, const Route& route, Packet& packet, const Origin& origin = {});

// Three seconds after a packet found no neighbour: it is dropped and its sender told (measured: EHOSTUNREACH after
// 3.1 s).
void neighbour_failed(Context& c, HostId host, Packet& packet);

// Bytes of the IP header the packet travels under.
std::uint32_t ip_header_length(const System& system, const Packet& packet);
// Bytes of the packet from the IP header to the end of the payload.
std::uint32_t ip_length(const System& system, const Packet& packet);

}  // namespace fourtuple::stack
