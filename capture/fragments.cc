#include "capture/fragments.h"

#include "sim/base/index_map.h"

namespace fourtuple::capture {

std::size_t Fragments::slot_of(const DecodedPacket& decoded) {
  const Packet& packet = decoded.packet;
  const std::uint64_t addresses = (std::uint64_t{packet.source.value} << 32) | packet.destination.value;
  return mix_bits(mix_bits(addresses) ^ decoded.fragment_id ^ (std::uint64_t{decoded.ip_protocol} << 32)) % capacity;
}

bool Fragments::matches(const Datagram& datagram, const DecodedPacket& decoded) {
  return (datagram.place.valid() || datagram.early.count != 0) && datagram.id == decoded.fragment_id &&
         datagram.protocol == decoded.ip_protocol && datagram.source == decoded.packet.source &&
         datagram.destination == decoded.packet.destination;
}

Fragments::Early Fragments::add(const DecodedPacket& first, const FlowPlace& place) {
  Datagram& datagram = datagrams_[slot_of(first)];
  const Early early = matches(datagram, first) ? datagram.early : Early{};
  datagram = {first.packet.source, first.packet.destination, first.fragment_id, first.ip_protocol, place, {}};
  return early;
}

FlowPlace Fragments::find(const DecodedPacket& later, std::uint32_t frame) {
  Datagram& datagram = datagrams_[slot_of(later)];
  if (!matches(datagram, later))
    datagram = {later.packet.source, later.packet.destination, later.fragment_id, later.ip_protocol, {}, {}};
  if (!datagram.place.valid() && datagram.early.count < most_early)
    datagram.early.frames[datagram.early.count++] = frame;
  return datagram.place;
}

}  // namespace fourtuple::capture
