#include "sim/netfilter/conntrack/tuple.h"

#include "sim/base/index_map.h"

namespace fourtuple::netfilter {
namespace {

// A query and the message that answers it (IANA ICMP types).
struct QueryPair {
  Protocol protocol;
  std::uint8_t query, answer;
  bool translated;  // NAT knows its identifier
};
constexpr QueryPair query_pairs[] = {
    {Protocol::icmp, 8, 0, true},         // echo
    {Protocol::icmp, 13, 14, true},       // timestamp
    {Protocol::icmp, 15, 16, true},       // information
    {Protocol::icmp, 17, 18, true},       // address mask
    {Protocol::icmpv6, 128, 129, true},   // echo
    {Protocol::icmpv6, 139, 140, false},  // node information
};

// Linux looks into the payload of SCTP and UDP-Lite, which packets here do not have: nothing sensible is there.
bool is_opaque(Protocol protocol) {
  constexpr std::uint8_t sctp = 132, udp_lite = 136;
  return static_cast<std::uint8_t>(protocol) == sctp || static_cast<std::uint8_t>(protocol) == udp_lite;
}

std::uint32_t fold(std::uint64_t bits) {
  return static_cast<std::uint32_t>(bits >> 32) ^ static_cast<std::uint32_t>(bits);
}

std::uint64_t spread(const FlowKey& key, AddressId address, std::uint16_t port) {
  const std::uint64_t owner = (std::uint64_t{key.host.value} << 8) | static_cast<std::uint64_t>(key.protocol);
  return mix_bits((std::uint64_t{address.value} << 32 | port) + owner * 0x9e3779b97f4a7c15u);
}

}  // namespace

std::uint32_t hash_of(const FlowKey& key) {
  const std::uint64_t source = spread(key, key.tuple.source, key.tuple.source_port);
  const std::uint64_t destination = (std::uint64_t{key.tuple.destination.value} << 32) | key.tuple.destination_port;
  return fold(mix_bits(source * 3 + destination));
}

std::uint32_t source_hash_of(const FlowKey& key) {
  return fold(spread(key, key.tuple.source, key.tuple.source_port));
}

std::optional<ConntrackTuple> tuple_of(const Packet& packet) {
  if (packet.fragment_offset != 0 || is_opaque(packet.protocol)) return std::nullopt;
  ConntrackTuple tuple{packet.source, packet.destination, 0, 0};
  if (is_icmp(packet.protocol)) {
    tuple.source_port = packet.destination_port;
    tuple.destination_port = packet.source_port;
  } else if (has_ports(packet.protocol)) {
    tuple.source_port = packet.source_port;
    tuple.destination_port = packet.destination_port;
  }
  return tuple;
}

std::optional<ConntrackTuple> inverse_of(const ConntrackTuple& tuple, Protocol protocol) {
  if (!is_icmp(protocol))
    return ConntrackTuple{tuple.destination, tuple.source, tuple.destination_port, tuple.source_port};
  const auto type = static_cast<std::uint8_t>(tuple.destination_port >> 8);
  const unsigned code = tuple.destination_port & 0xffu;
  for (const QueryPair& pair : query_pairs) {
    if (pair.protocol != protocol || (type != pair.query && type != pair.answer)) continue;
    const unsigned opposite = type == pair.query ? pair.answer : pair.query;
    return ConntrackTuple{tuple.destination, tuple.source, tuple.source_port,
                          static_cast<std::uint16_t>(opposite << 8 | code)};
  }
  return std::nullopt;
}

bool has_identifier(Protocol protocol, std::uint8_t icmp_type) {
  for (const QueryPair& pair : query_pairs)
    if (pair.protocol == protocol && pair.translated && (icmp_type == pair.query || icmp_type == pair.answer))
      return true;
  return false;
}

bool is_icmp_error(Protocol protocol, std::uint8_t icmp_type) {
  if (protocol == Protocol::icmpv6) return icmp_type < 128;
  return protocol == Protocol::icmp &&
         (icmp_type == 3 || icmp_type == 4 || icmp_type == 5 || icmp_type == 11 || icmp_type == 12);
}

bool is_icmp_query(Protocol protocol, std::uint8_t icmp_type) {
  for (const QueryPair& pair : query_pairs)
    if (pair.protocol == protocol && icmp_type == pair.query) return true;
  return false;
}

}  // namespace fourtuple::netfilter
