// One TCP connection as plain data: copying it is a checkpoint. No pointers, no clock, no addresses; the verbs are in
// endpoint.h. Callers read it through snapshot() and the accessors there and write nothing.
//
// Sequence space and stream offsets meet at snd_una: the byte with sequence number s has the offset
// una_offset + (s - snd_una). Before the SYN is acknowledged una_offset is -1 (as an unsigned number), since the SYN
// takes one number in front of the first byte.
//
//          acknowledged      in flight         unsent
//   ─────────────────────┬──────────────┬───────────────┐
//                 snd_una│       snd_nxt│       written │ (offset; a FIN takes the next number)
//
//        read      readable        holes[0]     holes[1]
//   ──────────┬──────────────┬ ─ ─ ├────────┤ ─ ├──────┤ ─ ─ ┐
//     consumed│       rcv_nxt│           rcv_wup + rcv_wnd   │
#pragma once

#include <cstdint>
#include <type_traits>

#include "sim/base/time.h"
#include "sim/tcp/config.h"
#include "sim/tcp/result.h"
#include "sim/tcp/state.h"
#include "sim/wire/seq_number.h"

namespace fourtuple::tcp {

// A run of received bytes behind a hole: first <= s < last.
struct Range {
  SeqNumber first;
  SeqNumber last;
};
// Out-of-order runs kept per connection. A segment that would need one more is dropped, so the peer retransmits it;
// Linux keeps any number.
inline constexpr int range_capacity = 4;

// As in Linux (enum tcp_ca_state). Stored in traces: never renumber.
enum class CongestionState : std::uint8_t { open = 0, disorder = 1, reduced = 2, recovery = 3, loss = 4 };

// What the one retransmission timer waits for.
enum class TimerKind : std::uint8_t {
  none = 0,
  retransmit = 1,
  window_probe = 2,
  fin_wait_2 = 3,
  time_wait = 4,
  keep_alive = 5,  // runs only while nothing is outstanding or unsent
};

struct Connection {
  // --- touched by every segment ---
  State state = State::closed;
  std::uint8_t pending = 0;   // Pending bits (internal.h): what next_segment owes
  std::uint16_t flags = 0;    // Flag bits (internal.h): negotiated options, application's wishes
  SeqNumber rcv_nxt;          // RFC 9293 3.3.1
  SeqNumber rcv_wup;          // rcv_nxt when the window was last advertised
  std::uint32_t rcv_wnd = 0;  // window advertised then, in bytes
  SeqNumber snd_una;
  SeqNumber snd_nxt;
  SeqNumber snd_wl1;
  std::uint32_t snd_wnd = 0;
  std::uint64_t una_offset = 0;  // stream offset of snd_una
  std::uint64_t written = 0;     // bytes the application has written
  std::uint64_t received = 0;    // bytes received in order
  std::uint64_t consumed = 0;    // bytes the application has read

  std::uint32_t ts_recent = 0;                 // RFC 7323: TSval to echo
  std::uint32_t timestamp_offset = 0;          // added to the millisecond clock
  std::uint32_t cwnd = 0;                      // segments, as in Linux
  std::uint32_t ssthresh = infinite_ssthresh;  // segments
  std::uint32_t cwnd_count = 0;   // segments acknowledged towards the next increase in congestion avoidance
  std::uint32_t acked_carry = 0;  // acknowledged bytes not yet counted as a segment
  std::uint16_t mss = 0;          // payload of a full segment we send: options deducted
  std::uint16_t rcv_mss = 0;      // estimate of the peer's full segment
  std::uint8_t snd_scale = 0;
  std::uint8_t rcv_scale = 0;
  TimerKind timer = TimerKind::none;
  CongestionState congestion_state = CongestionState::open;
  Time timer_deadline = Time::never();
  Time ack_deadline = Time::never();  // delayed ACK

