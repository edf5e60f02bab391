#include "capture/analysis/tcp_judge.h"

#include <algorithm>

namespace fourtuple::capture {
namespace {

constexpr std::uint8_t control_flags = TcpFlag::syn | TcpFlag::fin | TcpFlag::rst;
constexpr std::int64_t fast_retransmission_ns = 20'000'000, reordering_ns = 3'000'000;
constexpr std::uint32_t fast_retransmission_acks = 2;

bool seen(SeqNumber number) {
  return number.raw != 0;
}

void forget_acks(TcpSide& side) {
  side.duplicate_acks = 0;
  side.ack_beyond_told = false;
}

// A clock that ran backwards is never within.
bool within(std::int64_t interval_ns, std::int64_t most_ns) {
  return interval_ns >= 0 && interval_ns < most_ns;
}

// One segment on its way through the rules, which stand below in the order they are tried.
struct Case {
  const TcpSegment& segment;
  TcpSide& own;
  TcpSide& peer;
  std::int64_t initial_rtt_ns;
  TcpMarks marks;

  bool control() const { return segment.has(control_flags); }
  // Nothing new: no data, at the next sequence number, the same acknowledgement.
  bool repeats_ack() const {
    return segment.length == 0 && segment.seq == own.next && segment.ack == own.last_ack && !control();
  }
  // Nothing new and the same window as before.
  bool repeats_window() const { return repeats_ack() && segment.window == own.window; }

