// The application's side of a connection: RFC 9293 section 3.9.1 (SEND, RECEIVE, CLOSE, ABORT, STATUS).
#include "sim/tcp/internal.h"

namespace fourtuple::tcp {
namespace {

std::uint64_t acked_bytes(const Connection& c) {
  return c.una_offset + 1 == 0 ? 0 : std::min(c.una_offset, c.written);
}

bool can_write(const Connection& c) {
  const bool open = c.state == State::syn_sent || c.state == State::syn_received || c.state == State::established ||
                    c.state == State::close_wait;
  return open && !is_set(c, Flag::fin_queued);
}

// tcp_cleanup_rbuf: reading may be the reason to acknowledge now, or to tell of a window that at least doubled.
void acknowledge_after_read(Connection& c) {
  if (is_set(c, Flag::ack_scheduled)) {
    const bool empty = c.received == c.consumed;
    const bool write_complete =
        is_set(c, Flag::pushed_twice) || (is_set(c, Flag::pushed) && !is_set(c, Flag::interactive));
    if (c.rcv_nxt.raw - c.rcv_wup.raw > c.rcv_mss || (empty && write_complete)) {
      owe(c, Pending::ack);
      return;
    }
  }
  if (is_set(c, Flag::peer_finished)) return;
  const std::uint32_t current = receive_window(c);
  if (2ull * current > c.rcv_space) return;
  const std::uint32_t wanted = wanted_window(c);
  if (wanted != 0 && wanted >= 2ull * current) owe(c, Pending::ack);
}

void send_fin(Connection& c) {
  if (is_set(c, Flag::fin_queued)) return;
  set(c, Flag::fin_queued);
  enter(c, c.state == State::close_wait ? State::last_ack : State::fin_wait_1);
}

}  // namespace

std::uint64_t readable(const Connection& c) {
  return c.received - c.consumed;
}

std::uint64_t writable(const Connection& c) {
  if (!can_write(c)) return 0;
  const std::uint64_t held = c.written - acked_bytes(c);
  return held < c.send_limit ? c.send_limit - held : 0;
}

bool at_end_of_stream(const Connection& c) {
  return is_set(c, Flag::peer_finished) && c.received == c.consumed;
}

bool is_orphan(const Connection& c) {
  return is_set(c, Flag::orphan);
}

void set_no_delay(Connection& c, bool on) {
  if (on) {
    set(c, Flag::no_delay);
  } else {
    clear(c, Flag::no_delay);
  }
}

std::uint64_t write(Connection& c, std::uint64_t bytes, Time now) {
  const std::uint64_t accepted = std::min(bytes, writable(c));
  if (accepted == 0) return 0;
  if (c.state == State::established || c.state == State::close_wait) restart_after_idle(c, now);
  c.written += accepted;
  return accepted;
}

std::uint64_t read(Connection& c, std::uint64_t bytes, Time now) {
  const std::uint64_t taken = std::min(bytes, readable(c));
  if (taken == 0) return 0;
  c.consumed += taken;
  if (c.consumed == c.received) c.unread_extra = 0;
  adjust_receive_space(c, now);
  if (c.state != State::closed && c.state != State::time_wait) acknowledge_after_read(c);
  return taken;
}

void shutdown_write(Connection& c, Time) {
  switch (c.state) {
    case State::syn_sent:
      finish(c, Failure::none);
      break;
    case State::syn_received:
    case State::established:
    case State::close_wait:
      send_fin(c);
      break;
    default:
      break;
  }
}

void close(Connection& c, Time now, const Patience& patience) {
  if (is_set(c, Flag::orphan)) return;
  set(c, Flag::orphan);
  if (c.state == State::closed || c.state == State::time_wait) return;
  if (c.received != c.consumed) {  // RFC 2525 section 2.17
    abort(c, now);
    return;
  }
  shutdown_write(c, now);
  if (c.state != State::fin_wait_2) return;
  if (patience.fin_timeout.ns < 0) return abort(c, now);
  wait_for_fin(c, patience, now);
}

void abort(Connection& c, Time) {
  switch (c.state) {
    case State::closed:
      return;
    case State::syn_received:
    case State::established:
    case State::fin_wait_1:
    case State::fin_wait_2:
    case State::close_wait:
      owe(c, Pending::reset);
      break;
    case State::closing:
    case State::last_ack:
      if (!fin_sent(c)) owe(c, Pending::reset);  // tcp_disconnect: the peer cannot know that data is missing
      break;
    default:
      break;
  }
  set(c, Flag::orphan);
  finish(c, Failure::none);
}

void shutdown_read(Connection& c) {
  c.modes = c.modes | Mode::reading_over;
}

void set_keep_alive(Connection& c, bool on, const Patience& patience, Time now) {
  if (!on) {
    c.modes = c.modes & static_cast<std::uint8_t>(~Mode::keep_alive);
    if (c.timer == TimerKind::keep_alive) disarm(c);
    return;
  }
  const bool again = has_mode(c, Mode::keep_alive);
  c.modes = c.modes | Mode::keep_alive;
  if (!timer_is_free(c)) return;
  stand_by(c, patience, now);
  if (again && c.timer == TimerKind::keep_alive)
    arm(c, TimerKind::keep_alive, std::max(patience.keep_alive_time - silence_of(c, now), Duration{0}), now);
}

// RFC 6069, as in tcp_ld_RTO_revert: the network, not the peer, is at fault, so the timeout need not be backed off.
void on_unreachable(Connection& c, SeqNumber seq, Time now) {
  if (seq != c.snd_una || c.retransmits == 0 || c.backoff == 0 || c.timer != TimerKind::retransmit) return;
  const Time sent = c.timer_deadline - rto(c);
  --c.backoff;
  const Duration left = rto(c) - (now - sent);
  if (left.ns > 0) {
    arm(c, TimerKind::retransmit, left, now);
  } else {
    c.timer_deadline = now;
  }
}

void on_path_mtu(Connection& c, std::uint16_t mss, Time) {
  if (c.state == State::closed || c.state == State::time_wait) return;
  const std::uint32_t overhead = is_set(c, Flag::timestamps) ? 12 : 0;
  const auto full = static_cast<std::uint16_t>(std::max<std::uint32_t>(mss, 88) - overhead);
  if (full >= c.full_mss) return;
  c.full_mss = full;
  c.mss = std::min(c.mss, full);
  if (c.state == State::syn_sent || c.state == State::syn_received || outstanding(c) == 0) return;
  // tcp_simple_retransmit: what is in flight was dropped, but not by congestion.
  c.congestion_state = CongestionState::loss;
  c.high_seq = c.snd_nxt;
  c.lost_end = c.snd_nxt;
  c.rtx_next = c.snd_una;
  c.dup_acks = 0;
  clear(c, Flag::timing);
}

}  // namespace fourtuple::tcp
