// Deadlines. One timer serves retransmission, window probes, FIN-WAIT-2 and TIME-WAIT, since no two can run at once;
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

// How long Linux retransmits before it gives up (tcp_model_timeout): the time `retries` timeouts would take if the
// first were 200 ms. 15 retries make 924.6 s, which RFC 9293 3.8.3 (R2, at least 100 s) allows.
constexpr Duration give_up_after(int retries) {
  constexpr int doublings = 9;  // log2(rto_max / rto_min)
  if (retries <= doublings) return rto_min * ((std::int64_t{2} << retries) - 1);
  return rto_min * ((std::int64_t{2} << doublings) - 1) + rto_max * (retries - doublings);
}
static_assert(give_up_after(data_retries) == milliseconds(924'600));

void saturating_increment(std::uint8_t& count) {
  if (count != 0xff) ++count;
}

// RFC 9293 3.8.3 (MUST-23): R2 of a SYN. Linux keeps the interval for the first four repetitions, then doubles it.
void handshake_timeout(Connection& c, Time now, DeadlineResult& result) {
  const bool embryonic = c.state == State::syn_received && is_set(c, Flag::passive);
  int limit = syn_retries;
  if (embryonic) limit = synack_retries;
  if (c.state == State::syn_sent) limit += syn_linear_timeouts;
  if (c.retransmits >= limit) {
    finish(c, Failure::timed_out);
    return;
  }
  result.events |= Event::retransmission_timeout;
  ++c.retransmits;
  saturating_increment(c.syn_timeouts);
  if (c.state != State::syn_sent || c.syn_timeouts > syn_linear_timeouts) ++c.backoff;
  clear(c, Flag::timing);
  owe(c, Pending::syn);
  arm(c, TimerKind::retransmit, rto(c), now);
}

void retransmission_timeout(Connection& c, Time now, DeadlineResult& result) {
  if (c.state == State::syn_sent || c.state == State::syn_received) {
    handshake_timeout(c, now, result);
    return;
  }
  if (outstanding(c) == 0) {
    disarm(c);
    return;
  }
  if (c.retransmits == 0) {
    c.first_retransmit_ms = to_ms(now);
  } else {
    const Duration patience = give_up_after(is_set(c, Flag::orphan) ? orphan_retries : data_retries);
    if (milliseconds(to_ms(now) - c.first_retransmit_ms) >= patience) {
      finish(c, Failure::timed_out);
      return;
    }
  }
  result.events |= Event::retransmission_timeout;
  enter_loss(c);
  saturating_increment(c.retransmits);
  if (c.backoff < 16) ++c.backoff;  // RFC 6298 (5.5)
  owe(c, Pending::retransmit);
  arm(c, TimerKind::retransmit, rto(c), now);
}

// RFC 9293 3.8.6.1: probe for ever while the peer answers.
void probe_timeout(Connection& c, Time now) {
  if (outstanding(c) != 0 || unsent(c) == 0) {
    c.backoff = 0;
    disarm(c);
    return;
  }
  if (c.probes >= (is_set(c, Flag::orphan) ? orphan_retries : data_retries)) {
    finish(c, Failure::timed_out);
    return;
  }
  ++c.probes;
  if (c.backoff < data_retries) ++c.backoff;
  owe(c, Pending::probe);
  arm(c, TimerKind::window_probe, probe_interval(c), now);
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

DeadlineResult on_deadline(Connection& c, Time now) {
  DeadlineResult result;
  const State before = c.state;
  if (c.ack_deadline <= now) delayed_ack_due(c);
  if (c.timer_deadline <= now) {
    switch (c.timer) {
      case TimerKind::none:
        disarm(c);
        break;
      case TimerKind::retransmit:
        retransmission_timeout(c, now, result);
        break;
      case TimerKind::window_probe:
        probe_timeout(c, now);
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
