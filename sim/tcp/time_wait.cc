// TIME-WAIT as Linux keeps it (tcp_timewait_state_process): 60 s, restarted by what is acknowledged; a RST at the
// expected number ends it (RFC 1337's assassination, which net.ipv4.tcp_rfc1337 = 0 permits); a SYN that is certainly
// new is handed to the listener (RFC 9293 3.6.1, RFC 6191).
// Kernel data: tests/data/kernel/tcp_reset.json, crafted_at_time_wait and crafted_r_at_time_wait.
#include "sim/tcp/internal.h"

namespace fourtuple::tcp {
namespace {

bool is_new_incarnation(const Connection& c, const Packet& p) {
  if (!p.has(TcpFlag::syn) || p.has(TcpFlag::rst | TcpFlag::ack)) return false;
  const bool newer_timestamp =
      p.has_option(TcpOption::timestamps) && static_cast<std::int32_t>(p.ts_value - c.ts_recent) > 0;
  return p.seq.after(c.rcv_nxt) || newer_timestamp;
}

}  // namespace

void enter_time_wait(Connection& c, Time now) {
  enter(c, State::time_wait);
  c.timed_at = now;
  arm(c, TimerKind::time_wait, time_wait_length, now);
}

void segment_in_time_wait(Connection& c, Arrival& a) {
  const Packet& p = a.packet;
  const bool old_timestamp = is_set(c, Flag::timestamps) && p.has_option(TcpOption::timestamps) &&
                             static_cast<std::int32_t>(c.ts_recent - p.ts_value) > 0;
  if (!old_timestamp && p.seq == c.rcv_nxt && (p.seq == a.end || p.has(TcpFlag::rst))) {
    if (p.has(TcpFlag::rst)) {
      a.result.disposition = Disposition::reset_accepted;
      finish(c, Failure::none);
    } else {
      a.result.disposition = Disposition::time_wait_ignored;
      arm(c, TimerKind::time_wait, time_wait_length, a.now);
    }
    return;
  }
  if (!old_timestamp && is_new_incarnation(c, p)) {
    a.result.disposition = Disposition::time_wait_reuse;
    a.result.events |= Event::new_incarnation;
    finish(c, Failure::none);
    return;
  }
  if (p.has(TcpFlag::rst)) {
    a.result.disposition = Disposition::reset_ignored;
    return;
  }
  a.result.disposition = Disposition::time_wait_segment;
  if (old_timestamp || p.has(TcpFlag::ack)) arm(c, TimerKind::time_wait, time_wait_length, a.now);
  owe_invalid_ack(c, a.now);
}

bool may_be_succeeded(const Connection& c, Duration age, Time now) {
  return c.state == State::time_wait && is_set(c, Flag::timestamps) && now - c.timed_at > age;
}

// The first number lies a whole window beyond the old connection's last, so that the two cannot be confused.
Succession succession_of(const Connection& c) {
  return {c.snd_nxt + 65'537, c.ts_recent};
}

}  // namespace fourtuple::tcp
