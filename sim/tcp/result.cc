#include "sim/tcp/result.h"

namespace fourtuple::tcp {

const char* describe(Disposition disposition) {
  switch (disposition) {
    case Disposition::accepted:
      return "in order: all of it was used";
    case Disposition::pure_ack:
      return "acknowledgment without data";
    case Disposition::duplicate_ack:
      return "duplicate acknowledgment: the peer received something behind a hole";
    case Disposition::duplicate:
      return "received before: acknowledged again, not delivered again";
    case Disposition::partly_duplicate:
      return "its beginning was received before; the rest was used";
    case Disposition::out_of_order:
      return "arrived ahead of missing data: kept, acknowledged with the number still expected";
    case Disposition::holes_full:
      return "arrived ahead of missing data and there are too many holes already: dropped";
    case Disposition::outside_window:
      return "its sequence numbers lie outside the receive window: dropped, answered with an ACK";
    case Disposition::window_closed:
      return "the receive window is closed: dropped, answered with an ACK";
    case Disposition::old_timestamp:
      return "its timestamp is older than the last one seen (PAWS): dropped, answered with an ACK";
    case Disposition::foreign_echo:
      return "it echoes a timestamp that our SYN and ACK did not have: dropped, answered with an ACK";
    case Disposition::reset_accepted:
      return "RST with exactly the expected sequence number: the connection ends";
    case Disposition::reset_challenged:
      return "RST inside the window but not at the expected number: challenged with an ACK";
    case Disposition::reset_ignored:
      return "RST that cannot belong to this connection: ignored";
    case Disposition::syn_challenged:
      return "SYN on an open connection: challenged with an ACK";
    case Disposition::no_ack_flag:
      return "no ACK flag: ignored";
    case Disposition::ack_of_unsent:
      return "acknowledges data that was never sent: dropped, answered with an ACK";
    case Disposition::ack_too_old:
      return "acknowledgment from more than a window ago: dropped, answered with an ACK";
    case Disposition::old_ack:
      return "acknowledges what was acknowledged before";
    case Disposition::unacceptable_ack:
      return "does not acknowledge our SYN: answered with RST";
    case Disposition::handshake:
      return "part of the handshake";
    case Disposition::repeated_syn:
      return "the peer's SYN again: SYN and ACK repeated";
    case Disposition::data_after_close:
      return "data for a socket that was closed: answered with RST";
    case Disposition::time_wait_segment:
      return "TIME-WAIT: answered with an ACK";
    case Disposition::time_wait_ignored:
      return "TIME-WAIT: ignored";
    case Disposition::time_wait_reuse:
      return "TIME-WAIT: a new SYN ends the wait";
    case Disposition::closed:
      return "the connection no longer exists";
    case Disposition::not_a_syn:
      return "not an answer to our SYN: ignored";
    case Disposition::cookie_sent:
      return "the SYN queue is full: answered with a SYN cookie, nothing is remembered";
  }
  return "";
}

const char* name(Failure failure) {
  switch (failure) {
    case Failure::none:
      return "";
    case Failure::refused:
      return "ECONNREFUSED";
    case Failure::reset:
      return "ECONNRESET";
    case Failure::timed_out:
      return "ETIMEDOUT";
    case Failure::broken_pipe:
      return "EPIPE";
  }
  return "";
}

}  // namespace fourtuple::tcp
