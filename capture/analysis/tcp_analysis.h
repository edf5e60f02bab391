// The TCP analysis of a capture: every segment judged, and per conversation what the segments add up to. Flat state,
// constant time per segment, no allocation but for new conversations.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "capture/analysis/tcp_judge.h"
#include "capture/analysis/unacked.h"
#include "capture/flow.h"

namespace fourtuple::capture {

// What the analysis says of one segment.
struct SegmentJudgement {
  static constexpr std::int64_t no_rtt = Unacked::no_rtt;

  TcpMarks marks;
  std::uint32_t in_flight = 0;   // bytes sent and neither acknowledged nor SACKed behind it; 0: not known
  std::int64_t rtt_ns = no_rtt;  // it acknowledges a segment sent so long before
};

// The round trips one direction's segments took until they were acknowledged, at the place of capture.
struct RoundTrips {
  std::uint32_t count = 0;
  std::int64_t least_ns = 0, most_ns = 0, sum_ns = 0;

  void add(std::int64_t rtt_ns);
};

// What one direction sent.
struct TcpSent {
  std::array<std::uint32_t, tcp_mark_count> marks{};  // segments with each mark, by TcpMark
  std::uint32_t data_segments = 0, most_in_flight = 0;
  std::uint32_t repeated_segments = 0;                        // retransmissions with data
  std::uint32_t least_window = 0xffffffffu, most_window = 0;  // bytes, scaled as far as known; of SYN and RST none
  std::uint64_t repeated_payload = 0;                         // of retransmissions and keep-alives
  std::int64_t first_data_ns = 0, last_data_ns = 0;
  RoundTrips rtt;  // of its segments

  std::uint32_t count(TcpMark mark) const { return marks[static_cast<std::size_t>(mark)]; }
};

// Who ended a conversation, and how: the first FIN or RST.
struct TcpEnding {
  enum class With : std::uint8_t { nothing = 0, fin = 1, rst = 2 };
  With with = With::nothing;
  std::uint8_t direction = 0;
};

class alignas(64) TcpConversation {
 public:
  // Takes in the next segment in file order.
  SegmentJudgement add(const TcpSegment& segment, std::uint8_t direction, std::int64_t initial_rtt_ns,
                       bool reuses_ports);

  const PerDirection<TcpSent>& sent() const { return sent_; }
  const TcpEnding& ending() const { return ending_; }

 private:
  struct Flight {
    Unacked sent;
    bool known = true;         // false after a gap, until the other side speaks
    std::uint32_t sacked = 0;  // bytes the other side's last segment reported with SACK
  };

  static std::int64_t acknowledge(const TcpSegment& segment, Flight& flight);
  static std::uint32_t send(const TcpSegment& segment, TcpMarks marks, Flight& flight);
  void count(const TcpSegment& segment, const SegmentJudgement& judged, std::uint8_t direction);

  PerDirection<TcpSide> sides_;
  PerDirection<Flight> flights_;
  PerDirection<TcpSent> sent_;
  TcpEnding ending_;
};

class TcpAnalysis {
 public:
  // Takes in a segment of the TCP conversation with this Flow::stream. Streams are numbered from 0 without gaps.
  SegmentJudgement add(const TcpSegment& segment, const Flow& flow, std::uint8_t direction, bool reuses_ports);

  // For segments that are added soon: asks for the memory of the TCP conversation with this Flow::stream.
  void prefetch(std::uint32_t stream) const;

  // REQUIRES: the conversation is TCP. Of one without a readable segment: nothing.
  const TcpConversation& of(const Flow& flow) const;

 private:
  std::vector<TcpConversation> conversations_;  // by Flow::stream
};

}  // namespace fourtuple::capture
