// The routing decision: which interface a destination is reached through and who is the next hop there.
#pragma once

#include "sim/stack/context.h"

namespace fourtuple::stack {

// Where a packet to `destination` goes from this host. The answer is cached per host; call forget_routes() after a
// change of routes, addresses or neighbours.
const Route& route_to(System& system, HostId host, AddressId destination);
void forget_routes(System& system);

// Who gets a packet sent along `route` that by now has another destination (`ip daddr set`): the interface does not
// change, but without a gateway the neighbour is the destination's; none() when nobody there has that address.
InterfaceId receiver_of(const System& system, HostId host, const Route& route, AddressId destination);

// The entry that would be taken to `destination`, own addresses apart; null without one.
const RouteEntry* find_route(const System& system, HostId host, const IpAddress& destination);
bool is_own_address(const System& system, HostId host, const IpAddress& address);

// Whether `address` is one of the host's own (127.0.0.0/8 included).
bool is_local_address(const System& system, HostId host, AddressId address);

// The IPv4 address behind `address`, interned, when that is v4-mapped (RFC 4291 section 2.5.5.2), else `address`.
AddressId without_mapping(AddressTable& addresses, AddressId address);

// Source address selection (RFC 6724 in short): the first address of the outgoing interface of the destination's
// family that shares a prefix with the next hop, else its first one of that family. none(): the host has no address of
// that family there.
AddressId source_address_for(const System& system, const Route& route);

// Registers who answers for an address on a network; the simulator has no ARP or ND packets.
void add_neighbour(System& system, NetworkId network, AddressId address, InterfaceId interface);

}  // namespace fourtuple::stack
