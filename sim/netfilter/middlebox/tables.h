// What a middlebox translator keeps: its settings and its mappings. A value, part of Netfilter.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/index_map.h"
#include "sim/base/time.h"
#include "sim/wire/packet.h"

namespace fourtuple::netfilter {

// What a mapping or a filter looks at besides the inside address and port (RFC 4787 sections 4.1 and 5).
enum class NatDependence : std::uint8_t { endpoint_independent, address_dependent, address_and_port_dependent };

struct MiddleboxConfig {
  NatDependence mapping = NatDependence::endpoint_independent;
  NatDependence filtering = NatDependence::address_and_port_dependent;
  InterfaceId outside;
  AddressId address;  // its first IPv4 address
  bool preserve_ports = true;
  std::uint32_t timeout_s = 300;
};

// An address and port as a mapping sees them; ICMP echo counts its identifier as the port.
struct MiddleboxKey {
  AddressId inside, remote;  // remote: none where the mapping does not depend on it
  std::uint16_t inside_port = 0, remote_port = 0;
  Protocol protocol = Protocol::none;
  friend bool operator==(const MiddleboxKey&, const MiddleboxKey&) = default;
};
inline std::uint64_t hash_of(const MiddleboxKey& key) {
  const std::uint64_t addresses = (std::uint64_t{key.inside.value} << 32) | key.remote.value;
  const std::uint64_t ports = (std::uint64_t{key.inside_port} << 24) | (std::uint64_t{key.remote_port} << 8);
  return mix_bits(addresses * 0x9e3779b97f4a7c15u + ports + static_cast<std::uint64_t>(key.protocol));
}

struct OutsidePort {
  std::uint16_t port = 0;
  Protocol protocol = Protocol::none;
  friend bool operator==(const OutsidePort&, const OutsidePort&) = default;
};
inline std::uint64_t hash_of(const OutsidePort& key) {
  return mix_bits((std::uint64_t{key.port} << 8) | static_cast<std::uint64_t>(key.protocol));
}

struct MiddleboxPeer {
  AddressId address;
  std::uint16_t port = 0;
};

struct Mapping {
  MiddleboxKey key;
  std::uint32_t entry = 0xffffffffu;  // State::conntrack
  std::uint16_t outside_port = 0;
  Time expires{0};
  std::vector<MiddleboxPeer> peers;  // whom the inside has sent to through it
};

struct Middlebox {
  bool active = false;
  MiddleboxConfig config;
  std::vector<Mapping> mappings;
  IndexMap<MiddleboxKey> by_inside;
  IndexMap<OutsidePort> by_outside;
};

}  // namespace fourtuple::netfilter
