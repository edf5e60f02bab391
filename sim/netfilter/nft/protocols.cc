#include "sim/netfilter/nft/protocols.h"

#include <algorithm>

namespace fourtuple::nft {
namespace {

struct Place {
  Field first;  // the fields of a header in the order of the enumeration, from this one on
  Protocol protocol;
  Layer layer;
  std::array<std::uint16_t, 12> offsets;  // of each in bits
  std::uint8_t count;
};

constexpr Place places[] = {
    {Field::ip_version, Protocol::ip, Layer::network, {0, 4, 8, 14, 16, 32, 48, 64, 72, 80, 96, 128}, 12},
    {Field::ip6_version, Protocol::ip6, Layer::network, {0, 4, 10, 12, 32, 48, 56, 64, 192}, 9},
    {Field::tcp_sport, Protocol::tcp, Layer::transport, {0, 16, 32, 64, 96, 100, 104, 112, 128, 144}, 10},
    {Field::udp_sport, Protocol::udp, Layer::transport, {0, 16, 32, 48}, 4},
    {Field::udplite_sport, Protocol::udplite, Layer::transport, {0, 16, 32, 48}, 4},
    {Field::sctp_sport, Protocol::sctp, Layer::transport, {0, 16, 32, 64}, 4},
    {Field::dccp_sport, Protocol::dccp, Layer::transport, {0, 16, 67}, 3},
    {Field::th_sport, Protocol::transport, Layer::transport, {0, 16}, 2},
    {Field::icmp_type, Protocol::icmp, Layer::transport, {0, 8, 16, 32, 48, 32, 48}, 7},
    {Field::icmpv6_type, Protocol::icmpv6, Layer::transport, {0, 8, 16, 32, 32, 32, 48, 32}, 8},
    {Field::igmp_type, Protocol::igmp, Layer::transport, {0, 16, 8, 32}, 4},
    {Field::ah_nexthdr, Protocol::ah, Layer::transport, {0, 8, 16, 32, 64}, 5},
    {Field::esp_spi, Protocol::esp, Layer::transport, {0, 32}, 2},
    {Field::comp_nexthdr, Protocol::comp, Layer::transport, {0, 8, 16}, 3},
    {Field::ether_saddr, Protocol::ether, Layer::link, {48, 0, 96}, 3},
};

Protocol network_protocol(std::uint64_t ether_type) {
  switch (ether_type) {
    case 0x0800:
      return Protocol::ip;
    case 0x86dd:
      return Protocol::ip6;
    case 0x0806:
      return Protocol::arp;
    default:
      return Protocol::none;
  }
}

Protocol transport_protocol(std::uint64_t number) {
  switch (number) {
    case 1:
      return Protocol::icmp;
    case 2:
      return Protocol::igmp;
    case 6:
      return Protocol::tcp;
    case 17:
      return Protocol::udp;
    case 33:
      return Protocol::dccp;
    case 50:
      return Protocol::esp;
    case 51:
      return Protocol::ah;
    case 58:
      return Protocol::icmpv6;
    case 108:
      return Protocol::comp;
    case 132:
      return Protocol::sctp;
    case 136:
      return Protocol::udplite;
    default:
      return Protocol::none;
  }
}

}  // namespace

std::optional<HeaderField> header_field(Field field) {
  for (const Place& place : places) {
    const int at = static_cast<int>(field) - static_cast<int>(place.first);
    if (at < 0 || at >= place.count) continue;
    return HeaderField{place.layer, place.protocol, place.offsets[static_cast<std::size_t>(at)], info(field).bits};
  }
  return std::nullopt;
}

std::optional<Field> field_at(Protocol protocol, std::uint64_t offset, std::uint64_t bits) {
  for (const Place& place : places) {
    if (place.protocol != protocol) continue;
    for (int i = 0; i < place.count; ++i) {
      const auto field = static_cast<Field>(static_cast<int>(place.first) + i);
      if (place.offsets[static_cast<std::size_t>(i)] == offset && info(field).bits == bits) return field;
    }
  }
  return std::nullopt;
}

std::optional<Field> nth_field(Protocol protocol, int n) {
  for (const Place& place : places)
    if (place.protocol == protocol && n < place.count) return static_cast<Field>(static_cast<int>(place.first) + n);
  return std::nullopt;
}

std::optional<Layer> key_layer(Field field) {
  switch (field) {
    case Field::meta_iiftype:
      return Layer::none;
    case Field::meta_nfproto:
    case Field::ct_l3proto:
    case Field::meta_protocol:
    case Field::ether_type:
      return Layer::link;
    case Field::meta_l4proto:
    case Field::ip_protocol:
    case Field::ip6_nexthdr:
      return Layer::network;
    case Field::icmp_type:
    case Field::icmpv6_type:
      return Layer::transport;
    default:
      return std::nullopt;
  }
}

std::optional<std::uint8_t> icmp_type_of(Field field) {
  switch (field) {
    case Field::icmp_id:
    case Field::icmp_sequence:
      return icmp_echo_request;
    case Field::icmp_gateway:
      return 5;
    case Field::icmp_mtu:
      return 3;
    case Field::icmpv6_id:
    case Field::icmpv6_sequence:
      return icmpv6_echo_request;
    case Field::icmpv6_parameter_problem:
      return 4;
    case Field::icmpv6_mtu:
      return 2;
    case Field::icmpv6_max_delay:
      return 130;
    default:
      return std::nullopt;
  }
}

ProtocolContext::ProtocolContext(TableFamily family)
    : sees_frames_(family == TableFamily::bridge || family == TableFamily::netdev) {
  switch (family) {
    case TableFamily::ip:
      set(Layer::network, Protocol::ip);
      break;
    case TableFamily::ip6:
      set(Layer::network, Protocol::ip6);
      break;
    case TableFamily::arp:
      set(Layer::network, Protocol::arp);
      break;
    case TableFamily::inet:
      set(Layer::link, Protocol::inet);
      break;
    case TableFamily::bridge:
      set(Layer::link, Protocol::ether);
      break;
    case TableFamily::netdev:
      set(Layer::link, Protocol::netdev);
      break;
  }
}

void ProtocolContext::learn(Field field, Value value) {
  switch (field) {
    case Field::meta_iiftype:
      if (value.low == 1) set(Layer::link, Protocol::ether);
      break;
    case Field::meta_nfproto:
    case Field::ct_l3proto:
      if (value.low == 2) set(Layer::network, Protocol::ip);
      if (value.low == 10) set(Layer::network, Protocol::ip6);
      break;
    case Field::meta_protocol:
      if (!sees_frames_) break;
      [[fallthrough]];
    case Field::ether_type:
      if (const Protocol found = network_protocol(value.low); found != Protocol::none) set(Layer::network, found);
      break;
    case Field::meta_l4proto: {
      const Protocol found = transport_protocol(value.low);
      set(Layer::transport, found == Protocol::none ? Protocol::unknown : found);
      break;
    }
    case Field::ip_protocol:
    case Field::ip6_nexthdr:
      if (const Protocol found = transport_protocol(value.low); found != Protocol::none) set(Layer::transport, found);
      break;
    case Field::icmp_type:  // the two of echo share their fields
      icmp_type = value.low == icmp_echo_reply ? icmp_echo_request : static_cast<std::uint8_t>(value.low);
      break;
    case Field::icmpv6_type:
      icmp_type = value.low == icmpv6_echo_reply ? icmpv6_echo_request : static_cast<std::uint8_t>(value.low);
      break;
    default:
      break;
  }
}

}  // namespace fourtuple::nft
