// A TCP endpoint without I/O: verbs over a Connection. Time is an argument, outputs are pulled.
//
// The protocol with the caller, after every verb that takes a Connection:
//   1. call next_segment until it returns false and send each packet (addresses, ports and id are the caller's);
//   2. if next_deadline is earlier than the caller's pending timer event, schedule one. Timers are lazy: a deadline may
//      move later or vanish while the event is pending; when the event fires compare with next_deadline and call
//      on_deadline only if it is due.
// A connection in State::closed with nothing left in next_segment may be forgotten. REQUIRES: time never goes back.
#pragma once

#include <cstdint>

#include "sim/base/time.h"
#include "sim/tcp/config.h"
#include "sim/tcp/connection.h"
#include "sim/tcp/result.h"
#include "sim/wire/packet.h"

namespace fourtuple::tcp {

// --- opening (RFC 9293 section 3.10.1) ---
// The first next_segment gives the SYN.
void open_active(Connection&, const Config&, SeqNumber iss, Time now);
// REQUIRES: `syn` has SYN and neither ACK nor RST: the listener has checked it (RFC 9293 section 3.10.7.2).
void open_passive(Connection&, const Config&, const Packet& syn, SeqNumber iss, Time now);
// As open_passive, for a SYN that was answered before, by cookie: `syn` is what the cookie tells of it.
void open_from_cookie(Connection&, const Config&, const Packet& syn, SeqNumber iss, Time now);

// --- the network's side ---
SegmentResult on_segment(Connection&, const Packet&, Time now, const Patience& = default_patience);
// REQUIRES: now >= next_deadline. May find nothing to do.
DeadlineResult on_deadline(Connection&, Time now, const Patience& = default_patience);
// Fills the TCP part of `out`, PayloadKind::stream and payload_offset (stream offset of the first byte); false: nothing
// to send now, `out` untouched.
bool next_segment(Connection&, Time now, Packet& out);
// Earliest instant at which on_deadline has something to do; Time::never() if none.
inline Time next_deadline(const Connection& c) {
  return c.timer_deadline < c.ack_deadline ? c.timer_deadline : c.ack_deadline;
}

// --- the application's side ---
// Appends to the send stream; returns how many bytes the send buffer took (0: full, or not writable in this state).
std::uint64_t write(Connection&, std::uint64_t bytes, Time now);
// Consumes up to `bytes` received bytes; returns how many. May owe an ACK that opens the window.
std::uint64_t read(Connection&, std::uint64_t bytes, Time now);
// FIN after the data written so far; reading goes on (RFC 9293 section 3.6, half-close).
void shutdown_write(Connection&, Time now);
// The application lets go of the socket. Sends RST if received data is unread (RFC 2525 section 2.17), FIN otherwise.
void close(Connection&, Time now, const Patience& = default_patience);
// RST and CLOSED at once: SO_LINGER 0, a killed host's reboot, an administrator.
void abort(Connection&, Time now);
// The path takes smaller packets (ICMP fragmentation needed, RFC 1191): `mss` is the new path MTU less IP and TCP
// headers without options. Retransmits what was too large.
void on_path_mtu(Connection&, std::uint16_t mss, Time now);
// An ICMP error says that the destination of the segment with number `seq` cannot be reached at present.
void on_unreachable(Connection&, SeqNumber seq, Time now);
void set_no_delay(Connection&, bool);
// SO_KEEPALIVE. On again after a change of Patience::keep_alive_time: counts from when the peer was last heard.
void set_keep_alive(Connection&, bool on, const Patience&, Time now);
// The application reads no more. What arrives is kept all the same, until the other side is shut down, too.
void shutdown_read(Connection&);

// --- questions ---
std::uint64_t readable(const Connection&);
std::uint64_t writable(const Connection&);  // room in the send buffer
bool at_end_of_stream(const Connection&);   // the peer's FIN was received and everything read
bool is_orphan(const Connection&);          // close() was called

// --- a four-tuple in TIME-WAIT used again (RFC 6191; Linux's tcp_twsk_unique) ---
// What the new connection takes over from the old.
struct Succession {
  SeqNumber iss;
  std::uint32_t ts_recent = 0;  // TSval to echo
};
// Whether a connection of the same four-tuple may begin: only timestamps tell the two apart, and more than `age` must
// have passed in TIME-WAIT. A negative age: at once.
bool may_be_succeeded(const Connection&, Duration age, Time now);
Succession succession_of(const Connection&);
// As open_active: the SYN echoes the old connection's timestamp.
void open_succession(Connection&, const Config&, const Succession&, Time now);

// The RST that answers a segment for which there is no connection (RFC 9293 section 3.10.7.1); addresses and ports are
// the caller's. False: the segment deserves no answer (it was a RST).
bool reset_reply(const Packet& offending, Packet& reply);

// --- what the viewer shows: an after-image, stored in traces ---
struct Variables {
  SeqNumber snd_una, snd_nxt;
  std::uint32_t snd_wnd = 0;  // bytes
  SeqNumber rcv_nxt;
  std::uint32_t rcv_wnd = 0;   // bytes the peer may still send
  std::uint32_t cwnd = 0;      // segments
  std::uint32_t ssthresh = 0;  // segments; infinite_ssthresh: not yet set
  std::uint32_t srtt_us = 0;
  std::uint32_t rttvar_us = 0;
  std::uint32_t rto_ms = 0;
  std::uint32_t flight = 0;    // bytes believed in the network
  std::uint32_t unsent = 0;    // bytes written, never sent
  std::uint32_t readable = 0;  // bytes received, not read
  std::uint16_t dup_acks = 0;
  std::uint16_t mss = 0;
  State state = State::closed;
  std::uint8_t backoff = 0;
  CongestionState congestion_state = CongestionState::open;
  std::uint8_t ranges = 0;   // out-of-order runs held
  bool interactive = false;  // Linux's pingpong
};
static_assert(sizeof(Variables) <= 64);
Variables snapshot(const Connection&);

}  // namespace fourtuple::tcp
