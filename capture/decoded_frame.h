// What can be said of a frame without knowing any other: its link header, its outermost IP packet, its checksums. So
// this part of reading a capture may run ahead, on another thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "capture/frame.h"
#include "capture/link.h"
#include "sim/wire/decode.h"

namespace fourtuple::capture {

struct DecodedFrame {
  Frame frame;
  LinkHeader link;
  // Of the outermost IP header, while `link` finds one.
  DecodedPacket packet;
  ChecksumVerdict checksums;

  // Bytes from the IP header to the end of the frame as it was on the wire. REQUIRES: `link` finds an IP packet.
  std::uint32_t wire_length() const {
    return std::max(frame.original, static_cast<std::uint32_t>(frame.bytes.size())) - link.offset;
  }
};

// Reads what `frame` holds; `out` refers to its bytes.
void decode_frame(const Frame& frame, bool verify_checksums, DecodedFrame& out);

}  // namespace fourtuple::capture
