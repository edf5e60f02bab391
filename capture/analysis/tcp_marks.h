// What the analysis says of one TCP segment, under the names Wireshark 4.0 gives its tcp.analysis fields.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fourtuple::capture {

// In the order of tests/captures/truth.py. Every fast or spurious retransmission is also marked as a retransmission.
enum class TcpMark : std::uint8_t {
  retransmission = 0,
  fast_retransmission = 1,
  spurious_retransmission = 2,  // the other side had acknowledged all of it
  out_of_order = 3,
  lost_segment = 4,      // a segment before this one was not captured
  ack_lost_segment = 5,  // it acknowledges what was not captured
  duplicate_ack = 6,
  keep_alive = 7,
  keep_alive_ack = 8,
  zero_window = 9,
  zero_window_probe = 10,
  zero_window_probe_ack = 11,
  window_full = 12,  // it ends where the other side's window ends
  window_update = 13,
  reused_ports = 14,  // a SYN of a new connection on a four-tuple seen before
};
constexpr std::size_t tcp_mark_count = 15;

// "out_of_order": as in JSON, tcp.analysis.out_of_order in Wireshark.
constexpr std::string_view name_of(TcpMark mark) {
  constexpr std::array<std::string_view, tcp_mark_count> names{
      "retransmission", "fast_retransmission", "spurious_retransmission",
      "out_of_order",   "lost_segment",        "ack_lost_segment",
      "duplicate_ack",  "keep_alive",          "keep_alive_ack",
      "zero_window",    "zero_window_probe",   "zero_window_probe_ack",
      "window_full",    "window_update",       "reused_ports"};
  return names[static_cast<std::size_t>(mark)];
}

// "fast retransmission", "previous segment not captured": in sentences, Wireshark's words where they are clear.
constexpr std::string_view words_of(TcpMark mark) {
  constexpr std::array<std::string_view, tcp_mark_count> words{"retransmission",
                                                               "fast retransmission",
                                                               "spurious retransmission",
                                                               "out of order",
                                                               "previous segment not captured",
                                                               "acknowledges a segment not captured",
                                                               "duplicate ACK",
                                                               "keep-alive",
                                                               "keep-alive ACK",
                                                               "zero window",
                                                               "zero-window probe",
                                                               "zero-window probe ACK",
                                                               "window full",
                                                               "window update",
                                                               "port numbers reused"};
  return words[static_cast<std::size_t>(mark)];
}

class TcpMarks {
 public:
  constexpr void set(TcpMark mark) { bits_ = static_cast<std::uint16_t>(bits_ | bit(mark)); }
  constexpr bool has(TcpMark mark) const { return (bits_ & bit(mark)) != 0; }
  constexpr bool any() const { return bits_ != 0; }

  // Calls take(mark) for each mark, lowest number first.
  template <class Take>
  constexpr void each(Take take) const {
    for (unsigned rest = bits_; rest != 0; rest &= rest - 1) take(static_cast<TcpMark>(std::countr_zero(rest)));
  }

  friend constexpr bool operator==(TcpMarks, TcpMarks) = default;

 private:
  static constexpr std::uint16_t bit(TcpMark mark) {
    return static_cast<std::uint16_t>(1u << static_cast<unsigned>(mark));
  }
  std::uint16_t bits_ = 0;
};

}  // namespace fourtuple::capture
