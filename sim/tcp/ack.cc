// What an acknowledgment means to the sender: RFC 9293 section 3.10.7.4, fifth step, ESTABLISHED, in the shape of
// Linux's tcp_ack. It moves snd_una, takes the peer's window, feeds round-trip estimation and loss recovery, and sets
// the retransmission timer.
#include "sim/tcp/internal.h"

namespace fourtuple::tcp {
namespace {

// RFC 9293 3.10.7.4: SND.WL1 and SND.WL2 keep an old segment from changing the window; Linux keeps snd_una for WL2.
// True if the segment was the newest to speak about the window.
bool update_window(Connection& c, const Packet& p) {
  const std::uint32_t window = std::uint32_t{p.window} << (p.has(TcpFlag::syn) ? 0 : c.snd_scale);
  const bool newest = p.ack.after(c.snd_una) || p.seq.after(c.snd_wl1) ||
                      (p.seq == c.snd_wl1 && (window > c.snd_wnd || (window == 0 && c.snd_wnd != 0)));
  if (!newest) return false;
  c.snd_wl1 = p.seq;
  if (window != c.snd_wnd) take_peer_window(c, window);
  return true;
}

// Acknowledged bytes in units of full segments; the rest waits in acked_carry until everything is acknowledged.
std::uint32_t count_segments(Connection& c, std::uint32_t bytes) {
  c.acked_carry += bytes;
  std::uint32_t count = 0;
  if (c.acked_carry >= c.mss) {
    if (c.acked_carry < 2u * c.mss) {
      count = 1;
      c.acked_carry -= c.mss;
    } else {
      count = c.acked_carry / c.mss;
      c.acked_carry -= count * c.mss;
    }
  }
  if (outstanding(c) == 0 && c.acked_carry != 0) {
    ++count;
    c.acked_carry = 0;
  }
  return count;
}

std::uint32_t advance_una(Connection& c, SeqNumber ack) {
  const std::uint64_t before = c.una_offset + 1 == 0 ? 0 : std::min(c.una_offset, c.written);
  c.una_offset += ack.raw - c.snd_una.raw;
  c.snd_una = ack;
  return static_cast<std::uint32_t>(std::min(c.una_offset, c.written) - before);
}

void take_progress(Connection& c, Arrival& a, AckNews& news) {
  const bool retransmitted = c.backoff != 0 || c.congestion_state >= CongestionState::recovery;
  const bool handshake = c.una_offset + 1 == 0;
  const std::uint32_t payload = advance_una(c, a.packet.ack);
  take_rtt_from_ack(c, a.packet, retransmitted, a.now);
  if (handshake) {
    c.backoff = 0;
    fall_back_without_sample(c);
  }
  c.retransmits = 0;
  if (c.congestion_state >= CongestionState::recovery) {
    c.lost_end = later(c.lost_end, c.snd_una);
    c.rtx_next = later(c.rtx_next, c.snd_una);
  }
  news.acked = count_segments(c, payload);
  news.advanced = true;
  a.result.newly_acked = payload;
  if (payload != 0) a.result.events |= Event::acked;
  if (outstanding(c) != 0) {
    arm(c, TimerKind::retransmit, rto(c), a.now);  // RFC 6298 (5.3)
    return;
  }
  if (c.una_offset >= c.written && payload != 0) a.result.events |= Event::all_acked;
  stand_by(c, a.patience, a.now);  // RFC 6298 (5.2)
}

// Nothing is outstanding: the segment answers a window probe, or opens the window.
void take_probe_answer(Connection& c, const Patience& patience, Time now) {
  c.retransmits = 0;
  if (c.timer != TimerKind::window_probe) return;
  const std::uint64_t needed = std::min<std::uint64_t>(unsent(c), c.mss);
  if (c.snd_wnd >= needed) {
    c.backoff = 0;
    stand_by(c, patience, now);
  } else {
    arm(c, TimerKind::window_probe, probe_interval(c), now);
  }
}

}  // namespace

// Linux never sends segments above half the largest window the peer ever had (tcp_bound_to_half_wnd), so that tiny
// windows do not stall.
void take_peer_window(Connection& c, std::uint32_t window) {
  c.snd_wnd = window;
  if (window <= c.max_window) return;
  c.max_window = window;
  const std::uint32_t limit = window > default_mss ? window / 2 : window;
  c.mss = static_cast<std::uint16_t>(std::min<std::uint32_t>(c.full_mss, std::max(limit, 48u)));
}

// False: the segment must not be processed further.
bool process_ack(Connection& c, Arrival& a) {
  const Packet& p = a.packet;
  if (p.ack.before(c.snd_una)) {
    // RFC 5961 section 5: up to a window below SND.UNA is an old ACK, below that an attack.
    const auto reach = static_cast<std::uint32_t>(std::min<std::uint64_t>(c.max_window, c.una_offset));
    if (p.ack.before(c.snd_una - reach)) {
      a.result.disposition = Disposition::ack_too_old;
      owe_invalid_ack(c, a.now);
      return false;
    }
    a.result.disposition = Disposition::old_ack;
    return true;
  }
  if (p.ack.after(c.snd_nxt)) {
    a.result.disposition = Disposition::ack_of_unsent;
    owe_invalid_ack(c, a.now);
    return false;
  }
  AckNews news;
  const bool window_news = update_window(c, p);
  c.probes = 0;
  c.last_heard_ms = to_ms(a.now);
  if (p.ack != c.snd_una) {
    take_progress(c, a, news);
  } else if (outstanding(c) == 0) {
    take_probe_answer(c, a.patience, a.now);
    return true;
  } else if (p.seq == a.end && !window_news) {  // RFC 5681 section 2, "duplicate acknowledgment"
    news.duplicate = true;
    a.result.disposition = Disposition::duplicate_ack;
  }
  if (news.duplicate || (news.advanced && c.congestion_state != CongestionState::open)) {
    update_recovery(c, a, news);
  } else {
    grow_cwnd(c, news.acked);
  }
  return true;
}

}  // namespace fourtuple::tcp
