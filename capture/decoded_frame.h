// What can be said of a frame without knowing any other: its link header, its outermost IP packet, its checksums. So
// this part of reading a capture may run ahead, on another thread.
#pragma once

#include <cstdint>

#include "capture/frame.h"
#include "capture/link.h"
#include "sim/wire/decode.h"

namespace fourtuple::capture {

struct DecodedFrame {
  Frame frame;                 // its bytes may be left out when what follows needs none: see needs_bytes()
  std::uint32_t captured = 0;  // how many bytes there were
  LinkHeader link;
  // Of the outermost IP header, while `link` finds one.
  DecodedPacket packet;
  ChecksumVerdict checksums;

  // Bytes from the IP header to the end of the frame as it was on the wire. REQUIRES: `link` finds an IP packet.
  std::uint32_t wire_length() const { return (frame.original > captured ? frame.original : captured) - link.offset; }
};

// Reads what `frame` holds; `out` has its bytes too.
void decode_frame(const Frame& frame, bool verify_checksums, DecodedFrame& out);

// Whether its bytes are still to be looked at: a tunnel may be entered, or an ICMP error quotes a packet.
bool needs_bytes(const DecodedFrame& frame);

}  // namespace fourtuple::capture
