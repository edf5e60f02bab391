#include "capture/survey.h"

#include <algorithm>
#include <array>

#include "capture/tunnel.h"
#include "sim/base/check.h"

namespace fourtuple::capture {
namespace {

bool is_icmp_error(const DecodedPacket& decoded) {
  const std::uint8_t type = decoded.packet.icmp_type();
  if (decoded.packet.protocol == Protocol::icmpv6) return type >= 1 && type <= 4;
  return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

bool has_transport(Protocol protocol) {
  return protocol == Protocol::tcp || protocol == Protocol::udp;
}

// Its outermost packet has ports, so that it belongs to a conversation.
bool has_conversation(const DecodedFrame& frame) {
  return frame.link.network == Network::ip && frame.packet.has_ports;
}

void count_verdict(ChecksumCounts& counts, ChecksumState state) {
  counts.good += state == ChecksumState::good;
  counts.bad += state == ChecksumState::bad;
}

}  // namespace

void Survey::count_frame(const DecodedFrame& decoded) {
  const Frame& frame = decoded.frame;
  CaptureReport& r = report_;
  if (r.packets == 0) {
    r.first_time_ns = r.min_time_ns = r.max_time_ns = frame.time_ns;
  } else {
    r.time_went_backwards += frame.time_ns < previous_time_ns_;
    r.max_gap_ns = std::max(r.max_gap_ns, frame.time_ns - previous_time_ns_);
  }
  previous_time_ns_ = r.last_time_ns = frame.time_ns;
  r.min_time_ns = std::min(r.min_time_ns, frame.time_ns);
  r.max_time_ns = std::max(r.max_time_ns, frame.time_ns);
  ++r.packets;
  r.bytes_wire += frame.original;
  r.bytes_captured += frame.bytes.size();
  r.packets_cut_by_snaplen += frame.bytes.size() < frame.original;
  if (r.packets_per_interface.size() <= frame.interface) r.packets_per_interface.resize(frame.interface + 1);
  ++r.packets_per_interface[frame.interface];
}

const FrameView& Survey::add(const Frame& frame) {
  decode_frame(frame, options_.verify_checksums, frame_);
  return add(frame_);
}

const FrameView& Survey::add(DecodedFrame& frame) {
  count_frame(frame);
  view_.has_packet = false;
  view_.decoded = &frame.packet;
  view_.place = view_.quoted_place = view_.fragment_of = {};
  view_.judged = {};
  FrameInfo info;
  info.file_offset = frame.frame.file_offset;
  info.time_ns = frame.frame.time_ns;
  info.captured = static_cast<std::uint32_t>(frame.frame.bytes.size());
  info.original = frame.frame.original;
  info.interface = static_cast<std::uint16_t>(frame.frame.interface);
  take_link(frame, info);
  ++report_.by_kind[static_cast<std::size_t>(view_.kind)];
  info.kind = view_.kind;
  info.marks = view_.judged.marks;
  info.in_flight = view_.judged.in_flight;
  if (view_.judged.rtt_ns != SegmentJudgement::no_rtt)
    info.rtt_us = static_cast<std::uint32_t>(std::min<std::int64_t>(view_.judged.rtt_ns / 1000, FrameInfo::no_rtt - 1));
  if (frames_ != nullptr) remember(info);
  return view_;
}

void Survey::prefetch(std::span<DecodedFrame> frames) const {
  FT_CHECK(frames.size() <= prefetched_at_once);
  std::array<std::uint64_t, prefetched_at_once> keys{};
  std::array<std::uint32_t, prefetched_at_once> expected{};
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (!has_conversation(frames[i])) continue;
    Packet& packet = frames[i].packet.packet;
    packet.source = addresses_->find(frames[i].packet.source);
    packet.destination = addresses_->find(frames[i].packet.destination);
    keys[i] = FlowTable::search_key(packet);
    flows_.prefetch_search(keys[i]);
  }
  for (std::size_t i = 0; i < frames.size(); ++i) {
    expected[i] = flows_.likely(keys[i]);
    if (expected[i] == FlowPlace::no_flow) continue;
    flows_.prefetch(expected[i]);
    if (expected[i] < last_of_flow_.size()) __builtin_prefetch(&last_of_flow_[expected[i]], 1);
  }
  if (!options_.analyse_tcp) return;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (expected[i] == FlowPlace::no_flow) continue;
    const Flow& flow = flows_.flows()[expected[i]];
    if (flow.protocol == Protocol::tcp) analysis_.prefetch(flow.stream);
  }
}

