#include "capture/analysis/tcp_analysis.h"

#include <algorithm>

#include "capture/prefetch.h"

namespace fourtuple::capture {

void RoundTrips::add(std::int64_t rtt_ns) {
  least_ns = count == 0 ? rtt_ns : std::min(least_ns, rtt_ns);
  most_ns = std::max(most_ns, rtt_ns);
  sum_ns += rtt_ns;
  ++count;
}

// The segment acknowledges what `flight` holds of the other direction, as in Wireshark even without an ACK flag; how
// long ago that was sent.
std::int64_t TcpConversation::acknowledge(const TcpSegment& segment, Flight& flight) {
  flight.sacked = segment.sacked;
  if (segment.has(TcpFlag::ack)) flight.known = true;
  return flight.sent.acknowledge(segment.ack, segment.time_ns);
}

// Bytes in flight behind the segment, 0 when it carries none or they are not known.
std::uint32_t TcpConversation::send(const TcpSegment& segment, TcpMarks marks, Flight& flight) {
  if (marks.has(TcpMark::lost_segment)) flight.known = false;
  const SeqNumber end = segment.end();
  if (end == segment.seq) return 0;
  flight.sent.add(segment.seq, end, segment.time_ns);
  if (!flight.known || segment.length == 0) return 0;
  // As in Wireshark: a SYN or FIN counts behind other segments, but not behind its own; 2 GB and more are nonsense.
  constexpr std::uint32_t nonsense = 2'000'000'000;
  const std::uint32_t own_flag = segment.has(TcpFlag::syn | TcpFlag::fin) ? 1 : 0;
  const std::uint32_t bytes = flight.sent.bytes() - flight.sacked - own_flag;
  return bytes < nonsense ? bytes : 0;
}

void TcpConversation::count(const TcpSegment& segment, const SegmentJudgement& judged, std::uint8_t direction) {
  TcpSent& sent = sent_[direction];
  judged.marks.each([&](TcpMark mark) { ++sent.marks[static_cast<std::size_t>(mark)]; });
  sent.most_in_flight = std::max(sent.most_in_flight, judged.in_flight);
  if (judged.rtt_ns != SegmentJudgement::no_rtt) sent_[1 - direction].rtt.add(judged.rtt_ns);
  if (!segment.has(TcpFlag::syn | TcpFlag::rst)) {
    const std::uint32_t window = std::uint32_t{segment.window} << std::max<int>(sides_[direction].window_scale, 0);
    sent.least_window = std::min(sent.least_window, window);
    sent.most_window = std::max(sent.most_window, window);
  }
  if (segment.length != 0) {
    if (sent.data_segments++ == 0) sent.first_data_ns = segment.time_ns;
    sent.last_data_ns = std::max(sent.last_data_ns, segment.time_ns);
    const bool repeated = judged.marks.has(TcpMark::retransmission);
    sent.repeated_segments += repeated;
    if (repeated || judged.marks.has(TcpMark::keep_alive)) sent.repeated_payload += segment.length;
  }
  if (ending_.with != TcpEnding::With::nothing || !segment.has(TcpFlag::fin | TcpFlag::rst)) return;
  ending_ = {segment.has(TcpFlag::rst) ? TcpEnding::With::rst : TcpEnding::With::fin, direction};
}

SegmentJudgement TcpConversation::add(const TcpSegment& segment, std::uint8_t direction, std::int64_t initial_rtt_ns,
                                      bool reuses_ports) {
  SegmentJudgement judged;
  judged.marks = judge(segment, initial_rtt_ns, reuses_ports, sides_[direction], sides_[1 - direction]);
  judged.rtt_ns = acknowledge(segment, flights_[1 - direction]);
  judged.in_flight = send(segment, judged.marks, flights_[direction]);
  count(segment, judged, direction);
  return judged;
}

SegmentJudgement TcpAnalysis::add(const TcpSegment& segment, const Flow& flow, std::uint8_t direction,
                                  bool reuses_ports) {
  if (conversations_.size() <= flow.stream) conversations_.resize(flow.stream + 1);
  TcpConversation& conversation = conversations_[flow.stream];
  return conversation.add(segment, direction, flow.tcp.initial_rtt_ns.value_or(0), reuses_ports);
}

void TcpAnalysis::prefetch(std::uint32_t stream) const {
  if (stream < conversations_.size()) prefetch_lines(&conversations_[stream], sizeof(TcpConversation));
}

const TcpConversation& TcpAnalysis::of(const Flow& flow) const {
  static const TcpConversation nothing;
  return flow.stream < conversations_.size() ? conversations_[flow.stream] : nothing;
}

}  // namespace fourtuple::capture
