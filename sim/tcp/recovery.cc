// Loss detection and recovery around every congestion control, without SACK: Linux's "Reno emulation", in which a
// duplicate ACK counts as one segment that has left the network (dup_acks), with NewReno's partial ACKs (RFC 6582) and
// proportional rate reduction (RFC 6937) in place of RFC 5681's window inflation.
//
//   OPEN ──dup──▶ DISORDER ──third dup──▶ RECOVERY ──ACK above high_seq──▶ OPEN
//     └────────────────── timeout ──────▶ LOSS ──────ACK above high_seq──▶ OPEN
//
// Simplified: segments are counted as bytes / MSS, rounded up; a spurious timeout is not undone (no F-RTO, no Eifel).
#include "sim/tcp/internal.h"

namespace fourtuple::tcp {
namespace {

std::uint32_t segments(const Connection& c, std::uint32_t bytes) {
  return (bytes + c.mss - 1) / c.mss;
}

std::uint32_t span_from_una(const Connection& c, SeqNumber end) {
  const std::int32_t span = end - c.snd_una;
  return span > 0 ? static_cast<std::uint32_t>(span) : 0;
}

bool in_recovery(const Connection& c) {
  return c.congestion_state >= CongestionState::recovery;
}

// At most all but the first segment can have arrived: that one would have been acknowledged.
void count_duplicate(Connection& c) {
  const std::uint32_t total = segments(c, outstanding(c));
  if (c.dup_acks + 1u < total) ++c.dup_acks;
}

void mark_head_lost(Connection& c) {
  c.lost_end = c.snd_una + std::min<std::uint32_t>(c.mss, outstanding(c));
  c.rtx_next = c.snd_una;
}

// RFC 6937 section 3.1, in the arrangement of Linux's tcp_cwnd_reduction.
void reduce_proportionally(Connection& c, std::uint32_t delivered, bool newly_lost, bool advanced) {
  const std::uint32_t flight = flight_segments(c);
  c.prr_delivered += delivered;
  std::int64_t send = 0;
  if (flight > c.ssthresh) {
    const std::uint64_t dividend = std::uint64_t{c.ssthresh} * c.prr_delivered + c.prior_cwnd - 1;
    send = static_cast<std::int64_t>(dividend / c.prior_cwnd) - c.prr_out;
  } else {
    send = std::max<std::int64_t>(std::int64_t{c.prr_delivered} - c.prr_out, delivered);
    if (advanced && !newly_lost) ++send;
    send = std::min<std::int64_t>(send, c.ssthresh - flight);
  }
  send = std::max<std::int64_t>(send, c.prr_out == 0 ? 1 : 0);  // the fast retransmission itself
  c.cwnd = flight + static_cast<std::uint32_t>(send);
}

void enter_recovery(Connection& c) {
  c.congestion_state = CongestionState::recovery;
  c.high_seq = c.snd_nxt;
  c.ssthresh = reduced_threshold(c);
  c.prior_cwnd = c.cwnd;
  c.prr_delivered = 0;
  c.prr_out = 0;
  c.cwnd_count = 0;
  mark_head_lost(c);
}

// RFC 6582 section 3.2: a full acknowledgment ends recovery; Linux holds the state until something above high_seq is
// acknowledged, so that late duplicates cannot start a second recovery.
void leave_recovery(Connection& c) {
  if (c.congestion_state == CongestionState::recovery) c.cwnd = c.ssthresh;
  c.congestion_state = CongestionState::open;
  c.dup_acks = 0;
}

}  // namespace

std::uint32_t flight_segments(const Connection& c) {
  std::uint32_t total = segments(c, outstanding(c));
  std::uint32_t gone = c.dup_acks;
  if (in_recovery(c)) {
    total += segments(c, span_from_una(c, c.rtx_next));
    gone += segments(c, span_from_una(c, c.lost_end));
  }
  return total > gone ? total - gone : 0;
}

std::uint32_t flight_bytes_repairing(const Connection& c) {
  std::uint32_t total = outstanding(c);
  std::uint32_t gone = std::uint32_t{c.dup_acks} * c.mss;
  if (in_recovery(c)) {
    total += span_from_una(c, c.rtx_next);
    gone += span_from_una(c, c.lost_end);
  }
  return total > gone ? total - gone : 0;
}

void update_recovery(Connection& c, Arrival& a, const AckNews& news) {
  std::uint32_t delivered = news.duplicate ? 1 : 0;
  if (news.advanced) delivered = news.acked > c.dup_acks ? std::max(news.acked - c.dup_acks, 1u) : 1;
  bool newly_lost = false;

  const bool holding = in_recovery(c) && c.snd_una == c.high_seq;
  if (holding) c.dup_acks = 0;
  if (in_recovery(c) && c.snd_una.after(c.high_seq)) leave_recovery(c);

  switch (c.congestion_state) {
    case CongestionState::open:
    case CongestionState::disorder:
    case CongestionState::reduced:
      if (news.advanced) c.dup_acks = 0;
      if (news.duplicate) count_duplicate(c);
      c.congestion_state = c.dup_acks == 0 ? CongestionState::open : CongestionState::disorder;
      if (c.dup_acks >= duplicate_ack_threshold) {
        enter_recovery(c);
        newly_lost = true;
        a.result.events |= Event::fast_retransmit;
      }
      break;
    case CongestionState::recovery:
      if (holding) break;
      if (news.duplicate) count_duplicate(c);
      if (news.advanced) {  // a partial acknowledgment: the next segment is lost too
        const std::uint32_t arrived = news.acked > 0 ? news.acked - 1 : 0;
        c.dup_acks = static_cast<std::uint16_t>(c.dup_acks > arrived ? c.dup_acks - arrived : 0);
        mark_head_lost(c);
        newly_lost = true;
        a.result.events |= Event::fast_retransmit;
      }
      break;
    case CongestionState::loss:
      if (news.advanced) c.dup_acks = 0;
      break;
  }

  if (c.congestion_state == CongestionState::recovery) {
    if (delivered != 0) reduce_proportionally(c, delivered, newly_lost, news.advanced);
  } else {
    grow_cwnd(c, news.acked);
  }
}

// RFC 5681 section 3.1, RFC 6298 (5.4): everything outstanding is taken for lost, cwnd is one segment.
void enter_loss(Connection& c) {
  const bool first = !in_recovery(c) || !c.high_seq.after(c.snd_una);
  if (first) {
    c.ssthresh = reduced_threshold(c);
    c.prior_cwnd = c.cwnd;
  }
  c.congestion_state = CongestionState::loss;
  c.high_seq = c.snd_nxt;
  c.lost_end = c.snd_nxt;
  c.rtx_next = c.snd_una;
  c.dup_acks = 0;
  c.cwnd = 1;
  c.cwnd_count = 0;
  set(c, Flag::cwnd_limited);
  clear(c, Flag::timing);
}

// RFC 5681 section 4.1 as in tcp_cwnd_restart: after silence of an RTO, halve cwnd for each RTO, down to the initial
// one.
void restart_after_idle(Connection& c, Time now) {
  std::int64_t idle_us = std::int64_t{to_ms(now) - c.last_sent_ms} * 1000;
  const std::uint32_t rto_us = std::max(c.rto_us, 1u);
  if (outstanding(c) != 0 || idle_us <= rto_us) return;
  const std::uint32_t floor = std::min(c.cwnd, initial_window_segments);
  c.ssthresh = std::max(c.ssthresh, (c.cwnd >> 1) + (c.cwnd >> 2));
  for (; idle_us > rto_us && c.cwnd > floor; idle_us -= rto_us) c.cwnd >>= 1;
  c.cwnd = std::max(c.cwnd, floor);
  c.cwnd_count = 0;
}

}  // namespace fourtuple::tcp
