// What identifies a connection on one host: local and remote address and port (the protocol selects the table). It is
// written from the owner's side; a packet's tuple is written from its receiver's side to look it up.
#pragma once

#include <cstdint>

#include "sim/base/ids.h"
#include "sim/base/index_map.h"
#include "sim/wire/packet.h"

namespace fourtuple {

struct FourTuple {
  AddressId local;
  AddressId remote;
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;

  FourTuple reversed() const { return {remote, local, remote_port, local_port}; }
  friend bool operator==(const FourTuple&, const FourTuple&) = default;
};
static_assert(sizeof(FourTuple) == 12);

inline std::uint64_t hash_of(const FourTuple& tuple) {
  const std::uint64_t addresses = (std::uint64_t{tuple.local.value} << 32) | tuple.remote.value;
  const std::uint64_t ports = (std::uint64_t{tuple.local_port} << 16) | tuple.remote_port;
  return mix_bits(addresses * 0x9e3779b97f4a7c15u + ports);
}

// The tuple under which the receiver of `packet` looks it up.
inline FourTuple receiver_tuple(const Packet& packet) {
  return {packet.destination, packet.source, packet.destination_port, packet.source_port};
}
inline FourTuple sender_tuple(const Packet& packet) {
  return receiver_tuple(packet).reversed();
}

}  // namespace fourtuple
