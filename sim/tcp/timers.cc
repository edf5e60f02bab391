// Deadlines. One timer serves retransmission, window probes, FIN-WAIT-2, TIME-WAIT and, when it is free, keep-alive;
// the delayed ACK has its own.
#include "sim/tcp/internal.h"
#include "sim/tcp/timer_wheel.h"

namespace fourtuple::tcp {
namespace {

Time expiry(const Connection& c, Duration delay, Time now) {
  return is_set(c, Flag::kernel_ticks) ? wheel_expiry(now, delay) : now + delay;
}

Duration backed_off(Duration base, int backoff) {
  const std::int64_t ns = backoff >= 16 ? rto_max.ns : base.ns << backoff;
  return {std::min(ns, rto_max.ns)};
}

constexpr int log2_floor(std::int64_t value) {
  return value < 2 ? 0 : 1 + log2_floor(value / 2);
}

// How long Linux retransmits before it gives up (tcp_model_timeout): the time `retries` timeouts would take if the
// first were `first`. 15 retries from 200 ms make 924.6 s, which RFC 9293 3.8.3 (R2, at least 100 s) allows.
constexpr Duration give_up_after(int retries, Duration first) {
  const int doublings = log2_floor(rto_max.ns / first.ns);
  if (retries <= doublings) return first * ((std::int64_t{2} << retries) - 1);
  return first * ((std::int64_t{2} << doublings) - 1) + rto_max * (retries - doublings);
}
static_assert(give_up_after(default_patience.data_retries, rto_min) == milliseconds(924'600));

// retransmits_timed_out: whether the present series of retransmissions has lasted too long.
bool out_of_patience(const Connection& c, int retries, Duration first, const Patience& patience, Time now) {
  if (c.retransmits == 0) return false;
  const bool own = patience.user_timeout.ns != 0;
  const Duration limit = own ? patience.user_timeout : give_up_after(retries, first);
  return milliseconds(to_ms(now) - c.first_retransmit_ms) >= limit;
}

// The next wait, cut short where TCP_USER_TIMEOUT ends (tcp_clamp_rto_to_user_timeout).
Duration until_retry(Duration wait, const Connection& c, const Patience& patience, Time now) {
  if (patience.user_timeout.ns == 0) return wait;
  const Duration left = patience.user_timeout - milliseconds(to_ms(now) - c.first_retransmit_ms);
  return std::clamp(left, kernel_tick, wait);
}

void saturating_increment(std::uint8_t& count) {
  if (count != 0xff) ++count;
}

// RFC 9293 3.8.3 (MUST-23): R2 of a SYN. Linux keeps the interval for the first few repetitions, then doubles it. It
// counts the repetitions, and it also gives up once as much time has passed as doubling alone would have taken.
void handshake_timeout(Connection& c, const Patience& patience, Time now, DeadlineResult& result) {
  const bool embryonic = c.state == State::syn_received && is_set(c, Flag::passive);
  const int retries = embryonic ? patience.synack_retries : patience.syn_retries;
  const int linear = c.state == State::syn_sent ? patience.syn_linear_timeouts : 0;
  const bool late = !embryonic && out_of_patience(c, retries, initial_rto, patience, now);
  if (late || c.retransmits >= retries + linear) {
    finish(c, Failure::timed_out);
    return;
  }
  result.events |= Event::retransmission_timeout;
  saturating_increment(c.retransmits);
  saturating_increment(c.syn_timeouts);
  if (c.state != State::syn_sent || c.syn_timeouts > patience.syn_linear_timeouts) saturating_increment(c.backoff);
  clear(c, Flag::timing);
  owe(c, Pending::syn);
  arm(c, TimerKind::retransmit, embryonic ? rto(c) : until_retry(rto(c), c, patience, now), now);
}

// tcp_orphan_retries: 0 stands for 8 while the timeout still grows.
int orphan_limit(const Connection& c, const Patience& patience) {
  constexpr int usual = 8;
  return patience.orphan_retries == 0 && rto(c) < rto_max ? usual : patience.orphan_retries;
}

int data_limit(const Connection& c, const Patience& patience) {
  return is_set(c, Flag::orphan) ? orphan_limit(c, patience) : patience.data_retries;
}

void retransmission_timeout(Connection& c, const Patience& patience, Time now, DeadlineResult& result) {
  if (c.state == State::syn_sent || c.state == State::syn_received) {
    handshake_timeout(c, patience, now, result);
    return;
  }
  if (outstanding(c) == 0) {
    stand_by(c, patience, now);
    return;
  }
  if (out_of_patience(c, data_limit(c, patience), rto_min, patience, now)) {
    finish(c, Failure::timed_out);
    return;
  }
  if (c.retransmits == 0) c.first_retransmit_ms = to_ms(now);
  result.events |= Event::retransmission_timeout;
  enter_loss(c);
  saturating_increment(c.retransmits);
  if (c.backoff < 16) ++c.backoff;  // RFC 6298 (5.5)
  owe(c, Pending::retransmit);
  arm(c, TimerKind::retransmit, until_retry(rto(c), c, patience, now), now);
}

// RFC 9293 3.8.6.1: probe for ever while the peer answers.
void probe_timeout(Connection& c, const Patience& patience, Time now) {
  if (outstanding(c) != 0 || unsent(c) == 0) {
    c.backoff = 0;
    stand_by(c, patience, now);
    return;
  }
  if (c.backoff == 0) c.first_retransmit_ms = to_ms(now);
  const Duration closed_for = milliseconds(to_ms(now) - c.first_retransmit_ms);
  const bool late = c.backoff != 0 && patience.user_timeout.ns != 0 && closed_for >= patience.user_timeout;
  if (late || c.probes >= data_limit(c, patience)) {
    finish(c, Failure::timed_out);
    return;
  }
  ++c.probes;
  if (c.backoff < patience.data_retries) ++c.backoff;
  owe(c, Pending::probe);
  arm(c, TimerKind::window_probe, until_retry(probe_interval(c), c, patience, now), now);
}

// RFC 9293 3.8.4, as tcp_keepalive_timer: nothing was heard for keep_alive_time, so ask; unanswered, ask again.
void keep_alive_timeout(Connection& c, const Patience& patience, Time now) {
  const Duration silence = silence_of(c, now);
  if (silence < patience.keep_alive_time) {
    arm(c, TimerKind::keep_alive, patience.keep_alive_time - silence, now);
    return;
  }
  const bool own = patience.user_timeout.ns != 0;
  const bool late = own ? silence >= patience.user_timeout && c.probes > 0 : c.probes >= patience.keep_alive_probes;
  if (late) {
    owe(c, Pending::reset);
    finish(c, Failure::timed_out);
    return;
  }
  saturating_increment(c.probes);
  owe(c, Pending::keep_alive);
  arm(c, TimerKind::keep_alive, patience.keep_alive_interval, now);
}

void delayed_ack_due(Connection& c) {
  c.ack_deadline = Time::never();
  if (!is_set(c, Flag::ack_scheduled)) return;
  constexpr std::uint16_t least_ms = static_cast<std::uint16_t>(ack_delay_min.ns / 1'000'000);
  if (is_set(c, Flag::interactive)) {  // no answer came to carry it: not interactive after all
    clear(c, Flag::interactive);
    c.ack_delay_ms = least_ms;
  } else {
    c.ack_delay_ms = static_cast<std::uint16_t>(std::min<std::uint32_t>(2u * c.ack_delay_ms, c.rto_us / 1000));
  }
  owe(c, Pending::ack);
}

}  // namespace

Duration rto(const Connection& c) {
  return backed_off(microseconds(c.rto_us), c.backoff);
}

// tcp_probe0_when: the RTO, doubled for every unanswered probe.
Duration probe_interval(const Connection& c) {
  return backed_off(std::max(microseconds(c.rto_us), rto_min), std::min<int>(c.backoff, 10));
}

void arm(Connection& c, TimerKind kind, Duration delay, Time now) {
  c.timer = kind;
  c.timer_deadline = expiry(c, delay, now);
}

void disarm(Connection& c) {
  c.timer = TimerKind::none;
  c.timer_deadline = Time::never();
}

// keepalive_time_elapsed: the header-predicted segment updates only one of the two.
Duration silence_of(const Connection& c, Time now) {
  return milliseconds(std::min(to_ms(now) - c.last_heard_ms, to_ms(now) - c.last_received_ms));
}

void stand_by(Connection& c, const Patience& patience, Time now) {
  disarm(c);
  const bool open = c.state != State::closed && c.state != State::syn_sent && c.state != State::time_wait;
  if (has_mode(c, Mode::keep_alive) && open) arm(c, TimerKind::keep_alive, patience.keep_alive_time, now);
}

// tcp_fin_time: at least three and a half timeouts. Beyond a minute, Linux waits for the rest in its socket and for as
// long again in the entry it keeps of it (tcp_keepalive_timer).
void wait_for_fin(Connection& c, const Patience& patience, Time now) {
  const Duration least = {rto(c).ns * 7 / 2};
  const Duration wait = std::max(patience.fin_timeout, least);
  const Duration rest = wait - time_wait_length;
  arm(c, TimerKind::fin_wait_2, rest.ns > 0 ? rest * 2 : wait, now);
}

void arm_ack(Connection& c, Duration delay, Time now) {
  c.ack_deadline = std::min(c.ack_deadline, expiry(c, delay, now));
}

void finish(Connection& c, Failure failure) {
  enter(c, State::closed);
  c.failure = failure;
  c.pending = c.pending & (Pending::reset | Pending::reset_reply);
  disarm(c);
  c.ack_deadline = Time::never();
}

DeadlineResult on_deadline(Connection& c, Time now, const Patience& patience) {
  DeadlineResult result;
  const State before = c.state;
  if (c.ack_deadline <= now) delayed_ack_due(c);
  if (c.timer_deadline <= now) {
    switch (c.timer) {
      case TimerKind::none:
        disarm(c);
        break;
      case TimerKind::retransmit:
        retransmission_timeout(c, patience, now, result);
        break;
      case TimerKind::window_probe:
        probe_timeout(c, patience, now);
        break;
      case TimerKind::keep_alive:
        keep_alive_timeout(c, patience, now);
        break;
      case TimerKind::fin_wait_2:
      case TimerKind::time_wait:
        finish(c, Failure::none);
        break;
    }
  }
  if (c.state != before) result.events |= Event::state_changed;
  if (c.state == State::closed) result.events |= Event::closed;
  if (c.failure != Failure::none) result.events |= Event::failed;
  result.failure = c.failure;
  return result;
}

}  // namespace fourtuple::tcp
