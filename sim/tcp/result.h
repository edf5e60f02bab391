// What the endpoint reports about a segment or a deadline. Plain data; numbers are stored in traces: never renumber.
#pragma once

#include <cstdint>

#include "sim/wire/seq_number.h"

namespace fourtuple::tcp {

// What happened to the connection; several may be set at once.
struct Event {
  static constexpr std::uint16_t established = 0x001;     // the handshake is complete
  static constexpr std::uint16_t data_available = 0x002;  // newly_readable > 0
  static constexpr std::uint16_t peer_finished = 0x004;   // the peer's FIN is in order: read returns 0 after the data
  static constexpr std::uint16_t acked = 0x008;           // newly_acked > 0: send space is free
  static constexpr std::uint16_t all_acked = 0x010;       // nothing the application wrote is outstanding
  static constexpr std::uint16_t failed = 0x020;          // ended with `failure`; the state is CLOSED
  static constexpr std::uint16_t closed = 0x040;          // the state is CLOSED: free it after the last next_segment
  static constexpr std::uint16_t time_wait = 0x080;       // entered TIME-WAIT
  static constexpr std::uint16_t state_changed = 0x100;
  static constexpr std::uint16_t new_incarnation =
      0x200;  // TIME-WAIT only: hand this SYN to the listener, see succession_of
  static constexpr std::uint16_t retransmission_timeout = 0x400;
  static constexpr std::uint16_t fast_retransmit = 0x800;
};

// The error an application sees.
enum class Failure : std::uint8_t {
  none = 0,
  refused = 1,      // ECONNREFUSED: RST in SYN-SENT
  reset = 2,        // ECONNRESET
  timed_out = 3,    // ETIMEDOUT
  broken_pipe = 4,  // EPIPE: RST in CLOSE-WAIT
};

// What was made of one arriving segment. describe() gives the sentence for the viewer.
enum class Disposition : std::uint8_t {
  accepted = 0,           // in order, all of it used
  pure_ack = 1,           // carried no sequence space
  duplicate_ack = 2,      // repeats the highest acknowledgment while data is outstanding
  duplicate = 3,          // all of it was received before
  partly_duplicate = 4,   // its head was received before, its tail is new
  out_of_order = 5,       // kept behind a hole
  holes_full = 6,         // behind one hole too many: dropped
  outside_window = 7,     // beyond the right edge of the window, or before the left
  window_closed = 8,      // new data while the window is zero
  old_timestamp = 9,      // PAWS
  reset_accepted = 10,    // RST at exactly RCV.NXT
  reset_challenged = 11,  // RST elsewhere in the window
  reset_ignored = 12,     // RST outside the window, or without the right ACK in SYN-SENT
  syn_challenged = 13,    // SYN on a synchronized connection
  no_ack_flag = 14,
  ack_of_unsent = 15,      // acknowledges what was never sent
  ack_too_old = 16,        // more than a window below SND.UNA: RFC 5961 section 5
  old_ack = 17,            // below SND.UNA, harmless
  unacceptable_ack = 18,   // handshake: not an ACK of our SYN, answered with RST
  handshake = 19,          // SYN or SYN and ACK of the handshake
  repeated_syn = 20,       // the peer's SYN again
  data_after_close = 21,   // nobody is left to read it: answered with RST
  time_wait_segment = 22,  // TIME-WAIT: answered with an ACK
  time_wait_ignored = 23,
  time_wait_reuse = 24,  // TIME-WAIT: a SYN for a new connection
  closed = 25,           // the connection no longer exists
  not_a_syn = 26,        // SYN-SENT: neither SYN nor RST
  cookie_sent = 27,      // a SYN answered with a cookie: nothing is remembered
  foreign_echo = 28,     // SYN-RECEIVED: the timestamp it echoes is none of our SYN and ACK's
};

const char* describe(Disposition);
const char* name(Failure);  // "ECONNREFUSED", …; "" for none

struct SegmentResult {
  std::uint16_t events = 0;  // Event bits
  Disposition disposition = Disposition::accepted;
  Failure failure = Failure::none;
  std::uint32_t newly_readable =
      0;  // payload bytes that became readable in order (a filled hole frees more than one segment)
  std::uint32_t newly_acked = 0;  // payload bytes of ours newly acknowledged

  bool has(std::uint16_t event) const { return (events & event) != 0; }
};

struct DeadlineResult {
  std::uint16_t events = 0;  // Event bits
  Failure failure = Failure::none;

  bool has(std::uint16_t event) const { return (events & event) != 0; }
};

}  // namespace fourtuple::tcp
