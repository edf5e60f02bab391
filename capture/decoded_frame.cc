#include "capture/decoded_frame.h"

#include "capture/tunnel.h"

namespace fourtuple::capture {

void decode_frame(const Frame& frame, bool verify_checksums, DecodedFrame& out) {
  out.frame = frame;
  out.captured = static_cast<std::uint32_t>(frame.bytes.size());
  out.link = decode_link(frame.link, frame.bytes);
  out.checksums = {};
  if (out.link.network != Network::ip) return;
  const Bytes bytes = frame.bytes.subspan(out.link.offset);
  decode_packet(bytes, out.wire_length(), out.packet);
  if (verify_checksums) out.checksums = fourtuple::verify_checksums(bytes, out.packet);
}

bool needs_bytes(const DecodedFrame& frame) {
  if (frame.link.network != Network::ip) return false;
  const Protocol protocol = frame.packet.packet.protocol;
  return protocol == Protocol::icmp || protocol == Protocol::icmpv6 || may_hold_tunnel(frame.packet);
}

}  // namespace fourtuple::capture
