// Which header a selector reads, and what nft knows about a packet's protocols while it reads a rule from left to
// right: a comparison such as `meta l4proto tcp` settles a layer, and a selector of an unsettled layer needs a test.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "sim/netfilter/nft/syntax.h"

namespace fourtuple::nft {

// nft's layers. A test of a layer's key settles the layer above it: `meta nfproto` is a key of the link layer.
enum class Layer : std::uint8_t { none, link, network, transport, inner };

enum class Protocol : std::uint8_t {
  none,     // not settled
  unknown,  // settled as something nft has no header for
  inet,     // the link layer of inet tables
  netdev,
  ether,
  vlan,
  arp,
  ip,
  ip6,
  tcp,
  udp,
  udplite,
  sctp,
  dccp,
  icmp,
  icmpv6,
  igmp,
  ah,
  esp,
  comp,
  transport,  // `th`: any protocol with ports
};

// Where a field lies. `offset` and `bits` count from the beginning of its header.
struct HeaderField {
  Layer layer = Layer::none;
  Protocol protocol = Protocol::none;
  std::uint16_t offset = 0, bits = 0;
};

// Nothing for selectors that read no header: meta, ct, fib and others.
std::optional<HeaderField> header_field(Field field);
// The field of `protocol` at this place, as nft shows a raw payload expression once the protocol is settled.
std::optional<Field> field_at(Protocol protocol, std::uint64_t offset, std::uint64_t bits);

// The fields of a header one by one, in the order of their enumeration; nothing beyond the last.
std::optional<Field> nth_field(Protocol protocol, int n);

// The layer whose key this field is (meta l4proto, ip protocol: network); `icmp type` counts as the transport's.
std::optional<Layer> key_layer(Field field);

// ICMP fields that exist for one type of message only: that type, with echo standing for request and reply.
std::optional<std::uint8_t> icmp_type_of(Field field);

struct ProtocolContext {
  std::array<Protocol, 4> layers{};  // by Layer
  std::optional<std::uint8_t> icmp_type;

  explicit ProtocolContext(TableFamily family);
  Protocol at(Layer layer) const { return layers[static_cast<std::size_t>(layer)]; }
  void set(Layer layer, Protocol protocol) { layers[static_cast<std::size_t>(layer)] = protocol; }
  // What a comparison with one value tells.
  void learn(Field field, Value value);

 private:
  bool sees_frames_;  // elsewhere nft draws no conclusion from `meta protocol`
};

constexpr std::uint8_t icmp_echo_request = 8, icmp_echo_reply = 0, icmpv6_echo_request = 128, icmpv6_echo_reply = 129;

}  // namespace fourtuple::nft
