#include "sim/stack/ports.h"

namespace fourtuple::stack {
namespace {

PortKey key_of(const state::Socket& socket) {
  return {socket.host, socket.protocol, socket.tuple.local_port};
}

bool is_connection(const SocketCore& core) {
  return core.kind == CoreKind::connection;
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
  if (a.has(SocketFlag::reuse_port) && b.has(SocketFlag::reuse_port) && c.core(holder).uid == c.core(candidate).uid)
    return true;
  const bool listening = a.protocol == Protocol::tcp && a.tcp_state == TcpState::listen;
  return a.has(SocketFlag::reuse_address) && b.has(SocketFlag::reuse_address) && !listening;
}

SocketId conflict_in_chain(const Context& c, std::uint32_t first, SocketId candidate, const AddressSet& wanted) {
  for (std::uint32_t at = first; at != nil; at = c.system.cores[at].next_in_port) {
    const SocketId holder{at};
    if (holder == candidate) continue;
    const state::Socket& socket = c.socket(holder);
    const AddressSet held = addresses_of(c, socket.tuple.local, socket.has(state::SocketFlag::v6_only));
    if (overlap(held, wanted) && !may_share(c, holder, candidate)) return holder;
  }
  return SocketId::none();
}

// Linux passes over a port that a bind() holds; connections whose port connect() chose do not stand in the way.
bool port_held_by_bind(const Context& c, PortKey key) {
  const PortBucket* bucket = find_bucket(c.system, key);
  if (bucket == nullptr) return false;
  if (bucket->first_bound != nil) return true;
  for (std::uint32_t at = bucket->first_connection, seen = 0; at != nil && seen < 4; ++seen) {
    const SocketCore& core = c.system.cores[at];
    if (!core.has(CoreFlag::auto_port)) return true;
    at = core.next_in_port;
  }
  return false;
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
}

void leave_port(Context& c, SocketId id) {
  System& s = c.system;
  SocketCore& core = c.mut_core(id);
  if (!core.has(CoreFlag::in_port_chain)) return;
  core.flags &= static_cast<std::uint8_t>(~CoreFlag::in_port_chain);
  const PortKey key = key_of(c.socket(id));
  const std::uint32_t index = s.ports.find(key);
  PortBucket& bucket = s.buckets.mut(index);
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

SocketId bind_conflict(const Context& c, SocketId candidate, AddressId address, std::uint16_t port) {
  const state::Socket& socket = c.socket(candidate);
  const PortBucket* bucket = find_bucket(c.system, {socket.host, socket.protocol, port});
  if (bucket == nullptr) return SocketId::none();
  const AddressSet wanted = addresses_of(c, address, socket.has(state::SocketFlag::v6_only));
  const SocketId bound = conflict_in_chain(c, bucket->first_bound, candidate, wanted);
  return bound.valid() ? bound : conflict_in_chain(c, bucket->first_connection, candidate, wanted);
}

std::uint16_t choose_bind_port(Context& c, SocketId id, AddressId address) {
  const state::Socket& socket = c.socket(id);
  Host& host = c.host(socket.host);
  const std::uint32_t low = host.sysctls.port_range_low, count = host.sysctls.port_range_high - low + 1u;
  const bool by_parity = socket.protocol == Protocol::tcp && count > 1;
  const std::uint32_t start = static_cast<std::uint32_t>(host.random.below(count));
  // Two passes over one parity each, or one pass over all: the ports connect() prefers come last.
  for (std::uint32_t pass = 0; pass < (by_parity ? 2u : 1u); ++pass) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t offset = (start + i) % count;
      if (by_parity && (offset & 1) != (pass == 0 ? 1u : 0u)) continue;
      const auto port = static_cast<std::uint16_t>(low + offset);
      if (!bind_conflict(c, id, address, port).valid()) return port;
    }
  }
  return 0;
}

std::uint16_t choose_connect_port(Context& c, SocketId id, AddressId local, AddressId remote,
                                  std::uint16_t remote_port) {
  const state::Socket& socket = c.socket(id);
  Host& host = c.host(socket.host);
  const std::uint32_t low = host.sysctls.port_range_low;
  const std::uint32_t count = (host.sysctls.port_range_high - low + 1u) & ~1u;
  if (count == 0) return 0;
  const std::uint64_t hash =
      mix_bits(host.secret ^ (std::uint64_t{local.value} << 40) ^ (std::uint64_t{remote.value} << 16) ^ remote_port);
  std::uint16_t& step = host.port_steps[hash & 0xff];
  const std::uint32_t start = (static_cast<std::uint32_t>(hash >> 8) + step) % count & ~1u;
  for (std::uint32_t parity = 0; parity < 2; ++parity) {
    for (std::uint32_t i = 0; i < count; i += 2) {
      const auto port = static_cast<std::uint16_t>(low + (start + i) % count + parity);
      if (c.system.by_tuple.contains({{local, remote, port, remote_port}, socket.host})) continue;
      if (port_held_by_bind(c, {socket.host, socket.protocol, port})) continue;
      // As in Linux, one time in sixteen the next candidate is skipped, so that the sequence has some noise.
      const std::uint32_t extra = i == 0 && host.random.chance({1, 16}) ? 2 : i;
      step = static_cast<std::uint16_t>(step + extra + 2);
      return port;
    }
  }
  return 0;
}

}  // namespace fourtuple::stack
