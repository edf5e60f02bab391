#include "capture/flow_table.h"

#include <algorithm>

#include "capture/prefetch.h"

namespace fourtuple::capture {
namespace {

bool is_between(const Flow& flow, const Packet& packet) {
  const auto ends = [&](AddressId a, std::uint16_t a_port, AddressId b, std::uint16_t b_port) {
    return flow.a == a && flow.b == b && flow.a_port == a_port && flow.b_port == b_port;
  };
  return flow.protocol == packet.protocol &&
         (ends(packet.source, packet.source_port, packet.destination, packet.destination_port) ||
          ends(packet.destination, packet.destination_port, packet.source, packet.source_port));
}

// tshark counts a new conversation when a SYN does not repeat the sequence number its direction started with.
bool reuses_ports(const Flow& flow, int direction, const Packet& packet) {
  const auto& first = flow.tcp.first[direction];
  return packet.has(TcpFlag::syn) && !packet.has(TcpFlag::ack) && first && *first != packet.seq;
}

// A SYN-ACK with another number than before; tshark then also speaks of reused ports, within the conversation.
bool answers_anew(Flow& flow, int direction, const Packet& packet) {
  auto& first = flow.tcp.first[direction];
  if (!packet.has(TcpFlag::syn) || !packet.has(TcpFlag::ack) || !first || *first == packet.seq) return false;
  first = packet.seq;
  return true;
}

void note_first_numbers(TcpFlow& tcp, int direction, const Packet& packet) {
  if (!tcp.first[direction]) tcp.first[direction] = packet.has(TcpFlag::syn) ? packet.seq : packet.seq - 1u;
  if (!tcp.first[1 - direction] && packet.has(TcpFlag::ack)) tcp.first[1 - direction] = packet.ack - 1u;
}

void count_flags(TcpFlow& tcp, int direction, const Packet& packet) {
  tcp.zero_windows += packet.window == 0 && !packet.has(TcpFlag::rst);
  constexpr std::uint8_t counted = TcpFlag::syn | TcpFlag::fin | TcpFlag::rst | TcpFlag::ece | TcpFlag::cwr;
  if (!packet.has(counted)) return;
  const bool syn = packet.has(TcpFlag::syn), ack = packet.has(TcpFlag::ack);
  tcp.syn[direction] += syn && !ack;
  tcp.syn_ack[direction] += syn && ack;
  tcp.fin[direction] += packet.has(TcpFlag::fin);
  tcp.rst[direction] += packet.has(TcpFlag::rst);
  tcp.ece[direction] += packet.has(TcpFlag::ece);
  tcp.cwr[direction] += packet.has(TcpFlag::cwr);
  if (syn && !tcp.isn[direction]) tcp.isn[direction] = packet.seq;
}

void note_options(SynOptions& options, const Packet& packet) {
  options.timestamps |= packet.has_option(TcpOption::timestamps);
  if (!packet.has(TcpFlag::syn)) return;
  if (packet.has_option(TcpOption::mss) && !options.mss) options.mss = packet.mss;
  if (packet.has_option(TcpOption::window_scale) && !options.window_scale) options.window_scale = packet.window_scale;
  options.sack_permitted |= packet.has_option(TcpOption::sack_permitted);
}

void follow_handshake(Handshake& shake, std::uint8_t direction, const Packet& packet, std::uint32_t payload,
                      std::uint32_t frame) {
  const bool syn = packet.has(TcpFlag::syn), ack = packet.has(TcpFlag::ack);
  if (syn && !ack) {
    if (shake.syn != 0) return;
    shake.syn = frame;
    shake.syn_direction = direction;
    shake.syn_seq = packet.seq;
    shake.syn_payload = payload;
  } else if (syn && ack) {
    if (shake.syn == 0 || shake.syn_ack != 0 || shake.syn_direction == direction) return;
    // Data on the SYN (TCP Fast Open) may be acknowledged as well.
    const std::int32_t acked = packet.ack - shake.syn_seq;
    if (acked != 1 && acked != static_cast<std::int32_t>(1 + shake.syn_payload)) return;
    shake.syn_ack = frame;
    shake.syn_ack_seq = packet.seq;
  } else if (ack && !packet.has(TcpFlag::rst)) {
    if (shake.syn_ack == 0 || shake.ack != 0 || shake.syn_direction != direction) return;
    if (packet.ack.after(shake.syn_ack_seq)) shake.ack = frame;
  }
}

void follow_completeness(TcpFlow& tcp, const Packet& packet, std::uint32_t payload, bool first) {
  const bool syn = packet.has(TcpFlag::syn), ack = packet.has(TcpFlag::ack);
  std::uint8_t& bits = tcp.completeness;
  if (first) {
    if (syn && !ack) bits = payload > 0 ? 9 : 1;
    return;
  }
  if (syn && ack) bits |= 2;
  if (ack && !syn) bits |= payload > 0 ? 8 : 4;
  if (ack && packet.has(TcpFlag::fin)) bits |= 16;
  if (packet.has(TcpFlag::rst)) bits |= 32;
}

// From the last SYN to the first later segment with an ACK and no SYN. tshark takes an interval of 0 for none.
void follow_initial_rtt(TcpFlow& tcp, const Packet& packet, std::int64_t time_ns) {
  const bool syn = packet.has(TcpFlag::syn), ack = packet.has(TcpFlag::ack);
  if (syn && !ack) tcp.last_syn_ns = time_ns;
  if (!ack || syn || !tcp.last_syn_ns || tcp.initial_rtt_ns || time_ns == *tcp.last_syn_ns) return;
  tcp.initial_rtt_ns = time_ns - *tcp.last_syn_ns;
}

void count_tcp(TcpFlow& tcp, const FlowPlace& place, const Packet& packet, const DecodedPacket& decoded,
               const FrameFacts& frame) {
  const std::uint8_t direction = place.direction;
  note_first_numbers(tcp, direction, packet);
  count_flags(tcp, direction, packet);
  note_options(tcp.options[direction], packet);
  if (decoded.sack_blocks != 0) ++tcp.sack_packets[direction];
  follow_handshake(tcp.handshake, direction, packet, decoded.payload_length, frame.number);
  follow_completeness(tcp, packet, decoded.payload_length, place.first);
  follow_initial_rtt(tcp, packet, frame.time_ns);
}

}  // namespace

std::uint8_t FlowTable::direction_of(const Flow& flow, const Packet& packet) const {
  const bool from_a = packet.source == flow.a && packet.source_port == flow.a_port && packet.destination == flow.b &&
                      packet.destination_port == flow.b_port;
  return from_a ? 0 : 1;
}

FlowPlace FlowTable::open(const Packet& packet, std::uint64_t key, std::uint32_t before, const FrameFacts& frame) {
  if (flows_.size() >= max_flows) return {};
  const bool tcp = packet.protocol == Protocol::tcp;
  Flow flow;
  flow.protocol = packet.protocol;
  flow.stream = tcp ? tcp_streams_++ : udp_streams_++;
  flow.depth = frame.depth;
  flow.a = packet.source;
  flow.b = packet.destination;
  flow.a_port = packet.source_port;
  flow.b_port = packet.destination_port;
  flow.first_frame = frame.number;
  flow.start_ns = flow.end_ns = frame.time_ns;
  const auto index = static_cast<std::uint32_t>(flows_.size());
  flows_.push_back(flow);
  index_.set(key, before, index);
  return {index, 0, true, false};
}

// One key for both directions.
std::uint64_t FlowTable::search_key(const Packet& packet) {
  const FourTuple tuple = sender_tuple(packet);
  const bool in_order =
      tuple.local < tuple.remote || (tuple.local == tuple.remote && tuple.local_port <= tuple.remote_port);
  return hash_of(in_order ? tuple : tuple.reversed()) ^ static_cast<std::uint64_t>(packet.protocol);
}

std::uint32_t FlowTable::index_of(const Packet& packet, std::uint64_t key) const {
  return index_.find(key, [&](std::uint32_t flow) { return is_between(flows_[flow], packet); });
}

void FlowTable::prefetch(std::uint32_t flow) const {
  prefetch_lines(&flows_[flow], Flow::touched);
}

FlowPlace FlowTable::find(const Packet& packet) const {
  const std::uint32_t index = index_of(packet, search_key(packet));
  if (index == FlowPlace::no_flow) return {};
  return {index, direction_of(flows_[index], packet), false, false};
}

void FlowTable::add_error(const FlowPlace& place, const Packet& error) {
  Flow& flow = flows_[place.flow];
  ++flow.icmp_errors;
  flow.last_icmp_error = error.source_port;
}

FlowPlace FlowTable::add(const Packet& packet, const DecodedPacket& decoded, const FrameFacts& frame) {
  const bool tcp = packet.protocol == Protocol::tcp;
  const std::uint64_t key = search_key(packet);
  FlowPlace place;
  place.flow = index_of(packet, key);
  if (place.valid()) place.direction = direction_of(flows_[place.flow], packet);
  const bool reused = place.valid() && tcp && reuses_ports(flows_[place.flow], place.direction, packet);
  if (!place.valid() || reused) place = open(packet, key, place.flow, frame);
  if (!place.valid()) return place;
  place.reuses_ports = reused || (tcp && answers_anew(flows_[place.flow], place.direction, packet));
  Flow& flow = flows_[place.flow];
  const std::uint8_t direction = place.direction;
  ++flow.packets[direction];
  flow.bytes[direction] += frame.wire_length;
  // UDP counts what its header claims, even in a first fragment; TCP what this packet carries.
  flow.payload[direction] +=
      tcp ? decoded.payload_length : decoded.udp_length - std::min<std::uint32_t>(decoded.udp_length, 8);
  flow.last_frame = frame.number;
  flow.start_ns = std::min(flow.start_ns, frame.time_ns);
  flow.end_ns = std::max(flow.end_ns, frame.time_ns);
  if (tcp) count_tcp(flow.tcp, place, packet, decoded, frame);
  return place;
}

}  // namespace fourtuple::capture
