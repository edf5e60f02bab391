#include "capture/fragments.h"

#include "sim/base/index_map.h"

namespace fourtuple::capture {

std::size_t Fragments::slot_of(const DecodedPacket& decoded) {
  const Packet& packet = decoded.packet;
  const std::uint64_t addresses = (std::uint64_t{packet.source.value} << 32) | packet.destination.value;
  return mix_bits(mix_bits(addresses) ^ decoded.fragment_id ^ (std::uint64_t{decoded.ip_protocol} << 32)) % capacity;
}

bool Fragments::matches(const Datagram& datagram, const DecodedPacket& decoded) {
  return datagram.place.valid() && datagram.id == decoded.fragment_id && datagram.protocol == decoded.ip_protocol &&
         datagram.source == decoded.packet.source && datagram.destination == decoded.packet.destination;
}

void Fragments::add(const DecodedPacket& first, const FlowPlace& place) {
  datagrams_[slot_of(first)] = {first.packet.source, first.packet.destination, first.fragment_id, first.ip_protocol,
                                place};
}

FlowPlace Fragments::find(const DecodedPacket& later) const {
  const Datagram& datagram = datagrams_[slot_of(later)];
  return matches(datagram, later) ? datagram.place : FlowPlace{};
}

}  // namespace fourtuple::capture
