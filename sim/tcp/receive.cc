// A segment arrives: RFC 9293 section 3.10.7, each step a function that says whether to go on. The order is Linux's
// (tcp_validate_incoming before tcp_ack before the text), which differs from the RFC only in checking timestamps first
// (RFC 7323 section 5.3).
#include "sim/tcp/internal.h"

namespace fourtuple::tcp {
namespace {

bool reject(Arrival& a, Disposition disposition) {
  a.result.disposition = disposition;
  return false;
}

// --- 3.10.7.4 zeroth: PAWS, RFC 7323 section 5.3 ---

// An ACK that other ACKs have overtaken is not an attack (tcp_disordered_ack).
bool is_reordered_ack(const Connection& c, const Arrival& a) {
  const Packet& p = a.packet;
  const std::uint32_t age_ms = c.ts_recent - p.ts_value;
  return p.has(TcpFlag::ack) && p.seq == a.end && p.seq == c.rcv_nxt && p.ack == c.snd_una && age_ms <= c.rto_us / 1000;
}

// A SYN and ACK of ours can only be answered with a timestamp from between its first and its last time (tcp_check_req,
// since Linux 6.15). Kernel data: netfilter case synproxy_as_in_the_manual.
bool echoes_another_clock(const Connection& c, const Arrival& a) {
  if (c.state != State::syn_received || !is_set(c, Flag::passive) || a.packet.ts_echo == 0) return false;
  const std::uint32_t echo_ms = a.packet.ts_echo - c.timestamp_offset;
  return echo_ms - c.space_since_ms > to_ms(a.now) - c.space_since_ms;
}

bool check_timestamp(Connection& c, Arrival& a) {
  const Packet& p = a.packet;
  if (!is_set(c, Flag::timestamps) || !p.has_option(TcpOption::timestamps)) return true;
  if (echoes_another_clock(c, a)) {
    if (!p.has(TcpFlag::rst)) owe_invalid_ack(c, a.now);
    return reject(a, Disposition::foreign_echo);
  }
  if (static_cast<std::int32_t>(c.ts_recent - p.ts_value) <= 0 || p.has(TcpFlag::rst)) return true;
  if (is_reordered_ack(c, a)) return true;
  if (p.seq != a.end) {
    owe(c, Pending::ack);
  } else {
    owe_invalid_ack(c, a.now);
  }
  return reject(a, Disposition::old_timestamp);
}

// --- 3.10.7.4 first: sequence number ---

bool in_window(const Connection& c, const Arrival& a) {
  if (a.end.before(c.rcv_wup)) return false;
  const SeqNumber right_edge = c.rcv_nxt + receive_window(c);
  if (!a.end.after(right_edge)) return true;
  // Linux takes a segment that starts inside if nothing waits to be read: the memory is there.
  return a.packet.seq.at_or_before(right_edge) && c.received == c.consumed;
}

bool is_reset_for_us(const Connection& c, const Packet& p) {
  // RFC 5961 section 3.2; Linux also takes the number before an acknowledged FIN (tcp_reset_check).
  if (p.seq == c.rcv_nxt) return true;
  return is_set(c, Flag::peer_finished) && p.seq == c.rcv_nxt - 1;
}

void accept_reset(Connection& c, Arrival& a) {
  a.result.disposition = Disposition::reset_accepted;
  finish(c, c.state == State::close_wait ? Failure::broken_pipe : Failure::reset);
}

bool check_sequence(Connection& c, Arrival& a) {
  if (in_window(c, a)) return true;
  const Packet& p = a.packet;
  if (p.has(TcpFlag::rst)) {
    if (!is_reset_for_us(c, p)) return reject(a, Disposition::reset_ignored);
    accept_reset(c, a);
    return false;
  }
  const bool has_text = p.seq != a.end;
  if (has_text && !p.has(TcpFlag::syn)) {
    if (p.seq.before(c.rcv_nxt)) enter_quick_ack_mode(c);
    owe(c, Pending::ack);
  } else {
    owe_invalid_ack(c, a.now);
  }
  if (p.has(TcpFlag::syn)) return reject(a, Disposition::syn_challenged);
  return reject(a, has_text && a.end.at_or_before(c.rcv_nxt) ? Disposition::duplicate : Disposition::outside_window);
}

// --- 3.10.7.4 second: RST, RFC 5961 section 3.2 ---
bool check_reset(Connection& c, Arrival& a) {
  if (!a.packet.has(TcpFlag::rst)) return true;
  if (is_reset_for_us(c, a.packet)) {
    accept_reset(c, a);
    return false;
  }
  owe_invalid_ack(c, a.now);
  return reject(a, Disposition::reset_challenged);
}

// --- 3.10.7.4 fourth: SYN, RFC 5961 section 4 ---
bool check_syn(Connection& c, Arrival& a) {
  const Packet& p = a.packet;
  if (!p.has(TcpFlag::syn)) return true;
  if (c.state == State::syn_received && p.seq == c.irs) {
    if (p.has(TcpFlag::ack)) {  // simultaneous open: the peer's SYN and ACK crossed ours
      owe(c, Pending::ack);
      return true;
    }
    owe(c, Pending::syn);
    // The SYN and ACK's own repetition starts over (tcp_check_req).
    if (is_set(c, Flag::passive)) arm(c, TimerKind::retransmit, rto(c), a.now);
    return reject(a, Disposition::repeated_syn);
  }
  owe_invalid_ack(c, a.now);
  return reject(a, Disposition::syn_challenged);
}

// --- 3.10.7.4 fifth: ACK ---

bool check_handshake_ack(Connection& c, Arrival& a) {
  if (c.state != State::syn_received) return true;
  const Packet& p = a.packet;
  if (p.ack.after(c.snd_una) && p.ack.at_or_before(c.snd_nxt)) {
    become_established(c, a);
    return true;
  }
  c.reset_seq = p.ack;
  owe(c, Pending::reset_reply);
  return reject(a, Disposition::unacceptable_ack);
}

// The peer has our FIN, and nobody here waits for its: a limited time in FIN-WAIT-2, or none.
void begin_fin_wait_2(Connection& c, const Arrival& a) {
  if (a.patience.fin_timeout.ns >= 0) return wait_for_fin(c, a.patience, a.now);
  c.reset_seq = a.packet.ack;
  owe(c, Pending::reset_reply);
  finish(c, Failure::none);
}

void advance_closing_states(Connection& c, const Arrival& a) {
  if (!fin_acked(c)) return;
  if (c.state == State::fin_wait_1) {
    enter(c, State::fin_wait_2);
    if (is_set(c, Flag::orphan)) begin_fin_wait_2(c, a);
  } else if (c.state == State::closing) {
    enter_time_wait(c, a.now);
  } else if (c.state == State::last_ack) {
    finish(c, Failure::none);
  }
}

bool check_ack(Connection& c, Arrival& a) {
  const Packet& p = a.packet;
  if (!p.has(TcpFlag::ack)) return reject(a, Disposition::no_ack_flag);
  if (!check_handshake_ack(c, a)) return false;
  // RFC 7323 section 4.3: only a segment that reaches what was last acknowledged may set the timestamp to echo.
  if (is_set(c, Flag::timestamps) && p.has_option(TcpOption::timestamps) && p.seq.at_or_before(c.rcv_wup) &&
      static_cast<std::int32_t>(c.ts_recent - p.ts_value) <= 0) {
    c.ts_recent = p.ts_value;
  }
  if (!process_ack(c, a)) return false;
  advance_closing_states(c, a);
  return true;
}

// --- 3.10.7.4 seventh: text; eighth: FIN ---

// Until it is read, a segment takes the memory it came in.
void charge_segment(Connection& c, std::uint32_t length) {
  if (length < c.segment_cost) c.unread_extra += c.segment_cost - length;
}

void process_fin(Connection& c, Arrival& a) {
  if (a.packet.payload_length == 0) charge_segment(c, 0);
  c.rcv_nxt = c.rcv_nxt + 1;
  set(c, Flag::peer_finished | Flag::ack_scheduled);
  c.range_count = 0;
  a.result.events |= Event::peer_finished;
  switch (c.state) {
    case State::established:
      enter(c, State::close_wait);
      // The application is expected to close at once and its FIN to carry the ACK: Linux delays it.
      set(c, Flag::interactive);
      break;
    case State::fin_wait_1:
      enter(c, State::closing);
      owe(c, Pending::ack);
      break;
    case State::fin_wait_2:
      enter_time_wait(c, a.now);
      owe(c, Pending::ack);
      break;
    default:
      break;
  }
}

// Data for a socket nobody holds any more, or whose both sides were shut down: RFC 2525 section 2.17, RFC 9293
// 3.10.7.4, as Linux does. Kernel data: connection_life.json, data_after_close and shutdown_both.
bool refuse_data_after_close(Connection& c, Arrival& a, SeqNumber text_end) {
  const bool closed_side = c.state == State::fin_wait_1 || c.state == State::fin_wait_2;
  const bool unwanted = is_set(c, Flag::orphan) || has_mode(c, Mode::reading_over);
  if (!closed_side || !unwanted || !text_end.after(c.rcv_nxt)) return false;
  c.reset_seq = a.packet.ack;
  owe(c, Pending::reset_reply);
  a.result.disposition = Disposition::data_after_close;
  finish(c, Failure::reset);
  return true;
}

void accept_in_order(Connection& c, Arrival& a, SeqNumber text_end) {
  std::uint32_t fresh = text_end.raw - c.rcv_nxt.raw;
  if (a.packet.seq.before(c.rcv_nxt)) a.result.disposition = Disposition::partly_duplicate;
  c.rcv_nxt = text_end;
  c.received += fresh;
  if (a.packet.payload_length != 0) {
    charge_segment(c, a.packet.payload_length);
    measure_received(c, a.packet, a.now);
  }
  if (c.range_count != 0) {
    const std::uint32_t behind = absorb_ranges(c);
    c.received += behind;
    fresh += behind;
    a.filled_hole = c.range_count == 0;
  }
  a.result.newly_readable = fresh;
  if (fresh != 0) a.result.events |= Event::data_available;
  if (is_set(c, Flag::fin_known) && c.rcv_nxt == c.fin_seq) process_fin(c, a);
}

void keep_out_of_order(Connection& c, Arrival& a, SeqNumber text_end) {
  set(c, Flag::ack_scheduled);
  owe(c, Pending::ack);  // RFC 5681 section 4.2: a duplicate ACK at once
  const bool kept = a.packet.payload_length == 0 || keep_range(c, a.packet.seq, text_end);
  a.result.disposition = kept ? Disposition::out_of_order : Disposition::holes_full;
  if (!kept) return;
  if (a.packet.has(TcpFlag::fin)) {
    set(c, Flag::fin_known);
    c.fin_seq = text_end;
  }
}

void refuse_text(Connection& c, Arrival& a, Disposition disposition) {
  enter_quick_ack_mode(c);
  set(c, Flag::ack_scheduled);
  owe(c, Pending::ack);
  a.result.disposition = disposition;
}

void process_text(Connection& c, Arrival& a) {
  const Packet& p = a.packet;
  const bool fin = p.has(TcpFlag::fin);
  if (p.payload_length == 0 && !fin) {
    if (a.result.disposition == Disposition::accepted) a.result.disposition = Disposition::pure_ack;
    return;
  }
  a.result.disposition = Disposition::accepted;
  const SeqNumber text_end = fin ? a.end - 1 : a.end;
  if (refuse_data_after_close(c, a, text_end)) return;
  if (!a.end.after(c.rcv_nxt) || is_set(c, Flag::peer_finished)) {
    refuse_text(c, a, Disposition::duplicate);
    return;
  }
  const std::uint32_t window = receive_window(c);
  if (p.seq.after(c.rcv_nxt)) {
    if (p.seq.before(c.rcv_nxt + window)) {
      keep_out_of_order(c, a, text_end);
    } else {
      refuse_text(c, a, window == 0 ? Disposition::window_closed : Disposition::outside_window);
    }
    return;
  }
  if (window == 0 && p.payload_length != 0) {
    refuse_text(c, a, Disposition::window_closed);
    return;
  }
  if (fin) {
    set(c, Flag::fin_known);
    c.fin_seq = text_end;
  }
  accept_in_order(c, a, text_end);
}

// RFC 9293 section 3.10.7.4, for every state from SYN-RECEIVED on but TIME-WAIT.
void segment_in_synchronized(Connection& c, Arrival& a) {
  if (!check_timestamp(c, a)) return;
  if (!check_sequence(c, a)) return;
  if (!check_reset(c, a)) return;
  if (!check_syn(c, a)) return;
  if (!check_ack(c, a)) return;
  if (c.state == State::closed || c.state == State::time_wait) {
    a.result.disposition = Disposition::pure_ack;
    return;
  }
  process_text(c, a);
  if (c.state == State::closed) return;
  schedule_ack(c, a);
}

// Header prediction: the segment that is expected next on a healthy connection, for which every check above would say
// "go on" and nothing else. True: it was processed, with the same outcome.
bool take_predicted(Connection& c, Arrival& a) {
  const Packet& p = a.packet;
  if (c.state != State::established || (p.flags & ~TcpFlag::psh) != TcpFlag::ack || p.seq != c.rcv_nxt) return false;
  if (c.range_count != 0 || is_set(c, Flag::fin_known)) return false;
  if (p.payload_length > receive_window(c)) return false;
  if (is_set(c, Flag::timestamps) && p.has_option(TcpOption::timestamps)) {
    if (static_cast<std::int32_t>(p.ts_value - c.ts_recent) < 0) return false;
    if (c.rcv_nxt == c.rcv_wup) c.ts_recent = p.ts_value;
  }
  if (p.payload_length == 0) {
    a.result.disposition = Disposition::pure_ack;
    process_ack(c, a);
    return true;
  }
  if (p.ack != c.snd_una || std::uint32_t{p.window} << c.snd_scale != c.snd_wnd) {
    if (!process_ack(c, a)) return true;
    a.result.disposition = Disposition::accepted;
  }
  c.snd_wl1 = p.seq;
  accept_in_order(c, a, a.end);
  schedule_ack(c, a);
  return true;
}

}  // namespace

SegmentResult on_segment(Connection& c, const Packet& p, Time now, const Patience& patience) {
  const std::uint32_t phantom = (p.has(TcpFlag::syn) ? 1u : 0u) + (p.has(TcpFlag::fin) ? 1u : 0u);
  Arrival a{p, patience, now, p.seq + p.payload_length + phantom, {}};
  const State before = c.state;
  switch (c.state) {
    case State::closed:
    case State::listen:
      a.result.disposition = Disposition::closed;
      return a.result;
    case State::syn_sent:
      segment_in_syn_sent(c, a);
      break;
    case State::time_wait:
      segment_in_time_wait(c, a);
      break;
    default:
      if (!take_predicted(c, a)) segment_in_synchronized(c, a);
      break;
  }
  if (c.state != before) {
    a.result.events |= Event::state_changed;
    if (c.state == State::closed) a.result.events |= Event::closed;
    if (c.state == State::time_wait) a.result.events |= Event::time_wait;
    if (c.failure != Failure::none) a.result.events |= Event::failed;
    a.result.failure = c.failure;
  }
  return a.result;
}

}  // namespace fourtuple::tcp
