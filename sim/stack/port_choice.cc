#include "sim/stack/port_choice.h"

#include <algorithm>

#include "sim/stack/ports.h"
#include "sim/tcp/endpoint.h"

namespace fourtuple::stack {
namespace {

constexpr Duration time_wait_reuse_delay = seconds(1);  // net.ipv4.tcp_tw_reuse_delay
constexpr std::size_t remembered_searches = 16;

// What one search covers: ports from `low` on, below `high`; `count` of them, an odd number rounded down.
struct Range {
  std::uint32_t low, high, count;
};

Range range_of(std::uint32_t low, std::uint32_t high) {
  const std::uint32_t ports = high - low;
  return {low, high, ports > 1 ? ports & ~1u : ports};
}

Range range_of(const Sysctls& sysctls) {
  return range_of(sysctls.port_range_low, sysctls.port_range_high + 1u);
}

bool is_reserved(const Sysctls& sysctls, std::uint32_t port) {
  return std::any_of(sysctls.reserved_ports.begin(), sysctls.reserved_ports.end(),
                     [&](const PortSpan& span) { return span.first <= port && port <= span.last; });
}

struct Found {
  std::uint16_t port = 0;
  std::uint32_t passed = 0;  // ports from the start to this one
};

// The first port, `step` apart from low + offset on and around the end, that `usable` accepts.
template <class Usable>
Found search(const Range& range, std::uint32_t offset, std::uint32_t step, const Usable& usable) {
  std::uint32_t port = range.low + offset;
  for (std::uint32_t i = 0; i < range.count; i += step, port += step) {
    if (port >= range.high) port -= range.count;
    if (usable(static_cast<std::uint16_t>(port))) return {static_cast<std::uint16_t>(port), i};
  }
  return {};
}

// Both parities, odd offsets first: the opposite of what connect() prefers, "to not pollute connect() users" (Linux).
template <class Usable>
std::uint16_t odd_then_even(Random& random, const Range& range, const Usable& usable) {
  const std::uint32_t offset = static_cast<std::uint32_t>(random.below(range.count)) | 1;
  const Found odd = search(range, offset, 2, usable);
  return odd.port != 0 ? odd.port : search(range, offset - 1, 2, usable).port;
}

std::uint16_t choose_tcp_bind_port(Context& c, SocketId id, AddressId address) {
  const state::Socket& socket = c.socket(id);
  Host& host = c.host(socket.host);
  const auto usable = [&](std::uint16_t port) {
    return !is_reserved(host.sysctls, port) && !bind_conflict(c, id, address, port, Sharing::refused).valid();
  };
  const Range all = range_of(host.sysctls);
  if (!socket.has(state::SocketFlag::reuse_address) || all.high - all.low < 4)
    return odd_then_even(host.random, all, usable);
  const std::uint32_t half = all.low + ((all.high - all.low) >> 2 << 1);
  const std::uint16_t port = odd_then_even(host.random, range_of(all.low, half), usable);
  return port != 0 ? port : odd_then_even(host.random, range_of(half, all.high), usable);
}

// All ports from a random start.
template <class Usable>
std::uint16_t from_anywhere(Host& host, const Usable& usable) {
  const Range range{host.sysctls.port_range_low, host.sysctls.port_range_high + 1u,
                    host.sysctls.port_range_high - host.sysctls.port_range_low + 1u};
  return search(range, static_cast<std::uint32_t>(host.random.below(range.count)), 1, usable).port;
}

// One counter for all programs and destinations: Windows' dynamic ports follow each other.
template <class Usable>
std::uint16_t next_in_order(Host& host, const Usable& usable) {
  const Range range{host.sysctls.port_range_low, host.sysctls.port_range_high + 1u,
                    host.sysctls.port_range_high - host.sysctls.port_range_low + 1u};
  const Found found = search(range, host.next_port_offset % range.count, 1, usable);
  if (found.port != 0) host.next_port_offset = static_cast<std::uint16_t>(found.port - range.low + 1);
  return found.port;
}

template <class Usable>
std::uint16_t choose_foreign_port(Host& host, const Usable& usable) {
  return host.port_rules == PortRules::windows ? next_in_order(host, usable) : from_anywhere(host, usable);
}

// The destination of a connect() under way.
struct Wanted {
  HostId host;
  AddressId local, remote;
  std::uint16_t remote_port;
};

enum class PortAnswer : std::uint8_t { taken, taken_for_now, free };

// Linux passes over a port that anybody bound; connections whose port connect() chose stand in the way only of an equal
// four-tuple.
PortAnswer try_port(const Context& c, const Wanted& wanted, std::uint16_t port) {
  const PortBucket* bucket = find_bucket(c.system, {wanted.host, Protocol::tcp, port});
  if (bucket == nullptr) return PortAnswer::free;
  if (bucket->held != 0) return PortAnswer::taken;
  const SocketId holder{c.system.by_tuple.find({{wanted.local, wanted.remote, port, wanted.remote_port}, wanted.host})};
  if (!holder.valid() || may_succeed(c, holder, false)) return PortAnswer::free;
  const bool for_now = c.socket(holder).tcp_state == TcpState::time_wait && is_reusable_later(c, holder);
  return for_now ? PortAnswer::taken_for_now : PortAnswer::taken;
}

// Whether the preferred parity, or every port, was found exhausted for this destination and none was released since.
bool known_exhausted(const Host& host, const Wanted& wanted, bool both) {
  return std::any_of(host.exhausted_parities.begin(), host.exhausted_parities.end(), [&](const ExhaustedParity& known) {
    return (known.both || !both) && known.releases == host.port_releases && known.local == wanted.local &&
           known.remote == wanted.remote && known.remote_port == wanted.remote_port;
  });
}

void remember_exhausted(Host& host, const Wanted& wanted, bool both) {
  if (host.exhausted_parities.size() == remembered_searches)
    host.exhausted_parities.erase(host.exhausted_parities.begin());
  host.exhausted_parities.push_back({wanted.local, wanted.remote, wanted.remote_port, host.port_releases, both});
}

Found search_parities(const Context& c, Host& host, const Wanted& wanted, const Range& range, std::uint32_t offset) {
  bool may_change_with_time = false;
  const auto usable = [&](std::uint16_t port) {
    if (is_reserved(host.sysctls, port)) return false;
    const PortAnswer answer = try_port(c, wanted, port);
    may_change_with_time |= answer == PortAnswer::taken_for_now;
    return answer == PortAnswer::free;
  };
  if (known_exhausted(host, wanted, true)) return {};
  if (!known_exhausted(host, wanted, false)) {
    const Found found = search(range, offset, 2, usable);
    if (found.port != 0 || range.count == 1) return found;
    if (!may_change_with_time) remember_exhausted(host, wanted, false);
  }
  const Found other = search(range, offset + 1, 2, usable);
  if (other.port == 0 && !may_change_with_time) remember_exhausted(host, wanted, true);
  return other;
}

}  // namespace

bool is_reusable_later(const Context& c, SocketId id) {
  const state::Socket& holder = c.socket(id);
  const std::uint8_t reuse = c.system.hosts[holder.host.value].sysctls.tcp_tw_reuse;
  const bool loopback = c.address(holder.tuple.local).is_loopback() || c.address(holder.tuple.remote).is_loopback();
  return reuse == 1 || (reuse == 2 && loopback);
}

bool may_succeed(const Context& c, SocketId id, bool port_was_named) {
  if (c.socket(id).tcp_state != TcpState::time_wait) return false;
  const tcp::Connection& connection = c.system.connections[c.core(id).connection];
  if (port_was_named) return tcp::may_be_succeeded(connection, nanoseconds(-1), c.now);
  return is_reusable_later(c, id) && tcp::may_be_succeeded(connection, time_wait_reuse_delay, c.now);
}

std::uint16_t choose_bind_port(Context& c, SocketId id, AddressId address) {
  const state::Socket& socket = c.socket(id);
  Host& host = c.host(socket.host);
  const bool udp = socket.protocol == Protocol::udp;
  if (host.port_rules == PortRules::linux_kernel && !udp) return choose_tcp_bind_port(c, id, address);
  const Sharing sharing = udp ? Sharing::as_options_say : Sharing::refused;
  const auto usable = [&](std::uint16_t port) {
    return !is_reserved(host.sysctls, port) && !bind_conflict(c, id, address, port, sharing).valid();
  };
  return choose_foreign_port(host, usable);
}

std::uint16_t choose_connect_port(Context& c, SocketId id, AddressId local, AddressId remote,
                                  std::uint16_t remote_port) {
  const Wanted wanted{c.socket(id).host, local, remote, remote_port};
  Host& host = c.host(wanted.host);
  if (host.port_rules != PortRules::linux_kernel) {
    // FreeBSD looks at the whole four-tuple; macOS and Windows give a port to one socket at a time.
    const bool by_tuple = host.port_rules == PortRules::freebsd;
    if (known_exhausted(host, wanted, true)) return 0;
    const std::uint16_t port = choose_foreign_port(host, [&](std::uint16_t candidate) {
      if (by_tuple) return try_port(c, wanted, candidate) == PortAnswer::free;
      return find_bucket(c.system, {wanted.host, Protocol::tcp, candidate}) == nullptr;
    });
    if (port == 0) remember_exhausted(host, wanted, true);
    return port;
  }
  const Range range = range_of(host.sysctls);
  const std::uint64_t hash =
      mix_bits(host.secret ^ (std::uint64_t{local.value} << 40) ^ (std::uint64_t{remote.value} << 16) ^ remote_port);
  std::uint16_t& step = host.port_steps[hash & 0xff];
  const std::uint32_t offset = (static_cast<std::uint32_t>(hash >> 32) + step) % range.count & ~1u;
  const Found found = search_parities(c, host, wanted, range, offset);
  if (found.port == 0) return 0;
  // The next search starts 1 to 8 ports of this parity further on, so that numbers cannot be foretold.
  const std::uint32_t passed = std::max(found.passed, static_cast<std::uint32_t>(host.random.below(8)) * 2);
  step = static_cast<std::uint16_t>(step + passed + 2);
  return found.port;
}

}  // namespace fourtuple::stack