  bool probes_zero_window();
  void find_zero_window();
  void find_lost_segment();
  void find_keep_alive();
  void find_window_update();
  void find_window_full();
  bool answers_keep_alive();
  bool answers_zero_window_probe();
  void find_duplicate_ack();
  void find_ack_of_lost();
  void find_repetition();
  bool is_spurious() const;
  bool is_fast(bool behind) const;
  bool is_reordered(bool behind) const;
  void remember();
};

bool Case::probes_zero_window() {
  if (segment.length != 1 || segment.seq != own.next || peer.window != 0) return false;
  marks.set(TcpMark::zero_window_probe);
  return true;
}

void Case::find_zero_window() {
  if (segment.window == 0 && !control()) marks.set(TcpMark::zero_window);
}

void Case::find_lost_segment() {
  if (!seen(own.next) || !segment.seq.after(own.next) || segment.has(TcpFlag::rst)) return;
  marks.set(TcpMark::lost_segment);
}

void Case::find_keep_alive() {
  if (segment.length <= 1 && segment.seq == own.next - 1u && !control()) marks.set(TcpMark::keep_alive);
}

void Case::find_window_update() {
  if (repeats_ack() && segment.window != 0 && segment.window != own.window) marks.set(TcpMark::window_update);
}

void Case::find_window_full() {
  if (segment.length == 0 || control() || peer.window_scale == TcpSide::scale_unknown) return;
  const int shift = peer.window_unscaled ? 0 : std::max<int>(peer.window_scale, 0);
  if (segment.seq + segment.length == peer.last_ack + (peer.window << shift)) marks.set(TcpMark::window_full);
}

bool Case::answers_keep_alive() {
  if (!repeats_window() || segment.window == 0 || !peer.last_marks.has(TcpMark::keep_alive)) return false;
  marks.set(TcpMark::keep_alive_ack);
  return true;
}

bool Case::answers_zero_window_probe() {
  if (!repeats_window() || segment.window != 0 || !peer.last_marks.has(TcpMark::zero_window_probe)) return false;
  marks.set(TcpMark::zero_window_probe_ack);
  return true;
}

void Case::find_duplicate_ack() {
  if (!repeats_window() || segment.window == 0) return;
  ++own.duplicate_acks;
  own.ack_beyond_told = false;
  marks.set(TcpMark::duplicate_ack);
}

// Of a gap always; of what comes behind all that was seen only once, and not while the other side repeats itself.
void Case::find_ack_of_lost() {
  if (!seen(peer.contiguous) || !segment.has(TcpFlag::ack) || !segment.ack.after(peer.contiguous)) return;
  const bool gap = peer.next.after(peer.contiguous);
  if (gap || (peer.duplicate_acks == 0 && !peer.ack_beyond_told)) marks.set(TcpMark::ack_lost_segment);
  if (segment.ack.after(peer.next)) {
    peer.duplicate_acks = 0;
    peer.ack_beyond_told = true;
  }
  peer.contiguous = peer.next;
}

bool Case::is_spurious() const {
  return segment.length != 0 && seen(peer.last_ack) && (segment.seq + segment.length).at_or_before(peer.last_ack);
}

bool Case::is_fast(bool behind) const {
  const bool asked = peer.duplicate_acks >= fast_retransmission_acks || peer.ack_beyond_told;
  return behind && asked && peer.last_ack == segment.seq &&
         within(segment.time_ns - peer.ack_time_ns, fast_retransmission_ns);
}

bool Case::is_reordered(bool behind) const {
  const std::int64_t patience_ns = initial_rtt_ns == 0 ? reordering_ns : initial_rtt_ns;
  return behind && within(segment.time_ns - own.next_time_ns, patience_ns) && own.next != segment.end();
}

void Case::find_repetition() {
  if (segment.length == 0 && !segment.has(TcpFlag::syn | TcpFlag::fin)) return;
  bool behind = seen(own.next) && segment.seq.before(own.next);
  if (behind && marks.has(TcpMark::keep_alive)) return;
  // New data behind the byte of a probe that did not count.
  if (segment.length > 1 && own.next - 1u == segment.seq) behind = false;
  if (is_spurious()) {
    marks.set(TcpMark::spurious_retransmission);
    marks.set(TcpMark::retransmission);
  } else if (is_fast(behind)) {
    marks.set(TcpMark::fast_retransmission);
    marks.set(TcpMark::retransmission);
  } else if (is_reordered(behind)) {
    marks.set(TcpMark::out_of_order);
  } else if (behind) {
    marks.set(TcpMark::retransmission);
  }
}

void Case::remember() {
  const bool probe = marks.has(TcpMark::zero_window_probe);
  const SeqNumber end = segment.end();
  if (!probe && (!seen(own.next) || end.after(own.next))) {
    own.next = end;
    own.next_time_ns = segment.time_ns;
  }
  if (!probe && (!seen(own.contiguous) || segment.seq == own.contiguous)) own.contiguous = own.next;
  own.window = segment.window;
  own.window_unscaled = segment.has(TcpFlag::syn);
  own.last_ack = segment.ack;
  own.ack_time_ns = segment.time_ns;
  own.last_marks = marks;
}

// Scaling is used when both SYNs offer it (RFC 7323 section 2.2).
void note_scale(const TcpSegment& segment, TcpSide& own, TcpSide& peer) {
  if (!segment.has(TcpFlag::syn)) return;
  if (!segment.window_scale && own.window_scale == TcpSide::scale_unknown) {
    own.window_scale = peer.window_scale = TcpSide::scale_unused;
    return;
  }
  if (!segment.window_scale) return;
  own.window_scale = static_cast<std::int8_t>(std::min<std::uint8_t>(*segment.window_scale, 14));
  if (segment.has(TcpFlag::ack) && peer.window_scale == TcpSide::scale_unused) own.window_scale = TcpSide::scale_unused;
}

}  // namespace

TcpMarks judge(const TcpSegment& segment, std::int64_t initial_rtt_ns, bool reuses_ports, TcpSide& own, TcpSide& peer) {
  Case c{segment, own, peer, initial_rtt_ns, {}};
  // A SYN forgets what came behind a gap.
  if (segment.has(TcpFlag::syn) && !segment.has(TcpFlag::ack) && seen(own.contiguous)) own.next = own.contiguous;
  if (reuses_ports) c.marks.set(TcpMark::reused_ports);
  if (!c.probes_zero_window()) {
    c.find_zero_window();
    c.find_lost_segment();
    c.find_keep_alive();
    c.find_window_update();
    c.find_window_full();
    if (!c.answers_keep_alive() && !c.answers_zero_window_probe()) c.find_duplicate_ack();
  }
  if (segment.ack != own.last_ack) forget_acks(own);
  c.find_ack_of_lost();
  c.find_repetition();
  c.remember();
  note_scale(segment, own, peer);
  return c.marks;
}

}  // namespace fourtuple::capture
