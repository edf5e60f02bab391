// IP fragmentation and reassembly (RFC 791 section 3.2, RFC 8200 section 4.5).
#pragma once

#include <algorithm>

#include "sim/stack/context.h"
#include "sim/stack/packet_path.h"

namespace fourtuple::stack {

// Bytes behind the IP header: what fragments divide among themselves.
inline std::uint32_t fragmentable_length(const Packet& packet) {
  const bool fragment = (packet.fragment_flags & FragmentFlag::is_fragment) != 0;
  return (fragment ? 0 : transport_header_length(packet)) + packet.payload_length;
}

// Calls `emit` with each fragment of `packet` for a link of `mtu` bytes. Every fragment is a packet of its own with a
// record; the whole one goes no further.
template <class Emit>
void for_each_fragment(Context& c, HostId host, const Packet& packet, std::uint32_t mtu, Emit emit) {
  Packet part = packet;
  part.fragment_flags |= FragmentFlag::is_fragment;
  const std::uint32_t room = (mtu - ip_header_length(c.system, part)) & ~7u;  // offsets count in 8 bytes
  const std::uint32_t total = fragmentable_length(packet);
  const bool last_of_all = (packet.fragment_flags & FragmentFlag::more_fragments) == 0;
  const std::uint32_t header = total - packet.payload_length;
  for (std::uint32_t at = 0; at < total; at += room) {
    const bool last = at + room >= total;
    part.id = {c.system.next_packet++};
    part.payload_length = std::min(room, total - at);
    part.payload_offset = packet.payload_offset + (at == 0 ? 0 : at - header);
    part.fragment_offset = static_cast<std::uint16_t>(packet.fragment_offset + at / 8);
    part.fragment_flags =
        static_cast<std::uint8_t>(FragmentFlag::is_fragment | (last && last_of_all ? 0 : FragmentFlag::more_fragments));
    note(c, host, trace::PacketCreated{part});
    emit(part);
  }
}

// Takes in one fragment. True when it completes its datagram: `packet` is then the whole, with an id and record of its
// own.
bool reassemble(Context& c, HostId host, Packet& packet);

}  // namespace fourtuple::stack
