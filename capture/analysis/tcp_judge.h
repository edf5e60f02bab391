// Judges TCP segments from outside with the definitions of Wireshark 4.0's sequence analysis, so that both name a
// segment alike: constant time and memory per segment. Where Wireshark takes a stored number 0 for "not seen yet", so
// does this, because its answers depend on it.
#pragma once

#include <cstdint>
#include <optional>

#include "capture/analysis/tcp_marks.h"
#include "sim/wire/packet.h"

namespace fourtuple::capture {

// A segment as far as it is judged.
struct TcpSegment {
  SeqNumber seq, ack;  // ack: as in the header, also without the ACK flag
  std::uint32_t length = 0;
  std::uint16_t window = 0;  // unscaled
  std::uint8_t flags = 0;
  std::optional<std::uint8_t> window_scale;  // of a SYN
  std::int64_t time_ns = 0;
  std::uint32_t sacked = 0;  // bytes its SACK blocks report

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
  // SYN and FIN together count once, as in Wireshark.
  SeqNumber end() const { return seq + length + (has(TcpFlag::syn | TcpFlag::fin) ? 1u : 0u); }
};

// What was seen of one direction.
struct TcpSide {
  static constexpr std::int8_t scale_unknown = -1, scale_unused = -2;
  static constexpr std::uint32_t unknown_window = 0xffffffffu;

  std::int64_t next_time_ns = 0;  // when `next` rose
  std::int64_t ack_time_ns = 0;   // of the last segment
  SeqNumber next;                 // one beyond the highest sequence number sent
  SeqNumber last_ack;
  SeqNumber contiguous;  // the highest number the other side can acknowledge if all was captured
  std::uint32_t duplicate_acks = 0;
  std::uint32_t window = unknown_window;  // unscaled
  TcpMarks last_marks;
  std::int8_t window_scale = scale_unknown;
  bool ack_beyond_told = false;  // the other side was said to acknowledge what `this` never showed
  bool window_unscaled = false;  // the last window stood in a SYN
};

// The marks of a segment its sender `own` sends to `peer`; both then remember it. `initial_rtt_ns`: 0 while unknown.
TcpMarks judge(const TcpSegment& segment, std::int64_t initial_rtt_ns, bool reuses_ports, TcpSide& own, TcpSide& peer);

}  // namespace fourtuple::capture