  std::uint32_t last_received_ms = 0;  // of a data segment
  std::uint32_t last_sent_ms = 0;      // of a data segment
  std::uint16_t ack_delay_ms = 0;      // Linux's ATO; 0 before the first data
  std::uint8_t quick_acks = 0;         // segments still to be acknowledged at once
  std::uint8_t range_count = 0;
  std::uint32_t rcv_ssthresh = 0;   // current limit of the window we advertise; grows with data
  std::uint32_t rcv_space = 0;      // limit of the receive queue in payload bytes
  SeqNumber last_small;             // end of the last segment below the MSS: Nagle in Minshall's form
  std::uint32_t max_window = 0;     // largest window the peer ever advertised
  SeqNumber cwnd_usage_end;         // end of the window in which max_flight is measured
  std::uint32_t max_flight = 0;     // bytes
  std::uint32_t last_heard_ms = 0;  // of an acceptable ACK

  // --- round trip and retransmission ---
  Time timed_at;                   // when the timed segment left; in TIME-WAIT: when that began
  SeqNumber timed_end;             // its end; valid while Flag::timing
  SeqNumber rtt_window_end;        // rttvar is lowered once per window
  std::uint32_t srtt_us8 = 0;      // 8 times the smoothed round trip; 0: none yet
  std::uint32_t mdev_us4 = 0;      // 4 times the mean deviation
  std::uint32_t mdev_max_us4 = 0;  // its maximum in this window
  std::uint32_t rttvar_us4 = 0;
  std::uint32_t rto_us = 0;
  std::uint32_t first_retransmit_ms = 0;  // start of the present series of retransmissions, SYNs or window probes
  std::uint32_t last_invalid_ack_ms = 0;  // rate limit of challenge ACKs
  std::uint16_t dup_acks = 0;             // segments known to have left the network: Linux's sacked_out without SACK
  std::uint8_t retransmits = 0;           // timeouts without progress
  std::uint8_t backoff = 0;
  std::uint8_t probes = 0;  // window or keep-alive probes without answer
  std::uint8_t syn_timeouts = 0;
  CongestionControl congestion_control = CongestionControl::reno;
  Failure failure = Failure::none;

  // --- loss recovery ---
  SeqNumber high_seq;            // snd_nxt when recovery began
  SeqNumber lost_end;            // [snd_una, lost_end) is believed lost
  SeqNumber rtx_next;            // [snd_una, rtx_next) of it has been retransmitted
  std::uint32_t prior_cwnd = 0;  // RFC 6937
  std::uint32_t prr_delivered = 0;
  std::uint32_t prr_out = 0;
  Range ranges[range_capacity];  // sorted, disjoint, not touching

  // --- rarely touched ---
  SeqNumber iss;
  SeqNumber irs;
  SeqNumber fin_seq;    // of the peer's FIN; valid while Flag::fin_known
  SeqNumber reset_seq;  // of a RST owed without ACK
  std::uint32_t rcv_space_max = 0;
  std::uint64_t space_mark = 0;      // consumed when the present measurement of the reading rate began
  std::uint32_t space_measured = 0;  // bytes read in the last round trip measured
  std::uint32_t space_since_ms = 0;  // when that began; in SYN-RECEIVED: when our first SYN and ACK left
  std::uint32_t send_limit = 0;
  std::uint16_t advertised_mss = 0;
  std::uint16_t full_mss = 0;      // mss, were it not for a peer whose whole window is tiny
  SeqNumber batch_end;             // end of the run of full segments that Linux would hand down as one buffer
  std::uint16_t segment_cost = 0;  // Config::segment_cost
  bool sack_announced = false;     // both sides' SYNs may carry SACK-permitted
  std::uint8_t modes = 0;          // Mode bits (internal.h)
  std::uint32_t unread_extra = 0;  // window taken by unread segments beyond their payload
};
static_assert(std::is_trivially_copyable_v<Connection>);
static_assert(sizeof(Connection) <= 320);

}  // namespace fourtuple::tcp
