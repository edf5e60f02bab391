#include "sim/netfilter/conntrack/nat_tuple.h"

#include <algorithm>

namespace fourtuple::netfilter {
namespace {

constexpr std::uint8_t any_random = nft::NatFlag::random | nft::NatFlag::fully_random;
constexpr std::uint32_t max_attempts = 128, min_attempts = 16;  // of one search; each next one is half as long
constexpr std::uint32_t eviction_attempts = 32;                 // of a search: the last ones may evict

// A range of ports or identifiers.
struct Span {
  std::uint32_t first = 0, size = 0;
};

ConntrackTuple inverted(const ConntrackTuple& tuple, Protocol protocol) {
  return inverse_of(tuple, protocol).value_or(ConntrackTuple{});
}

std::uint16_t& port_of(ConntrackTuple& tuple, const NatWish& wish) {
  // The identifier of an ICMP query is its source port in both directions.
  return wish.manip == Manip::source || is_icmp(wish.protocol()) ? tuple.source_port : tuple.destination_port;
}
std::uint16_t port_of(const ConntrackTuple& tuple, const NatWish& wish) {
  ConntrackTuple copy = tuple;
  return port_of(copy, wish);
}

bool port_in_range(const ConntrackTuple& tuple, const NatWish& wish) {
  if (!has_ports(wish.protocol()) && !is_icmp(wish.protocol())) return true;
  const std::uint16_t port = port_of(tuple, wish);
  return port >= wish.range.first_port && port <= wish.range.last_port;
}

bool source_in_range(const Context& c, const ConntrackTuple& tuple, const NatWish& wish) {
  if (wish.range.map_address) {
    const IpAddress& source = c.address(tuple.source);
    if (source < wish.range.first_address || wish.range.last_address < source) return false;
  }
  return !wish.range.map_port || port_in_range(tuple, wish);
}

// Whether the answers to packets with this tuple could not be told from those of another flow.
bool is_taken(Context& c, const ConntrackTuple& tuple, const NatWish& wish) {
  const Found found = find_entry(c, {inverted(tuple, wish.protocol()), c.host, wish.protocol()});
  // An entry that began with the same tuple is the same flow: confirm() settles which of the two stays.
  return found.valid() && c.visible.conntrack[found.entry].original != wish.pending.entry.original;
}

// The same, but a TCP connection that is over makes way for a SYN whose sequence number is later.
bool is_taken_or_evict(Context& c, const ConntrackTuple& tuple, const NatWish& wish, std::uint32_t attempts_left) {
  using state::TcpTracking;
  if (attempts_left > eviction_attempts || wish.protocol() != Protocol::tcp ||
      wish.pending.entry.tcp != TcpTracking::syn_sent)
    return is_taken(c, tuple, wish);
  const Found found = find_entry(c, {inverted(tuple, wish.protocol()), c.host, wish.protocol()});
  if (!found.valid()) return false;
  const ConntrackEntry& old = c.visible.conntrack[found.entry];
  if (!found.reply || old.tcp < TcpTracking::time_wait || (old.status & ConntrackStatus::source_nat) == 0) return true;
  const SeqNumber old_end = c.filter.conntrack.trackers[found.entry].tcp.side[0].end;
  if (!wish.pending.tracker.tcp.side[0].end.after(old_end)) return true;
  destroy_entry(c, found.entry);
  return false;
}

// A mapping that this source already has and that suits the range: one outside port per inside port, whatever the peer.
bool reuse_mapping(Context& c, const NatWish& wish, ConntrackTuple& result) {
  const ConntrackTables& tables = c.filter.conntrack;
  const ConntrackTuple& now = wish.tuple;
  const std::uint32_t hash = source_hash_of({now, c.host, wish.protocol()});
  for (std::uint32_t id = tables.sources.first(hash); id != SourceIndex::end;
       id = tables.sources.next(tables.trackers, id)) {
    const ConntrackEntry& entry = c.visible.conntrack[id];
    if (entry.host != c.host || entry.protocol != wish.protocol() || entry.original.source != now.source ||
        entry.original.source_port != now.source_port || is_expired(c, entry))
      continue;
    result = inverted(entry.reply, entry.protocol);
    result.destination = now.destination;
    result.destination_port = now.destination_port;
    if (source_in_range(c, result, wish)) return true;
  }
  return false;
}

// The ports to search. Without a range, a port is replaced by one of its own class; a destination port never is.
Span search_span(const ConntrackTuple& tuple, const NatWish& wish) {
  const NatRange& range = wish.range;
  if (range.map_port) {
    std::uint32_t first = range.first_port, last = range.last_port;
    if (has_ports(wish.protocol()) && last < first) std::swap(first, last);
    return {first, (last - first + 1) & 0xffffffffu};
  }
  if (is_icmp(wish.protocol())) return {0, 65536};
  if (wish.manip == Manip::destination) return {};
  const std::uint16_t port = port_of(tuple, wish);
  if (port < 512) return {1, 511};
  if (port < 1024) return {600, 1023 - 600 + 1};
  return {1024, 65535 - 1024 + 1};
}

// Tries ports from a random place of the range on, in rounds that get shorter: a large range that is nearly full may
// count as full. What was tried last stays in the tuple.
void search_port(Context& c, const NatWish& wish, ConntrackTuple& tuple) {
  if (!has_ports(wish.protocol()) && !is_icmp(wish.protocol())) return;
  const Span span = search_span(tuple, wish);
  if (span.size == 0) return;
  const auto draw = [&c] { return static_cast<std::uint16_t>(c.mine().random.next()); };
  const bool from_start = wish.manip == Manip::destination && (wish.range.flags & any_random) == 0;
  std::uint16_t offset = from_start ? std::uint16_t{0} : draw();
  for (std::uint32_t attempts = std::min(span.size, max_attempts);; attempts /= 2, offset = draw()) {
    for (std::uint32_t i = 0; i < attempts; ++i, ++offset) {
      port_of(tuple, wish) = static_cast<std::uint16_t>(span.first + offset % span.size);
      if (!is_taken_or_evict(c, tuple, wish, attempts - i)) return;
    }
    if (attempts >= span.size || attempts < min_attempts) return;
  }
}

}  // namespace

ConntrackTuple choose_tuple(Context& c, const NatWish& wish) {
  const bool random = (wish.range.flags & any_random) != 0;
  if (wish.manip == Manip::source && !random) {
    ConntrackTuple mapped;
    if (source_in_range(c, wish.tuple, wish)) {
      if (!is_taken(c, wish.tuple, wish)) return wish.tuple;
    } else if (reuse_mapping(c, wish, mapped) && !is_taken(c, mapped, wish)) {
      return mapped;
    }
  }
  ConntrackTuple tuple = wish.tuple;
  if (wish.range.map_address) {
    const IpAddress chosen = choose_address(wish.range, c.address(tuple.source), c.address(tuple.destination));
    (wish.manip == Manip::source ? tuple.source : tuple.destination) = c.addresses.intern(chosen);
  }
  if (!random) {
    if (!wish.range.map_port) {
      if (!is_taken(c, tuple, wish)) return tuple;
    } else if (port_in_range(tuple, wish) &&
               (wish.range.first_port == wish.range.last_port || !is_taken(c, tuple, wish))) {
      return tuple;
    }
  }
  search_port(c, wish, tuple);
  return tuple;
}

}  // namespace fourtuple::netfilter
