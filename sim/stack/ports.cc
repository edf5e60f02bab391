#include "sim/stack/ports.h"

#include <algorithm>

#include "sim/stack/options.h"

namespace fourtuple::stack {
namespace {

PortKey key_of(const state::Socket& socket) {
  return {socket.host, socket.protocol, socket.tuple.local_port};
}

bool is_connection(const SocketCore& core) {
  return core.kind == CoreKind::connection;
}

// Host::bound is in order of id, so that what is told about it does not depend on when sockets were bound.
void list_bound(Host& host, SocketId id) {
  const auto before = [](SocketId a, SocketId b) { return a.value < b.value; };
  host.bound.insert(std::upper_bound(host.bound.begin(), host.bound.end(), id, before), id);
}
void unlist_bound(Host& host, SocketId id) {
  const auto before = [](SocketId a, SocketId b) { return a.value < b.value; };
  const auto at = std::lower_bound(host.bound.begin(), host.bound.end(), id, before);
  if (at != host.bound.end() && *at == id) host.bound.erase(at);
}

// The addresses a bound socket answers for: per family, one address or all.
struct AddressSet {
  bool v4 = false, v6 = false;
  bool any_v4 = false, any_v6 = false;
  AddressId address;
};

AddressSet addresses_of(const Context& c, AddressId address, bool v6_only) {
  const IpAddress& ip = c.address(address);
  AddressSet set;
  set.address = address;
  if (ip.family == Family::ipv4) {
    set.v4 = true;
    set.any_v4 = ip.is_wildcard();
  } else {
    set.v6 = true;
    set.any_v6 = ip.is_wildcard();
    if (ip.is_wildcard() && !v6_only) set.v4 = set.any_v4 = true;
  }
  return set;
}

bool overlap(const AddressSet& a, const AddressSet& b) {
  if (a.v4 && b.v4 && (a.any_v4 || b.any_v4 || a.address == b.address)) return true;
  return a.v6 && b.v6 && (a.any_v6 || b.any_v6 || a.address == b.address);
}

bool may_share(const Context& c, SocketId holder, SocketId candidate) {
  using state::SocketFlag;
  const state::Socket &a = c.socket(holder), &b = c.socket(candidate);
  // A connection in TIME-WAIT belongs to nobody any more, so its user does not matter (inet_bind_conflict).
  const bool one_user = c.core(holder).uid == c.core(candidate).uid || a.tcp_state == TcpState::time_wait;
  if (a.has(SocketFlag::reuse_port) && b.has(SocketFlag::reuse_port) && one_user) return true;
  const bool listening = a.protocol == Protocol::tcp && a.tcp_state == TcpState::listen;
  return a.has(SocketFlag::reuse_address) && b.has(SocketFlag::reuse_address) && !listening;
}

SocketId conflict_in_chain(const Context& c, std::uint32_t first, SocketId candidate, const AddressSet& wanted,
                           Sharing sharing) {
  for (std::uint32_t at = first; at != nil; at = c.system.cores[at].next_in_port) {
    const SocketId holder{at};
    if (holder == candidate) continue;
    const state::Socket& socket = c.socket(holder);
    const AddressSet held = addresses_of(c, socket.tuple.local, socket.has(state::SocketFlag::v6_only));
    if (!overlap(held, wanted) || have_two_devices(c, holder, candidate)) continue;
    if (sharing == Sharing::refused || !may_share(c, holder, candidate)) return holder;
  }
  return SocketId::none();
}

}  // namespace

const PortBucket* find_bucket(const System& system, PortKey key) {
  const std::uint32_t index = system.ports.find(key);
  return index == IndexMap<PortKey>::absent ? nullptr : &system.buckets[index];
}

void enter_port(Context& c, SocketId id) {
  System& s = c.system;
  SocketCore& core = c.mut_core(id);
  FT_CHECK(!core.has(CoreFlag::in_port_chain));
  const PortKey key = key_of(c.socket(id));
  std::uint32_t index = s.ports.find(key);
  if (index == IndexMap<PortKey>::absent) {
    index = s.buckets.allocate();
    s.ports.set(key, index);
  }
  PortBucket& bucket = s.buckets.mut(index);
  std::uint32_t& first = is_connection(core) ? bucket.first_connection : bucket.first_bound;
  core.next_in_port = first;
  core.previous_in_port = nil;
  if (first != nil) s.cores.mut(first).previous_in_port = id.value;
  first = id.value;
  core.flags |= CoreFlag::in_port_chain;
  if (!core.has(CoreFlag::auto_port)) ++bucket.held;
  if (!is_connection(core)) list_bound(c.host(key.host), id);
}

void leave_port(Context& c, SocketId id) {
  System& s = c.system;
  SocketCore& core = c.mut_core(id);
  if (!core.has(CoreFlag::in_port_chain)) return;
  core.flags &= static_cast<std::uint16_t>(~CoreFlag::in_port_chain);
  const PortKey key = key_of(c.socket(id));
  const std::uint32_t index = s.ports.find(key);
  PortBucket& bucket = s.buckets.mut(index);
  if (!core.has(CoreFlag::auto_port)) --bucket.held;
  ++c.host(key.host).port_releases;
  unlist_bound(c.host(key.host), id);
  if (core.next_in_port != nil) s.cores.mut(core.next_in_port).previous_in_port = core.previous_in_port;
  if (core.previous_in_port != nil) {
    s.cores.mut(core.previous_in_port).next_in_port = core.next_in_port;
  } else if (bucket.first_bound == id.value) {
    bucket.first_bound = core.next_in_port;
  } else {
    bucket.first_connection = core.next_in_port;
  }
  if (bucket.first_bound != nil || bucket.first_connection != nil) return;
  s.ports.erase(key);
  s.buckets.release(index);
}

SocketId bind_conflict(const Context& c, SocketId candidate, AddressId address, std::uint16_t port, Sharing sharing) {
  const state::Socket& socket = c.socket(candidate);
  const PortBucket* bucket = find_bucket(c.system, {socket.host, socket.protocol, port});
  if (bucket == nullptr) return SocketId::none();
  const AddressSet wanted = addresses_of(c, address, socket.has(state::SocketFlag::v6_only));
  const SocketId bound = conflict_in_chain(c, bucket->first_bound, candidate, wanted, sharing);
  return bound.valid() ? bound : conflict_in_chain(c, bucket->first_connection, candidate, wanted, sharing);
}

}  // namespace fourtuple::stack
