// Tuples of packets: what identifies a flow on a host, how it looks from the other side, and its hash.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/state/netfilter.h"
#include "sim/wire/packet.h"

namespace fourtuple::netfilter {

using state::ConntrackTuple;

// A tuple with what it is unique under.
struct FlowKey {
  ConntrackTuple tuple;
  HostId host;
  Protocol protocol = Protocol::none;
  friend bool operator==(const FlowKey&, const FlowKey&) = default;
};
std::uint32_t hash_of(const FlowKey& key);
// Of host, protocol and the tuple's source alone.
std::uint32_t source_hash_of(const FlowKey& key);

// The tuple of a packet as it is on the wire; nothing for a fragment without a transport header, SCTP and UDP-Lite.
std::optional<ConntrackTuple> tuple_of(const Packet& packet);
// The tuple of the packets that answer; nothing for ICMP messages that nothing answers.
std::optional<ConntrackTuple> inverse_of(const ConntrackTuple& tuple, Protocol protocol);

constexpr bool is_icmp(Protocol protocol) {
  return protocol == Protocol::icmp || protocol == Protocol::icmpv6;
}
constexpr bool has_ports(Protocol protocol) {
  return protocol == Protocol::tcp || protocol == Protocol::udp;
}
// Messages that carry an identifier: queries and their answers.
bool has_identifier(Protocol protocol, std::uint8_t icmp_type);
// Messages that quote the packet they are about.
bool is_icmp_error(Protocol protocol, std::uint8_t icmp_type);
// Queries: only they begin an ICMP flow.
bool is_icmp_query(Protocol protocol, std::uint8_t icmp_type);

}  // namespace fourtuple::netfilter
