#include "sim/stack/routing.h"

#include <algorithm>
#include <array>

namespace fourtuple::stack {
namespace {

ConnectionKey neighbour_key(NetworkId network, AddressId address) {
  return {{address, {}, 0, 0}, {network.value}};
}

// Linux takes an address of a local route for its own, and answers ARP for it.
bool answers_for(const Interface& interface, const IpAddress& address) {
  return std::any_of(interface.local.begin(), interface.local.end(),
                     [&](const Prefix& prefix) { return prefix.contains(address); });
}

InterfaceId neighbour(const System& system, NetworkId network, AddressId address) {
  const InterfaceId known{system.neighbours.find(neighbour_key(network, address))};
  if (known.valid() || system.answering.empty()) return known;
  for (const InterfaceId id : system.answering) {
    const Interface& interface = system.interfaces[id.value];
    if (interface.network == network && answers_for(interface, system.addresses[address])) return id;
  }
  return InterfaceId::none();
}

Route resolve(const System& system, HostId host, AddressId destination) {
  Route route;
  route.destination = destination;
  const Host& h = system.hosts[host.value];
  if (is_local_address(system, host, destination)) {
    // Traffic to an own address, whichever it is, runs over lo.
    route.kind = Route::Kind::local;
    route.out = route.to = h.interfaces.front();
    route.mtu = system.interfaces[route.out.value].mtu;
    return route;
  }
  const RouteEntry* entry = find_route(system, host, system.addresses[destination]);
  if (entry == nullptr) return route;
  const Interface& interface = system.interfaces[entry->interface.value];
  route.kind = Route::Kind::forward;
  route.out = entry->interface;
  route.to = neighbour(system, interface.network, entry->gateway.valid() ? entry->gateway : destination);
  route.mtu = interface.mtu;
  return route;
}

}  // namespace

const RouteEntry* find_route(const System& system, HostId host, const IpAddress& destination) {
  if (destination.is_wildcard()) return nullptr;
  for (const RouteEntry& entry : system.hosts[host.value].routes)
    if (entry.destination.contains(destination) && system.interfaces[entry.interface.value].up) return &entry;
  return nullptr;
}

bool is_own_address(const System& system, HostId host, const IpAddress& address) {
  const AddressId id = system.addresses.find(address);
  return address.is_loopback() || (id.valid() && is_local_address(system, host, id));
}

bool is_local_address(const System& system, HostId host, AddressId address) {
  if (system.addresses[address].is_loopback()) return true;
  for (const InterfaceId id : system.hosts[host.value].interfaces) {
    const Interface& interface = system.interfaces[id.value];
    for (const AddressId own : interface.addresses)
      if (own == address) return true;
    if (!interface.local.empty() && answers_for(interface, system.addresses[address])) return true;
  }
  return false;
}

AddressId without_mapping(AddressTable& addresses, AddressId address) {
  const IpAddress ip = addresses[address];
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (ip.family != Family::ipv6 || !std::equal(mapped.begin(), mapped.end(), ip.bytes.begin())) return address;
  IpAddress v4;
  std::copy(ip.bytes.begin() + mapped.size(), ip.bytes.end(), v4.bytes.begin());
  return addresses.intern(v4);
}

const Route& route_to(System& system, HostId host, AddressId destination) {
  Route& cached = system.hosts[host.value].route_cache[destination.value % route_cache_size];
  if (cached.destination != destination) cached = resolve(system, host, destination);
  return cached;
}

InterfaceId receiver_of(const System& system, HostId host, const Route& route, AddressId destination) {
  if (route.destination == destination || route.kind != Route::Kind::forward) return route.to;
  const RouteEntry* entry = find_route(system, host, system.addresses[route.destination]);
  if (entry == nullptr || entry->gateway.valid()) return route.to;
  return neighbour(system, system.interfaces[route.out.value].network, destination);
}

void forget_routes(System& system) {
  for (Host& host : system.hosts) host.route_cache.fill(Route{});
}

AddressId source_address_for(const System& system, const Route& route) {
  const IpAddress& destination = system.addresses[route.destination];
  if (route.kind == Route::Kind::local) return route.destination;
  const Interface& out = system.interfaces[route.out.value];
  AddressId first;
  const std::size_t count = out.addresses.size();
  for (std::size_t n = 0; n < count; ++n) {
    // IPv4 prefers the address an interface got first, IPv6 the one it got last (measured).
    const std::size_t i = destination.family == Family::ipv6 ? count - 1 - n : n;
    const IpAddress& own = system.addresses[out.addresses[i]];
    if (own.family != destination.family || own.is_link_local() != destination.is_link_local()) continue;
    if (out.prefixes[i].contains(destination)) return out.addresses[i];
    if (!first.valid()) first = out.addresses[i];
  }
  return first;
}

void add_neighbour(System& system, NetworkId network, AddressId address, InterfaceId interface) {
  system.neighbours.set(neighbour_key(network, address), interface.value);
}

}  // namespace fourtuple::stack
