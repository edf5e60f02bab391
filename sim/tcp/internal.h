// What the parts of the endpoint share and callers do not see. Each group names the file that implements it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/base/check.h"
#include "sim/tcp/endpoint.h"
#include "sim/tcp/transitions.h"

namespace fourtuple::tcp {

// Connection::pending: what next_segment owes.
struct Pending {
  static constexpr std::uint8_t syn = 0x01;          // SYN, or SYN and ACK in SYN-RECEIVED
  static constexpr std::uint8_t ack = 0x02;          // an ACK at once; data that leaves before takes it along
  static constexpr std::uint8_t reset = 0x04;        // RST and ACK: abort
  static constexpr std::uint8_t reset_reply = 0x08;  // bare RST with seq = reset_seq
  static constexpr std::uint8_t probe = 0x10;        // zero-window probe
  static constexpr std::uint8_t retransmit = 0x20;   // the first unacknowledged segment, whatever cwnd says
  static constexpr std::uint8_t keep_alive = 0x40;   // keep-alive probe
};

// Connection::flags.
struct Flag {
  static constexpr std::uint16_t timestamps = 0x0001;
  static constexpr std::uint16_t no_delay = 0x0002;
  static constexpr std::uint16_t fin_queued = 0x0004;     // the application has nothing more to send
  static constexpr std::uint16_t fin_known = 0x0008;      // the peer's FIN is at fin_seq
  static constexpr std::uint16_t peer_finished = 0x0010;  // and it was reached
  static constexpr std::uint16_t orphan = 0x0020;         // close() was called
  static constexpr std::uint16_t ack_scheduled = 0x0040;  // received data is not acknowledged yet
  static constexpr std::uint16_t interactive = 0x0080;    // Linux's pingpong: answers carry the ACKs, so delay them
  static constexpr std::uint16_t pushed = 0x0100;         // unacknowledged data ended a write of the peer
  static constexpr std::uint16_t pushed_twice = 0x0200;
  static constexpr std::uint16_t timing = 0x0400;        // timed_at and timed_end are valid
  static constexpr std::uint16_t cwnd_limited = 0x0800;  // cwnd, not the application, held data back
  static constexpr std::uint16_t kernel_ticks = 0x1000;
  static constexpr std::uint16_t passive = 0x2000;
  static constexpr std::uint16_t window_scale = 0x4000;
  static constexpr std::uint16_t invalid_ack_sent = 0x8000;  // last_invalid_ack_ms is valid
};

// Connection::modes: what the application has asked for, rarely.
struct Mode {
  static constexpr std::uint8_t keep_alive = 0x01;    // SO_KEEPALIVE
  static constexpr std::uint8_t reading_over = 0x02;  // shutdown() of the reading side
};

// A segment on its way through the steps of RFC 9293 section 3.10.7, with what they found out.
struct Arrival {
  const Packet& packet;
  const Patience& patience;
  Time now;
  SeqNumber end;  // sequence number after the segment's last: SYN and FIN count
  SegmentResult result;
  bool filled_hole = false;
};

inline std::uint32_t to_ms(Time now) {
  return static_cast<std::uint32_t>(now.ns / 1'000'000);
}
inline bool is_set(const Connection& c, std::uint16_t flag) {
  return (c.flags & flag) != 0;
}
inline bool has_mode(const Connection& c, std::uint8_t mode) {
  return (c.modes & mode) != 0;
}
inline void set(Connection& c, std::uint16_t flag) {
  c.flags = static_cast<std::uint16_t>(c.flags | flag);
}
inline void clear(Connection& c, std::uint16_t flag) {
  c.flags = static_cast<std::uint16_t>(c.flags & ~flag);
}
inline void owe(Connection& c, std::uint8_t bit) {
  c.pending = static_cast<std::uint8_t>(c.pending | bit);
}
inline bool owes(const Connection& c, std::uint8_t bit) {
  return (c.pending & bit) != 0;
}
inline void paid(Connection& c, std::uint8_t bit) {
  c.pending = static_cast<std::uint8_t>(c.pending & ~bit);
}

// Every change of state goes through here.
inline void enter(Connection& c, State to) {
  FT_CHECK(is_legal(c.state, to));
  c.state = to;
}
// The end of a connection: no timer survives it; a RST that is owed does.
void finish(Connection&, Failure);

// Where the send stream stands.
inline std::uint32_t outstanding(const Connection& c) {
  return c.snd_nxt.raw - c.snd_una.raw;
}
inline SeqNumber end_of_data(const Connection& c) {
  return c.snd_una + static_cast<std::uint32_t>(c.written - c.una_offset);
}
inline std::uint64_t offset_of(const Connection& c, SeqNumber s) {
  return c.una_offset + (s.raw - c.snd_una.raw);
}
// Bytes written and never sent.
inline std::uint64_t unsent(const Connection& c) {
  const auto left = static_cast<std::int64_t>(c.written - offset_of(c, c.snd_nxt));
  return left > 0 ? static_cast<std::uint64_t>(left) : 0;
}
inline bool fin_sent(const Connection& c) {
  return offset_of(c, c.snd_nxt) == c.written + 1;
}
inline bool fin_acked(const Connection& c) {
  return c.una_offset == c.written + 1;
}

// window.cc
// Memory around the payload of a segment (Linux: the sk_buff, fitted to what window sizes show).
inline constexpr std::uint32_t segment_overhead = 832;
std::uint32_t initial_receive_window(std::uint32_t space, std::uint32_t mss);
// What the peer may still send beyond rcv_nxt.
inline std::uint32_t receive_window(const Connection& c) {
  const std::int32_t left = c.rcv_wup + c.rcv_wnd - c.rcv_nxt;
  return left > 0 ? static_cast<std::uint32_t>(left) : 0;
}
std::uint32_t wanted_window(Connection&);
std::uint16_t advertise_window(Connection&);  // updates rcv_wnd, rcv_wup; returns the header field
void grow_window(Connection&, std::uint32_t length);
void adjust_receive_space(Connection&, Time now);

// acknowledge.cc: when to acknowledge received data
void enter_quick_ack_mode(Connection&);
void measure_received(Connection&, const Packet&, Time now);
void schedule_ack(Connection&, const Arrival&);
inline void note_ack_sent(Connection& c) {
  if (c.quick_acks != 0 && is_set(c, Flag::ack_scheduled) && --c.quick_acks == 0) {
    c.ack_delay_ms = static_cast<std::uint16_t>(ack_delay_min.ns / 1'000'000);
  }
  clear(c, Flag::ack_scheduled | Flag::pushed | Flag::pushed_twice);
  paid(c, Pending::ack);
  c.ack_deadline = Time::never();
}
inline void note_data_sent(Connection& c, Time now) {
  const std::uint32_t now_ms = to_ms(now);
  c.last_sent_ms = now_ms;
  if (now_ms - c.last_received_ms < c.ack_delay_ms) set(c, Flag::interactive);  // net.ipv4.tcp_pingpong_thresh = 1
}
// An ACK that answers something unacceptable, at most one per 500 ms.
void owe_invalid_ack(Connection&, Time now);

// ack.cc: what an acknowledgment means to the sender
bool process_ack(Connection&, Arrival&);
void take_peer_window(Connection&, std::uint32_t window);

// rtt.cc
// One segment is timed at a time. Linux times every segment; with a steady path both see the same round trip.
inline void start_timing(Connection& c, SeqNumber end, Time now) {
  if (is_set(c, Flag::timing)) return;
  set(c, Flag::timing);
  c.timed_at = now;
  c.timed_end = end;
}
void take_rtt_sample(Connection&, std::int64_t rtt_us);
void take_rtt_from_ack(Connection&, const Packet&, bool retransmitted, Time now);
// The handshake gave no sample.
void fall_back_without_sample(Connection&);

// timers.cc
void arm(Connection&, TimerKind, Duration delay, Time now);
void disarm(Connection&);
// Nothing is outstanding: no timer but keep-alive's, if the application wants it.
void stand_by(Connection&, const Patience&, Time now);
// Since the peer was last heard.
Duration silence_of(const Connection&, Time now);
// No timer runs that guards something sent.
inline bool timer_is_free(const Connection& c) {
  return c.timer == TimerKind::none || c.timer == TimerKind::keep_alive;
}
// FIN-WAIT-2 of a socket nobody holds.
void wait_for_fin(Connection&, const Patience&, Time now);
void arm_ack(Connection&, Duration delay, Time now);
Duration rto(const Connection&);
Duration probe_interval(const Connection&);
void enter_time_wait(Connection&, Time now);

// recovery.cc: loss detection and recovery, common to all congestion controls
std::uint32_t flight_segments(const Connection&);
std::uint32_t flight_bytes_repairing(const Connection&);
inline std::uint32_t flight_bytes(const Connection& c) {
  return c.congestion_state == CongestionState::open ? outstanding(c) : flight_bytes_repairing(c);
}
// What an ACK tells about the network: `advanced` past snd_una by `acked` segments, or a duplicate, or neither.
struct AckNews {
  std::uint32_t acked = 0;
  bool advanced = false;
  bool duplicate = false;
};
void update_recovery(Connection&, Arrival&, const AckNews&);
void enter_loss(Connection&);
void restart_after_idle(Connection&, Time now);

// congestion.cc: the closed set of congestion controls
std::uint32_t reduced_threshold(const Connection&);
void grow_cwnd(Connection&, std::uint32_t acked);

// reassembly.cc
// Adds [first, last) to the out-of-order runs; false: no room for another one.
bool keep_range(Connection&, SeqNumber first, SeqNumber last);
// Moves rcv_nxt over runs that have become contiguous; returns how many bytes.
std::uint32_t absorb_ranges(Connection&);

// time_wait.cc
void segment_in_time_wait(Connection&, Arrival&);
// handshake.cc
void segment_in_syn_sent(Connection&, Arrival&);
void learn_peer_options(Connection&, const Packet& syn);
void become_established(Connection&, Arrival&);

}  // namespace fourtuple::tcp
