#include "sim/replay/flows.h"

#include <utility>

namespace fourtuple::replay {
namespace {

// ICMP type numbers (RFC 792, RFC 4443).
constexpr bool is_echo(const Packet& packet) {
  const std::uint8_t type = packet.icmp_type();
  return packet.protocol == Protocol::icmp ? type == 0 || type == 8 : type == 128 || type == 129;
}

bool is_icmp(Protocol protocol) {
  return protocol == Protocol::icmp || protocol == Protocol::icmpv6;
}

// The packet's addresses and ports as a flow counts them, from the sender's side.
FourTuple flow_tuple(const Packet& packet) {
  if (!is_icmp(packet.protocol)) return sender_tuple(packet);
  const std::uint16_t port = is_echo(packet) ? packet.destination_port : std::uint16_t{0};
  return {packet.source, packet.destination, port, port};
}

FlowKey key_of(Protocol protocol, const FourTuple& tuple) {
  const auto local = std::pair(tuple.local, tuple.local_port), remote = std::pair(tuple.remote, tuple.remote_port);
  return {remote < local ? tuple.reversed() : tuple, protocol};
}

}  // namespace

bool is_icmp_error(const Packet& packet) {
  const std::uint8_t type = packet.icmp_type();
  if (packet.protocol == Protocol::icmp) return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
  return packet.protocol == Protocol::icmpv6 && type >= 1 && type <= 4;
}

bool SentRanges::add(const Packet& packet) {
  const std::uint32_t length =
      packet.payload_length + (packet.has(TcpFlag::syn) ? 1u : 0u) + (packet.has(TcpFlag::fin) ? 1u : 0u);
  if (length == 0 || packet.has(TcpFlag::rst)) return false;
  const SeqNumber begin = packet.seq, end = packet.seq + length;
  // A SYN with another number begins a new connection of the same two ends.
  if (!known_ || (packet.has(TcpFlag::syn) && begin != start_)) {
    *this = SentRanges{};
    known_ = true;
    start_ = begin;
    highest_ = end;
    return false;
  }
  if (begin.after(highest_)) {
    Gap& gap = gaps_[0].begin == gaps_[0].end ? gaps_[0] : gaps_[1];
    gap = {highest_, begin};
  }
  if (end.after(highest_)) {
    highest_ = end;
    return false;
  }
  for (Gap& gap : gaps_) {
    if (gap.begin == gap.end || end.at_or_before(gap.begin) || begin.at_or_after(gap.end)) continue;
    // A segment in the middle of a gap leaves the later part open: one gap cannot become two.
    if (begin.after(gap.begin) && end.at_or_after(gap.end)) {
      gap.end = begin;
    } else {
      gap.begin = end.before(gap.end) ? end : gap.end;
    }
    return false;
  }
  return true;
}

FlowTable::Place FlowTable::place(Protocol protocol, const FourTuple& tuple) const {
  const std::uint32_t found = index_.find(key_of(protocol, tuple));
  if (found == IndexMap<FlowKey>::absent) return {};
  if ((found & alias_bit) == 0) return {found, flows_[found].tuple};
  const Alias& alias = aliases_[found & ~alias_bit];
  return {alias.flow, alias.tuple};
}

std::uint32_t FlowTable::add(const Packet& packet, Time at, bool& retransmission, HostId maker) {
  retransmission = false;
  if (is_icmp_error(packet)) return none;
  const FourTuple tuple = flow_tuple(packet);
  Place found = place(packet.protocol, tuple);
  if (found.flow == none) {
    found = {size(), tuple};
    if (found.flow >= none) return none;
    index_.set(key_of(packet.protocol, tuple), found.flow);
    Flow flow;
    flow.tuple = tuple;
    flow.protocol = packet.protocol;
    flow.first_packet = packet.id;
    flow.first_time = at;
    flows_.push_back(flow);
    directions_.push_back({});
  }
  Flow& flow = flows_.mut(found.flow);
  const int side = found.first_sender == tuple ? 0 : 1;
  flow.last_time = at;
  ++flow.packets[side];
  flow.payload_bytes[side] += packet.payload_length;
  if (packet.protocol != Protocol::tcp) return found.flow;
  Directions& directions = directions_.mut(found.flow);
  retransmission = directions.sent[side].add(packet);
  if (!packet.has(TcpFlag::syn)) return found.flow;
  retransmission = retransmission && directions.maker[side] == maker;
  directions.maker[side] = maker;
  return found.flow;
}

void FlowTable::alias(const Packet& before, const Packet& after) {
  if (is_icmp_error(before)) return;
  const FourTuple tuple = flow_tuple(before), changed = flow_tuple(after);
  const Place known = place(before.protocol, tuple);
  if (known.flow == none || place(after.protocol, changed).flow != none) return;
  index_.set(key_of(after.protocol, changed), alias_bit | static_cast<std::uint32_t>(aliases_.size()));
  aliases_.push_back({known.first_sender == tuple ? changed : changed.reversed(), known.flow});
}

std::uint32_t FlowTable::find(const Packet& packet) const {
  return is_icmp_error(packet) ? none : find(packet.protocol, flow_tuple(packet));
}

std::uint32_t FlowTable::find(Protocol protocol, const FourTuple& tuple) const {
  return place(protocol, tuple).flow;
}

std::uint64_t FlowTable::bytes() const {
  return flows_.bytes() + directions_.bytes() + aliases_.capacity() * sizeof(Alias) + index_.bytes();
}

}  // namespace fourtuple::replay