void Survey::take_link(DecodedFrame& frame, FrameInfo& info) {
  report_.vlan_tagged += frame.link.vlan != 0;
  switch (frame.link.network) {
    case Network::ip:
      info.ip_offset = static_cast<std::uint16_t>(frame.link.offset);
      return take_ip(frame, info);
    case Network::arp:
      view_.kind = FrameKind::arp;
      ++report_.arp;
      return;
    case Network::other:
      view_.kind = FrameKind::other_network;
      return;
    case Network::cut:
      view_.kind = FrameKind::cut;
      return;
    case Network::unsupported: {
      view_.kind = FrameKind::unsupported_link;
      const auto type = static_cast<std::uint16_t>(frame.frame.link);
      auto& known = report_.unknown_links;
      if (std::find(known.begin(), known.end(), type) == known.end()) known.push_back(type);
      return;
    }
  }
}

void Survey::remember(FrameInfo& info) {
  const FlowPlace& tied = view_.quoted_place.valid() ? view_.quoted_place : view_.fragment_of;
  const FlowPlace& place = view_.place.valid() ? view_.place : tied;
  const auto index = static_cast<std::uint32_t>(frames_->size());
  if (place.valid()) {
    info.flow = place.flow;
    info.direction = place.direction;
    if (view_.place.valid()) {
      if (last_of_flow_.size() <= place.flow) last_of_flow_.resize(place.flow + 1, FlowPlace::no_flow);
      info.previous_in_flow = last_of_flow_[place.flow];
      last_of_flow_[place.flow] = index;
    } else if (place.flow < last_of_flow_.size()) {
      info.previous_in_flow = last_of_flow_[place.flow];
    }
  }
  frames_->push_back(info);
}

void Survey::take_ip(DecodedFrame& frame, FrameInfo& info) {
  saw_ipv4_ = saw_ipv6_ = saw_tcp_ = saw_udp_ = saw_icmp_ = saw_icmpv6_ = false;
  Bytes bytes = frame.frame.bytes.subspan(frame.link.offset);
  std::uint32_t wire_length = frame.wire_length();
  const Bytes outer = bytes;
  std::uint8_t depth = 1;
  take_packet(bytes, frame, depth);
  const auto enter = [&] {
    if (!options_.enter_tunnels || depth >= max_tunnel_depth) return false;
    const Network inner = enter_tunnel(bytes, wire_length, frame.packet);
    report_.arp += inner == Network::arp;
    return inner == Network::ip;
  };
  while (enter()) {
    decode_packet(bytes, wire_length, frame.packet);
    if (options_.verify_checksums) frame.checksums = verify_checksums(bytes, frame.packet);
    take_packet(bytes, frame, ++depth);
  }
  info.ip_offset = static_cast<std::uint16_t>(info.ip_offset + (bytes.data() - outer.data()));
  report_.tunnelled += depth > 1;
  const Packet& packet = frame.packet.packet;
  if ((packet.fragment_flags & FragmentFlag::is_fragment) != 0) {
    const bool later = packet.fragment_offset != 0;
    report_.fragments_other += later;
    report_.fragments_first += !later && (packet.fragment_flags & FragmentFlag::more_fragments) != 0;
  }
  if (view_.kind == FrameKind::icmp || view_.kind == FrameKind::icmp_error) take_icmp(bytes);
  report_.ipv4 += saw_ipv4_;
  report_.ipv6 += saw_ipv6_;
  report_.tcp += saw_tcp_;
  report_.udp += saw_udp_;
  report_.icmp += saw_icmp_;
  report_.icmpv6 += saw_icmpv6_;
}

FrameKind Survey::kind_of(const DecodedPacket& decoded) const {
  switch (decoded.stop) {
    case DecodeStop::complete:
    case DecodeStop::bad_transport:
      if (has_transport(decoded.packet.protocol)) return FrameKind::conversation;
      return is_icmp_error(decoded) ? FrameKind::icmp_error : FrameKind::icmp;
    case DecodeStop::later_fragment:
      return FrameKind::later_fragment;
    case DecodeStop::other_protocol:
      return FrameKind::other_transport;
    case DecodeStop::ip_truncated:
    case DecodeStop::transport_cut:
    case DecodeStop::empty:
      return FrameKind::cut;
    case DecodeStop::bad_version:
    case DecodeStop::bad_ip_header:
    case DecodeStop::transport_short:
      return FrameKind::damaged;
  }
  return FrameKind::damaged;
}

void Survey::count_headers(const DecodedPacket& decoded) {
  if (decoded.ip_header_length == 0) return;
  (decoded.source.family == Family::ipv4 ? saw_ipv4_ : saw_ipv6_) = true;
  if (decoded.stop == DecodeStop::later_fragment) return;
  switch (decoded.packet.protocol) {
    case Protocol::tcp:
      saw_tcp_ = true;
      break;
    case Protocol::udp:
      saw_udp_ = true;
      break;
    case Protocol::icmp:
      saw_icmp_ = true;
      break;
    case Protocol::icmpv6:
      saw_icmpv6_ = true;
      break;
    case Protocol::none:
      break;
  }
}

