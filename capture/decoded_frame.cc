#include "capture/decoded_frame.h"

namespace fourtuple::capture {

void decode_frame(const Frame& frame, bool verify_checksums, DecodedFrame& out) {
  out.frame = frame;
  out.link = decode_link(frame.link, frame.bytes);
  out.checksums = {};
  if (out.link.network != Network::ip) return;
  const Bytes bytes = frame.bytes.subspan(out.link.offset);
  decode_packet(bytes, out.wire_length(), out.packet);
  if (verify_checksums) out.checksums = fourtuple::verify_checksums(bytes, out.packet);
}

}  // namespace fourtuple::capture
