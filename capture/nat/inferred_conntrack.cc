#include "capture/nat/inferred_conntrack.h"

#include <algorithm>

namespace fourtuple::capture {
namespace {

using state::ConntrackStatus;
using state::TcpTracking;

TcpTracking after(TcpTracking now, const Packet& packet, bool reply) {
  if (packet.has(TcpFlag::rst)) return TcpTracking::close;
  if (packet.has(TcpFlag::syn)) return reply ? TcpTracking::syn_recv : TcpTracking::syn_sent;
  if (packet.has(TcpFlag::fin)) {
    const bool first = now == TcpTracking::established || now == TcpTracking::syn_recv || now == TcpTracking::none;
    return first ? TcpTracking::fin_wait : TcpTracking::last_ack;
  }
  switch (now) {
    case TcpTracking::none:
    case TcpTracking::syn_sent:
    case TcpTracking::syn_recv:
      return TcpTracking::established;
    case TcpTracking::fin_wait:
      return TcpTracking::close_wait;
    case TcpTracking::last_ack:
      return TcpTracking::time_wait;
    default:
      return now;
  }
}

// Linux's defaults, in seconds (nf_conntrack_tcp_timeout_* and the like).
std::uint32_t timeout_of(const Packet& packet, TcpTracking tcp, bool replied) {
  constexpr std::uint32_t udp = 30, udp_stream = 120, icmp = 30;
  if (packet.protocol == Protocol::udp) return replied ? udp_stream : udp;
  if (packet.protocol != Protocol::tcp) return icmp;
  constexpr std::uint32_t by_state[] = {300, 120, 60, 432'000, 120, 60, 30, 120, 10, 120};
  return by_state[static_cast<std::size_t>(tcp)];
}

constexpr std::uint8_t echo_request_v4 = 8, echo_request_v6 = 128;

}  // namespace

std::uint32_t InferredConntrack::entry(std::uint32_t pair) {
  Entry& entry = entries_[pair];
  if (entry.number == none && next_ < none) entry.number = next_++;
  return entry.number;
}

void InferredConntrack::create(Time now, HostId host, std::uint32_t pair, const Packet& headers, std::uint32_t bytes) {
  const SeenFlow& near = sides_->seen.flows[sides_->pairs[pair].near];
  const FarEnds far = far_ends(sides_->seen, sides_->pairs[pair]);
  AddressTable& addresses = trace_->mutable_tables().addresses;
  Entry& entry = entries_[pair];
  trace::ConntrackCreated made;
  made.entry = entry.number;
  made.packet = headers.id;
  made.original_source = addresses.intern(near.a);
  made.original_destination = addresses.intern(near.b);
  made.reply_source = addresses.intern(far.b);
  made.reply_destination = addresses.intern(far.a);
  made.original_source_port = near.a_port;
  made.original_destination_port = near.b_port;
  made.reply_source_port = far.b_port;
  made.reply_destination_port = far.a_port;
  if (near.protocol == Protocol::icmp || near.protocol == Protocol::icmpv6) {
    const bool v6 = near.protocol == Protocol::icmpv6;
    made.original_destination_port = static_cast<std::uint16_t>((v6 ? echo_request_v6 : echo_request_v4) << 8);
    made.reply_source_port = far.a_port;
    made.reply_destination_port = static_cast<std::uint16_t>(v6 ? (echo_request_v6 + 1) << 8 : 0);
  }
  const TranslatedEnds ends = translated(sides_->seen, sides_->pairs[pair]);
  const bool source = ends.source || ends.source_port, destination = ends.destination || ends.destination_port;
  entry.status = static_cast<std::uint16_t>(ConntrackStatus::confirmed | (source ? ConntrackStatus::source_nat : 0) |
                                            (destination ? ConntrackStatus::destination_nat : 0) |
                                            ConntrackStatus::source_nat_done | ConntrackStatus::destination_nat_done);
  made.bytes = bytes;
  made.status = entry.status;
  made.protocol = near.protocol;
  made.tcp = static_cast<std::uint8_t>(entry.tcp);
  made.timeout_s = timeout_of(headers, entry.tcp, false);
  trace_->append(now, host, made);
  entry.created = true;
}

void InferredConntrack::pass(Time now, HostId host, std::uint32_t pair, const Packet& headers, bool reply,
                             std::uint32_t bytes) {
  if (entry(pair) == none) return;
  Entry& entry = entries_[pair];
  const bool tcp = headers.protocol == Protocol::tcp;
  const TcpTracking before = entry.tcp;
  if (tcp) entry.tcp = after(entry.tcp, headers, reply);
  if (!entry.created) {
    create(now, host, pair, headers, bytes);
    // What was first seen in the middle began the other way; the entry is the same.
    if (!reply) return;
  }
  if (reply) entry.status |= ConntrackStatus::seen_reply;
  const bool assured =
      tcp ? entry.tcp == TcpTracking::established && before == TcpTracking::syn_recv
          : headers.protocol == Protocol::udp && (entry.status & ConntrackStatus::seen_reply) != 0 && !reply;
  if (assured) entry.status |= ConntrackStatus::assured;
  trace::ConntrackSeen seen;
  seen.entry = entry.number;
  seen.packet = headers.id;
  seen.bytes = std::min(bytes, 0xffffffu);
  seen.timeout_s = timeout_of(headers, entry.tcp, (entry.status & ConntrackStatus::seen_reply) != 0);
  seen.status = entry.status;
  seen.tcp = static_cast<std::uint8_t>(entry.tcp);
  seen.reply = reply;
  trace_->append(now, host, seen);
}

}  // namespace fourtuple::capture
