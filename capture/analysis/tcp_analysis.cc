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

// The segment acknowledges what `flight` holds of the other direction. The round trip of the latest segment it
// acknowledges exactly, SegmentJudgement::no_rtt when there is none.
std::int64_t TcpConversation::acknowledge(const TcpSegment& segment, Flight& flight) {
  std::int64_t rtt_ns = SegmentJudgement::no_rtt;
  if (!segment.has(TcpFlag::ack)) return rtt_ns;
  flight.known = true;
  if (segment.ack.after(flight.lowest)) flight.lowest = segment.ack;
  if (flight.lowest.after(flight.highest)) flight.highest = flight.lowest;
  std::uint8_t kept = 0;
  for (std::size_t i = 0; i < flight.waiting; ++i) {
    const Waiting& waiting = flight.oldest[i];
    if (waiting.end.after(segment.ack)) {
      flight.oldest[kept++] = waiting;
    } else if (waiting.end == segment.ack && segment.time_ns >= waiting.time_ns) {
      rtt_ns = segment.time_ns - waiting.time_ns;
    }
  }
  flight.waiting = kept;
  return rtt_ns;
}

// Payload bytes in flight behind the segment, 0 when it carries none or they are not known.
std::uint32_t TcpConversation::send(const TcpSegment& segment, TcpMarks marks, Flight& flight) {
  if (marks.has(TcpMark::lost_segment)) flight.known = false;
  const SeqNumber end = segment.end();
  if (end == segment.seq) return 0;
  if (flight.lowest == flight.highest) {
    flight.lowest = segment.seq;
    flight.highest = end;
  } else {
    if (segment.seq.before(flight.lowest)) flight.lowest = segment.seq;
    flight.highest = later(flight.highest, end);
  }
  // What was sent twice says nothing about the round trip (RFC 6298 section 3).
  if (marks.has(TcpMark::retransmission))
    flight.waiting = 0;
  else if (flight.waiting < most_waiting && !marks.has(TcpMark::out_of_order))
    flight.oldest[flight.waiting++] = {segment.time_ns, end};
  if (!flight.known || segment.length == 0) return 0;
  return static_cast<std::uint32_t>(std::max(0, flight.highest - flight.lowest));
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
