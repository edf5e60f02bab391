// What to send now: RFC 9293 section 3.8 as Linux orders it. A RST comes first, then the handshake, retransmissions,
// new data, a window probe, and at last a bare ACK if nothing before carried it.
#include "sim/tcp/internal.h"

namespace fourtuple::tcp {
namespace {

void stamp(const Connection& c, Time now, Packet& out) {
  if (!is_set(c, Flag::timestamps)) return;
  out.options = static_cast<std::uint8_t>(out.options | TcpOption::timestamps);
  out.ts_value = to_ms(now) + c.timestamp_offset;
  out.ts_echo = c.ts_recent;
}

void blank(Packet& out, std::uint8_t flags, SeqNumber seq) {
  out.protocol = Protocol::tcp;
  out.flags = flags;
  out.options = 0;
  out.window = 0;
  out.payload_length = 0;
  out.seq = seq;
  out.ack = {};
  out.ts_value = 0;
  out.ts_echo = 0;
  out.payload_offset = 0;
  out.mss = 0;
  out.window_scale = 0;
  out.payload_kind = PayloadKind::none;
}

// A segment of the synchronized states; it carries the acknowledgment and settles what was owed in that respect.
void make_segment(Connection& c, Time now, Packet& out, std::uint8_t flags, SeqNumber seq) {
  blank(out, static_cast<std::uint8_t>(flags | TcpFlag::ack), seq);
  out.ack = c.rcv_nxt;
  out.window = advertise_window(c);
  stamp(c, now, out);
  note_ack_sent(c);
}

// RFC 9293 3.8.6.2.1: a number inside the peer's window, even if it shrank (tcp_acceptable_seq).
SeqNumber acceptable_seq(const Connection& c) {
  const SeqNumber right_edge = c.snd_una + c.snd_wnd;
  return right_edge.before(c.snd_nxt) ? right_edge : c.snd_nxt;
}

bool send_reset(Connection& c, Time now, Packet& out) {
  if (owes(c, Pending::reset)) {
    paid(c, Pending::reset);
    make_segment(c, now, out, TcpFlag::rst, acceptable_seq(c));
    return true;
  }
  if (!owes(c, Pending::reset_reply)) return false;
  paid(c, Pending::reset_reply);
  blank(out, TcpFlag::rst, c.reset_seq);
  return true;
}

void send_syn(Connection& c, Time now, Packet& out) {
  paid(c, Pending::syn);
  const bool answer = c.state == State::syn_received;
  blank(out, static_cast<std::uint8_t>(TcpFlag::syn | (answer ? TcpFlag::ack : 0)), c.iss);
  if (answer) {
    out.ack = c.rcv_nxt;
    note_ack_sent(c);
  }
  out.window = static_cast<std::uint16_t>(std::min(c.rcv_wnd, 65'535u));
  out.options = TcpOption::mss;
  out.mss = c.advertised_mss;
  if (c.sack_announced) out.options = static_cast<std::uint8_t>(out.options | TcpOption::sack_permitted);
  if (is_set(c, Flag::window_scale)) {
    out.options = static_cast<std::uint8_t>(out.options | TcpOption::window_scale);
    out.window_scale = c.rcv_scale;
  }
  stamp(c, now, out);
  if (c.snd_nxt == c.iss) {
    c.snd_nxt = c.iss + 1;
    c.first_retransmit_ms = to_ms(now);
    start_timing(c, c.snd_nxt, now);
  }
  if (timer_is_free(c)) arm(c, TimerKind::retransmit, rto(c), now);
}

// Fills in the stream's bytes [seq, seq + length) and the FIN if they reach it.
void attach_payload(Connection& c, Packet& out, SeqNumber seq, std::uint32_t length) {
  out.payload_length = length;
  if (length != 0) {
    out.payload_kind = PayloadKind::stream;
    out.payload_offset = offset_of(c, seq);
  }
}

void note_transmission(Connection& c, Time now, bool has_data) {
  if (has_data) note_data_sent(c, now);
  if (c.congestion_state == CongestionState::recovery) ++c.prr_out;
}

// --- retransmission ---

void send_again(Connection& c, Time now, Packet& out) {
  const SeqNumber seq = c.rtx_next;
  const SeqNumber data_end = end_of_data(c);
  const std::int32_t data_left = (data_end.before(c.snd_nxt) ? data_end : c.snd_nxt) - seq;
  const std::uint32_t length =
      data_left > 0 ? std::min<std::uint32_t>(static_cast<std::uint32_t>(data_left), c.mss) : 0;
  const bool last = seq + length == data_end;
  const bool fin = last && fin_sent(c);
  std::uint8_t flags = fin ? TcpFlag::fin : 0;
  if (last && length != 0) flags = static_cast<std::uint8_t>(flags | TcpFlag::psh);
  make_segment(c, now, out, flags, seq);
  attach_payload(c, out, seq, length);
  c.rtx_next = seq + length + (fin ? 1u : 0u);
  c.lost_end = later(c.lost_end, c.rtx_next);
  clear(c, Flag::timing);  // Karn's rule: what is in flight can no longer be timed
  note_transmission(c, now, length != 0);
}

bool retransmit(Connection& c, Time now, Packet& out) {
  if (owes(c, Pending::retransmit)) {
    paid(c, Pending::retransmit);
    if (outstanding(c) != 0) {
      send_again(c, now, out);
      return true;
    }
  }
  if (c.congestion_state < CongestionState::recovery || !c.rtx_next.before(c.lost_end)) return false;
  if (flight_segments(c) >= c.cwnd) return false;
  send_again(c, now, out);
  return true;
}

// --- new data ---

// RFC 9293 3.7.4 in Minshall's form, as Linux: a small segment waits while another small one is unacknowledged.
bool nagle_holds(const Connection& c) {
  return !is_set(c, Flag::no_delay) && c.last_small.after(c.snd_una) && c.last_small.at_or_before(c.snd_nxt);
}

// Linux hands full segments down in runs of at most half of cwnd, and the last of a run carries PSH to flush the
// receiver's aggregation (__tcp_transmit_skb; tests/data/kernel/tcp_lifecycle.json, bulk_20000).
bool ends_batch(Connection& c, SeqNumber seq, std::uint32_t length, std::uint64_t left) {
  if (seq + length == c.batch_end) return true;
  if (seq.before(c.batch_end)) return false;
  const std::uint64_t room =
      std::uint64_t{c.cwnd} * c.mss - std::min<std::uint64_t>(flight_bytes(c), std::uint64_t{c.cwnd} * c.mss);
  const std::uint64_t window = c.snd_una.raw + c.snd_wnd - seq.raw;
  const std::uint64_t limit = std::min({room, left, window, std::uint64_t{c.cwnd / 2} * c.mss, std::uint64_t{65'535}});
  const auto run = static_cast<std::uint32_t>(limit);
  // A tail shorter than a segment goes along unless Nagle's algorithm holds it back (tcp_mss_split_point).
  const bool with_tail = run == left && !nagle_holds(c);
  if (run >= 2u * c.mss) c.batch_end = seq + (with_tail ? run : run - run % c.mss);
  return false;
}

// Remembers whether cwnd was the limit, which decides if it may grow (tcp_cwnd_validate).
void validate_cwnd(Connection& c, bool limited) {
  const std::uint32_t flight = outstanding(c);
  const bool was_limited = is_set(c, Flag::cwnd_limited);
  if (!c.snd_una.before(c.cwnd_usage_end) || limited || (!was_limited && flight > c.max_flight)) {
    if (limited) {
      set(c, Flag::cwnd_limited);
    } else {
      clear(c, Flag::cwnd_limited);
    }
    c.max_flight = flight;
    c.cwnd_usage_end = c.snd_nxt;
  }
}

bool cwnd_has_room(const Connection& c) {
  return flight_bytes(c) + std::uint64_t{c.mss} <= std::uint64_t{c.cwnd} * c.mss;
}

bool may_send_data(const Connection& c) {
  return c.state != State::syn_sent && c.state != State::syn_received && c.state != State::fin_wait_2 &&
         c.state != State::time_wait;
}

// Room for `length` bytes and numbers in the peer's window; otherwise the window probe timer must run.
bool window_has_room(Connection& c, std::uint32_t length, Time now) {
  if ((c.snd_nxt + length).at_or_before(c.snd_una + c.snd_wnd)) return true;
  if (outstanding(c) == 0 && timer_is_free(c)) arm(c, TimerKind::window_probe, probe_interval(c), now);
  return false;
}

void transmit(Connection& c, Time now, Packet& out, std::uint32_t length, std::uint8_t flags) {
  const SeqNumber seq = c.snd_nxt;
  make_segment(c, now, out, flags, seq);
  attach_payload(c, out, seq, length);
  c.snd_nxt = seq + length + ((flags & TcpFlag::fin) != 0 ? 1u : 0u);
  if (length < c.mss) c.last_small = c.snd_nxt;
  const bool repairing = c.congestion_state >= CongestionState::recovery && c.snd_una.before(c.high_seq);
  if (!repairing) start_timing(c, c.snd_nxt, now);
  if (timer_is_free(c) || c.timer == TimerKind::window_probe) {
    if (c.timer == TimerKind::window_probe) c.backoff = 0;
    arm(c, TimerKind::retransmit, rto(c), now);  // RFC 6298 (5.1)
  }
  note_transmission(c, now, length != 0);
}

bool send_new(Connection& c, Time now, Packet& out) {
  const std::uint64_t left = unsent(c);
  const bool fin_waits = is_set(c, Flag::fin_queued) && !fin_sent(c);
  if ((left == 0 && !fin_waits) || !may_send_data(c)) return false;
  const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, c.mss));
  const bool fin = fin_waits && length == left;
  if (!cwnd_has_room(c)) {
    validate_cwnd(c, true);
    return false;
  }
  if (!window_has_room(c, length + (fin ? 1u : 0u), now)) return false;
  if (length < c.mss && !fin && nagle_holds(c)) return false;
  std::uint8_t flags = fin ? TcpFlag::fin : 0;
  // RFC 9293 3.9.1 SEND: PSH where a write ends and nothing follows.
  if (length != 0 && (length == left || ends_batch(c, c.snd_nxt, length, left))) {
    flags = static_cast<std::uint8_t>(flags | TcpFlag::psh);
  }
  transmit(c, now, out, length, flags);
  validate_cwnd(c, !cwnd_has_room(c));
  return true;
}

// RFC 9293 3.8.6.1. Where Linux has room for part of a segment it sends that part, else a number already acknowledged.
bool send_probe(Connection& c, Time now, Packet& out) {
  if (!owes(c, Pending::probe)) return false;
  paid(c, Pending::probe);
  if (outstanding(c) != 0 || unsent(c) == 0) return false;
  if (c.snd_wnd == 0) {
    make_segment(c, now, out, 0, c.snd_una - 1);
    return true;
  }
  const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>({unsent(c), c.mss, c.snd_wnd}));
  transmit(c, now, out, length, TcpFlag::psh);
  return true;
}

// RFC 9293 3.8.4: a number already acknowledged, which the peer must answer.
bool send_keep_alive(Connection& c, Time now, Packet& out) {
  if (!owes(c, Pending::keep_alive)) return false;
  paid(c, Pending::keep_alive);
  make_segment(c, now, out, 0, c.snd_una - 1);
  return true;
}

// The common end of the caller's loop, decided from the hot part of the connection.
bool has_nothing_to_send(const Connection& c) {
  return c.congestion_state == CongestionState::open && unsent(c) == 0 && !is_set(c, Flag::fin_queued);
}

}  // namespace

bool next_segment(Connection& c, Time now, Packet& out) {
  if (c.pending == 0 && has_nothing_to_send(c)) return false;
  if ((c.pending & (Pending::reset | Pending::reset_reply)) != 0) return send_reset(c, now, out);
  if (c.state == State::closed) return false;
  if (owes(c, Pending::syn)) {
    send_syn(c, now, out);
    return true;
  }
  if (retransmit(c, now, out)) return true;
  if (send_new(c, now, out)) return true;
  if (send_probe(c, now, out)) return true;
  if (send_keep_alive(c, now, out)) return true;
  if (!owes(c, Pending::ack)) return false;
  make_segment(c, now, out, 0, acceptable_seq(c));
  return true;
}

}  // namespace fourtuple::tcp