void Survey::take_packet(Bytes bytes, DecodedFrame& frame, std::uint8_t depth) {
  DecodedPacket& decoded = frame.packet;
  view_.kind = kind_of(decoded);
  view_.has_packet = decoded.ip_header_length != 0 && view_.kind != FrameKind::damaged;
  count_headers(decoded);
  if (!view_.has_packet) return;
  // prefetch() may have found them.
  if (!decoded.packet.source.valid()) decoded.packet.source = addresses_->intern(decoded.source);
  if (!decoded.packet.destination.valid()) decoded.packet.destination = addresses_->intern(decoded.destination);
  count_checksums(decoded, frame.checksums);
  if (view_.kind == FrameKind::later_fragment) tie_fragment();
  if (view_.kind != FrameKind::conversation) return;
  const FrameFacts facts{static_cast<std::uint32_t>(report_.packets), frame.frame.original, frame.frame.time_ns, depth};
  view_.place = flows_.add(decoded.packet, decoded, facts);
  if (!view_.place.valid()) view_.kind = FrameKind::too_many_conversations;
  view_.payload = bytes.subspan(decoded.payload_at, decoded.payload_captured);
  const bool segment = decoded.packet.protocol == Protocol::tcp && decoded.stop == DecodeStop::complete;
  if (view_.place.valid() && segment && options_.analyse_tcp) analyse(frame.frame);
  const bool fragment = (decoded.packet.fragment_flags & FragmentFlag::is_fragment) != 0;
  if (view_.place.valid() && fragment) tie_early(fragments_.add(decoded, view_.place));
}

void Survey::tie_fragment() {
  view_.fragment_of = fragments_.find(*view_.decoded, static_cast<std::uint32_t>(report_.packets - 1));
  if (view_.fragment_of.valid()) flows_.add_later_fragment(view_.fragment_of);
}

void Survey::tie_early(const Fragments::Early& early) {
  for (std::size_t i = 0; i < early.count; ++i) {
    flows_.add_later_fragment(view_.place);
    if (frames_ == nullptr || early.frames[i] >= frames_->size()) continue;
    (*frames_)[early.frames[i]].flow = view_.place.flow;
    (*frames_)[early.frames[i]].direction = view_.place.direction;
  }
}

void Survey::analyse(const Frame& frame) {
  const Packet& packet = view_.decoded->packet;
  TcpSegment segment{packet.seq, packet.ack,    view_.decoded->payload_length, packet.window, packet.flags,
                     {},         frame.time_ns, view_.decoded->sacked_bytes};
  if (packet.has_option(TcpOption::window_scale)) segment.window_scale = packet.window_scale;
  const Flow& flow = flows_.flows()[view_.place.flow];
  view_.judged = analysis_.add(segment, flow, view_.place.direction, view_.place.reuses_ports);
}

void Survey::take_icmp(Bytes bytes) {
  if (view_.kind != FrameKind::icmp_error) return;
  const DecodedPacket& outer = *view_.decoded;
  const Bytes quote = bytes.subspan(outer.payload_at, outer.payload_captured);
  // The quote is part of a packet: its own lengths say more than what is left of it.
  decode_packet(quote, 0xffffffff, view_.quoted);
  count_headers(view_.quoted);
  if (!view_.quoted.has_ports) return;
  ++report_.icmp_errors_with_transport;
  Packet& packet = view_.quoted.packet;
  packet.source = addresses_->find(view_.quoted.source);
  packet.destination = addresses_->find(view_.quoted.destination);
  if (packet.source.valid() && packet.destination.valid()) view_.quoted_place = flows_.find(packet);
  if (view_.quoted_place.valid()) flows_.add_error(view_.quoted_place, view_.decoded->packet);
}

void Survey::count_checksums(const DecodedPacket& decoded, const ChecksumVerdict& verdict) {
  count_verdict(report_.ip_checksums, verdict.ip);
  if (decoded.packet.protocol == Protocol::tcp) count_verdict(report_.tcp_checksums, verdict.transport);
  if (decoded.packet.protocol == Protocol::udp) count_verdict(report_.udp_checksums, verdict.transport);
  if (verdict.ip != ChecksumState::bad && verdict.transport != ChecksumState::bad) return;
  constexpr std::size_t most_hosts = 1024;
  auto& hosts = report_.bad_checksums;
  auto found = std::find_if(hosts.begin(), hosts.end(),
                            [&](const HostChecksums& host) { return host.sender == decoded.packet.source; });
  if (found == hosts.end()) {
    if (hosts.size() >= most_hosts) return;
    found = hosts.insert(hosts.end(), {decoded.packet.source, 0});
  }
  ++found->bad;
}

}  // namespace fourtuple::capture
