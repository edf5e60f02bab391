#include "sim/netfilter/conntrack/tcp_window.h"

#include <algorithm>

namespace fourtuple::netfilter {
namespace {

using state::TcpTracking;

constexpr std::uint32_t least_ack_window = 66000;  // acknowledgements this old still pass, however small the window
constexpr std::uint8_t max_scale = 14;             // RFC 7323 section 2.3

// The values of a segment the check works on; some are made up where the segment has none.
struct Segment {
  SeqNumber seq, ack, end;
  std::uint32_t window = 0;
};

std::uint32_t ack_window(const TcpSide& sender) {
  return std::max(sender.max_window, least_ack_window);
}

// A SYN or SYN-ACK says all there is to know of its sender.
void begin_side(TcpSide& sender, TcpSide& receiver, const Packet& packet, const Segment& segment, int direction) {
  sender.end = sender.max_end = segment.end;
  sender.max_window = std::max<std::uint32_t>(segment.window, 1);
  note_options(sender, packet);
  // Scaling needs the option from both (RFC 7323 section 2.2).
  if (direction == 1 && (sender.flags & receiver.flags & TcpNote::window_scale) == 0) sender.scale = receiver.scale = 0;
}

// The first segment of a side whose SYN was not seen.
void guess_side(TcpSide& sender, TcpSide& receiver, const Segment& segment) {
  sender.end = segment.end;
  sender.max_window = std::max<std::uint32_t>(segment.window << sender.scale, 1);
  sender.max_end = segment.end + sender.max_window;
  if (receiver.max_window == 0) {
    receiver.end = receiver.max_end = segment.ack;
  } else if (segment.ack == receiver.end + 1) {
    receiver.end = receiver.end + 1;  // an answer to a keepalive
  }
}

// A SYN with a later sequence number before the handshake is complete: its side starts over.
bool begins_again(TcpTracking before, const Packet& packet, const TcpSide& sender, const Segment& segment) {
  const bool opening = before == TcpTracking::syn_sent || before == TcpTracking::syn_recv;
  return opening && packet.has(TcpFlag::syn) && segment.end.after(sender.end);
}

WindowVerdict too_far(TcpSide& sender, const TcpSide& receiver, const Segment& segment) {
  const std::uint32_t overshoot = segment.end.raw - sender.max_end.raw + 1;
  const bool ack_fits =
      segment.ack.after(receiver.end - ack_window(sender) - 1) && segment.ack.before(receiver.end + 1);
  const bool in_window = receiver.max_window != 0 && segment.end.after(sender.end - receiver.max_window - 1);
  const bool slight = in_window && ack_fits && overshoot <= receiver.max_window;
  if (slight) {
    // The peer may acknowledge this data, should the rules let it pass: remember that it was sent.
    sender.end = segment.end;
    sender.flags |= TcpNote::data_unacknowledged;
  }
  return slight ? WindowVerdict::ignored : WindowVerdict::outside;
}

WindowVerdict judge(TcpSide& sender, const TcpSide& receiver, const Segment& segment) {
  if (!segment.seq.before(sender.max_end + 1)) return too_far(sender, receiver, segment);
  if (!segment.ack.before(receiver.end + 1)) return WindowVerdict::outside;
  if (receiver.max_window != 0 && !segment.end.after(sender.end - receiver.max_window - 1))
    return WindowVerdict::ignored;
  return segment.ack.after(receiver.end - ack_window(sender) - 1) ? WindowVerdict::inside : WindowVerdict::ignored;
}

void learn(TcpSide& sender, TcpSide& receiver, const Packet& packet, Segment segment) {
  if (!packet.has(TcpFlag::syn)) segment.window <<= sender.scale;
  sender.max_window = std::max(sender.max_window, segment.window);
  if (segment.end.after(sender.end)) {
    sender.end = segment.end;
    sender.flags |= TcpNote::data_unacknowledged;
  }
  if (packet.has(TcpFlag::ack)) {
    const bool known = (sender.flags & TcpNote::max_ack_set) != 0;
    if (!known || segment.ack.after(sender.max_ack)) sender.max_ack = segment.ack;
    sender.flags |= TcpNote::max_ack_set;
  }
  if (receiver.max_window != 0 && segment.end.after(sender.max_end))
    receiver.max_window += segment.end.raw - sender.max_end.raw;
  const SeqNumber offered = segment.ack + segment.window;
  if (offered.after(receiver.max_end - 1)) receiver.max_end = segment.window == 0 ? offered + 1 : offered;
  if (segment.ack == receiver.end) receiver.flags &= static_cast<std::uint8_t>(~TcpNote::data_unacknowledged);
}

void count_retransmissions(TcpTracker& tracker, const Packet& packet, const Segment& segment, int direction) {
  if (tracker.last_direction == direction && tracker.last_seq == segment.seq && tracker.last_ack == segment.ack &&
      tracker.last_end == segment.end && tracker.last_window == packet.window) {
    ++tracker.retransmissions;
    return;
  }
  tracker.last_direction = static_cast<std::uint8_t>(direction);
  tracker.last_seq = segment.seq;
  tracker.last_ack = segment.ack;
  tracker.last_end = segment.end;
  tracker.last_window = packet.window;
  tracker.retransmissions = 0;
}

}  // namespace

SeqNumber segment_end(const Packet& packet) {
  return packet.seq + packet.payload_length + (packet.has(TcpFlag::syn) ? 1 : 0) + (packet.has(TcpFlag::fin) ? 1 : 0);
}

void note_options(TcpSide& side, const Packet& packet) {
  if (tcp_options_length(packet) == 0) return;
  side.scale = 0;
  side.flags &= TcpNote::be_liberal;
  if (packet.has_option(TcpOption::sack_permitted)) side.flags |= TcpNote::sack_permitted;
  if (!packet.has_option(TcpOption::window_scale)) return;
  side.scale = std::min(packet.window_scale, max_scale);
  side.flags |= TcpNote::window_scale;
}

WindowVerdict check_window(TcpTracker& tracker, const Sighting& sighting, TcpTracking before, TcpClass segment_class) {
  const Packet& packet = sighting.packet;
  const int direction = sighting.direction;
  TcpSide& sender = tracker.side[direction];
  TcpSide& receiver = tracker.side[1 - direction];
  Segment segment{packet.seq, packet.ack - sighting.ack_offset, segment_end(packet), packet.window};
  const bool syn = packet.has(TcpFlag::syn), ack = packet.has(TcpFlag::ack);

  if (sender.max_window == 0) {
    if (syn) {
      begin_side(sender, receiver, packet, segment, direction);
      if (!ack) return WindowVerdict::inside;  // simultaneous open
    } else {
      guess_side(sender, receiver, segment);
    }
  } else if (begins_again(before, packet, sender, segment)) {
    begin_side(sender, receiver, packet, segment, direction);
    if (direction == 1 && !ack) return WindowVerdict::inside;
  }

  // Without an acknowledgement, or with the zero that some stacks put into a reset, there is nothing to check there.
  if (!ack || (packet.has(TcpFlag::rst) && segment.ack == SeqNumber{0})) segment.ack = receiver.end;
  // A reset that answers a SYN without having seen a sequence number of its own.
  if (packet.has(TcpFlag::rst) && segment.seq == SeqNumber{0} && before == TcpTracking::syn_sent)
    segment.seq = segment.end = sender.end;

  const WindowVerdict verdict = judge(sender, receiver, segment);
  if (verdict != WindowVerdict::inside) {
    const bool liberal = sighting.config.tcp_be_liberal || (sender.flags & TcpNote::be_liberal) != 0;
    return liberal ? WindowVerdict::tolerated : verdict;
  }
  learn(sender, receiver, packet, segment);
  if (segment_class == TcpClass::ack) count_retransmissions(tracker, packet, segment, direction);
  return WindowVerdict::inside;
}

}  // namespace fourtuple::netfilter
