#include "sim/wire/decode.h"

#include <algorithm>
#include <cstring>

#include "sim/wire/checksum.h"

namespace fourtuple {
namespace {

// IP protocol numbers of headers that stand between IP and the transport.
constexpr std::uint8_t hop_by_hop = 0, routing = 43, fragment_header = 44, authentication = 51,
                       destination_options = 60, mobility = 135, host_identity = 139, shim6 = 140;
constexpr std::uint32_t ipv6_fixed_header = 40;
constexpr std::uint8_t jumbo_option = 0xc2;  // RFC 2675

bool is_extension(std::uint8_t protocol) {
  return protocol == hop_by_hop || protocol == routing || protocol == authentication ||
         protocol == destination_options || protocol == mobility || protocol == host_identity || protocol == shim6;
}

bool is_known(std::uint8_t protocol) {
  return protocol == 1 || protocol == 6 || protocol == 17 || protocol == 58;
}

void stop_at(DecodedPacket& out, DecodeStop stop) {
  out.stop = stop;
}

void set_fragment(DecodedPacket& out, std::uint16_t offset, bool more) {
  Packet& packet = out.packet;
  packet.fragment_offset = offset;
  if (more) packet.fragment_flags |= FragmentFlag::more_fragments;
  if (more || offset != 0) packet.fragment_flags |= FragmentFlag::is_fragment;
}

// The headers of IPv4; false when decoding must stop.
bool decode_ipv4(Bytes bytes, std::uint32_t wire_length, DecodedPacket& out) {
  const std::uint8_t* at = bytes.data();
  if (bytes.size() < 20) return stop_at(out, DecodeStop::ip_truncated), false;
  const std::uint32_t header = (at[0] & 0x0fu) * 4;
  const std::uint32_t total = load16(at + 2);
  if (header < 20 || (total != 0 && total < header)) return stop_at(out, DecodeStop::bad_ip_header), false;
  out.ip_header_length = header;
  out.ip_length = total == 0 ? wire_length : std::min(total, wire_length);
  Packet& packet = out.packet;
  packet.traffic_class = at[1];
  packet.ip_id = load16(at + 4);
  out.fragment_id = packet.ip_id;
  const std::uint16_t bits = load16(at + 6);
  if ((bits & 0x4000) != 0) packet.fragment_flags |= FragmentFlag::dont_fragment;
  set_fragment(out, bits & 0x1fff, (bits & 0x2000) != 0);
  packet.ttl = at[8];
  out.ip_protocol = at[9];
  std::memcpy(out.source.bytes.data(), at + 12, 4);
  std::memcpy(out.destination.bytes.data(), at + 16, 4);
  if (bytes.size() < header) return stop_at(out, DecodeStop::ip_truncated), false;
  return true;
}

bool decode_ipv6(Bytes bytes, std::uint32_t wire_length, DecodedPacket& out) {
  const std::uint8_t* at = bytes.data();
  if (bytes.size() < ipv6_fixed_header) return stop_at(out, DecodeStop::ip_truncated), false;
  const std::uint32_t length = load16(at + 4);
  out.ip_header_length = ipv6_fixed_header;
  // Length 0 is a jumbogram, or a super-segment captured before segmentation.
  const bool unknown = length == 0 && (at[6] == hop_by_hop || wire_length > 0xffff + ipv6_fixed_header);
  out.ip_length = unknown ? wire_length : std::min(length + ipv6_fixed_header, wire_length);
  out.packet.traffic_class = static_cast<std::uint8_t>(load16(at) >> 4);
  out.ip_protocol = at[6];
  out.packet.ttl = at[7];
  out.source.family = out.destination.family = Family::ipv6;
  std::memcpy(out.source.bytes.data(), at + 8, 16);
  std::memcpy(out.destination.bytes.data(), at + 24, 16);
  return true;
}

// Reads the jumbo payload length out of a hop-by-hop header (RFC 2675 section 2); 0 when there is none.
std::uint32_t jumbo_length(Bytes options) {
  std::size_t at = 2;
  while (at < options.size()) {
    if (options[at] == 0) {
      ++at;
      continue;
    }
    if (at + 2 > options.size()) return 0;
    const std::size_t length = options[at + 1];
    if (options[at] == jumbo_option && length == 4 && at + 6 <= options.size()) return load32(options.data() + at + 2);
    at += 2 + length;
  }
  return 0;
}

// Walks extension headers (and the AH of IPv4) up to the transport; false when decoding must stop.
bool skip_extensions(Bytes bytes, DecodedPacket& out) {
  const bool v6 = out.source.family == Family::ipv6;
  const auto extension = [&] {
    if (v6) return is_extension(out.ip_protocol) || out.ip_protocol == fragment_header;
    return out.ip_protocol == authentication;
  };
  while (extension()) {
    if ((out.packet.fragment_flags & FragmentFlag::is_fragment) != 0 && out.packet.fragment_offset != 0) break;
    const std::size_t start = out.ip_header_length;
    if (start + 8 > out.ip_length) return stop_at(out, DecodeStop::bad_ip_header), false;
    if (start + 8 > bytes.size()) return stop_at(out, DecodeStop::ip_truncated), false;
    const std::uint8_t* at = bytes.data() + start;
    std::uint32_t length = (at[1] + 1u) * 8;
    if (out.ip_protocol == fragment_header) {
      length = 8;
      const std::uint16_t bits = load16(at + 2);
      set_fragment(out, static_cast<std::uint16_t>(bits >> 3), (bits & 1) != 0);
      out.packet.fragment_flags |= FragmentFlag::is_fragment;
      out.fragment_id = load32(at + 4);
      out.packet.ip_id = static_cast<std::uint16_t>(out.fragment_id);
    } else if (out.ip_protocol == authentication) {
      length = (at[1] + 2u) * 4;
      out.authenticated = true;
    }
    if (start + length > out.ip_length) return stop_at(out, DecodeStop::bad_ip_header), false;
    if (start + length > bytes.size()) return stop_at(out, DecodeStop::ip_truncated), false;
    if (out.ip_protocol == hop_by_hop && load16(bytes.data() + 4) == 0) {
      const std::uint32_t jumbo = jumbo_length(bytes.subspan(start, length));
      if (jumbo > 0xffff && jumbo < out.ip_length) out.ip_length = jumbo + ipv6_fixed_header;
    }
    out.ip_protocol = at[0];
    out.ip_header_length += length;
  }
  return true;
}

// As many as there is room for beside timestamps (RFC 2018 section 3); Wireshark counts no more either.
constexpr std::size_t most_sack_blocks = 3;

std::uint32_t sacked_bytes(const std::uint8_t* edges, std::size_t blocks) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < std::min(blocks, most_sack_blocks); ++i)
    sum += load32(edges + 8 * i + 4) - load32(edges + 8 * i);
  return sum;
}

void decode_tcp_options(Bytes options, DecodedPacket& out) {
  Packet& packet = out.packet;
  std::size_t at = 0;
  while (at < options.size() && options[at] != 0) {
    if (options[at] == 1) {
      ++at;
      continue;
    }
    if (at + 2 > options.size() || options[at + 1] < 2 || at + options[at + 1] > options.size()) return;
    const std::uint8_t kind = options[at], length = options[at + 1];
    const std::uint8_t* value = options.data() + at + 2;
    if (kind == 2 && length == 4) {
      packet.options |= TcpOption::mss;
      packet.mss = load16(value);
    } else if (kind == 3 && length == 3) {
      packet.options |= TcpOption::window_scale;
      packet.window_scale = *value;
    } else if (kind == 4 && length == 2) {
      packet.options |= TcpOption::sack_permitted;
    } else if (kind == 5) {
      out.sack_blocks = static_cast<std::uint8_t>((length - 2) / 8);
      out.sacked_bytes = sacked_bytes(value, out.sack_blocks);
    } else if (kind == 8 && length == 10) {
      packet.options |= TcpOption::timestamps;
      packet.ts_value = load32(value);
      packet.ts_echo = load32(value + 4);
    }
    at += length;
  }
}

void decode_tcp(Bytes header, DecodedPacket& out) {
  Packet& packet = out.packet;
  if (header.size() >= 8) packet.seq = {load32(header.data() + 4)};
  if (header.size() < 16) return stop_at(out, DecodeStop::transport_cut);
  packet.ack = {load32(header.data() + 8)};
  packet.flags = header[13];
  packet.window = load16(header.data() + 14);
  out.has_header = true;
  out.transport_header_length = (header[12] >> 4) * 4u;
  if (out.transport_header_length < 20) return stop_at(out, DecodeStop::bad_transport);
  const std::size_t end = std::min<std::size_t>(header.size(), out.transport_header_length);
  out.options_cut = end < out.transport_header_length;
  if (end > 20) decode_tcp_options(header.subspan(20, end - 20), out);
}

void decode_icmp(Bytes header, DecodedPacket& out) {
  Packet& packet = out.packet;
  if (header.size() >= 2) packet.source_port = load16(header.data());
  out.transport_header_length = 8;
  if (header.size() < 8) return stop_at(out, DecodeStop::transport_cut);
  out.has_header = true;
  packet.destination_port = load16(header.data() + 4);
  packet.seq = {load16(header.data() + 6)};
  const bool packet_too_big = packet.protocol == Protocol::icmpv6 && packet.icmp_type() == 2;
  if (!packet_too_big) return;
  packet.seq = {load32(header.data() + 4)};
  packet.destination_port = 0;
}

// `header`: the captured bytes of the IP payload.
void decode_transport(Bytes header, DecodedPacket& out) {
  Packet& packet = out.packet;
  if (packet.protocol == Protocol::icmp || packet.protocol == Protocol::icmpv6) return decode_icmp(header, out);
  if (header.size() >= 4) {
    packet.source_port = load16(header.data());
    packet.destination_port = load16(header.data() + 2);
    out.has_ports = true;
  }
  if (packet.protocol == Protocol::tcp) return decode_tcp(header, out);
  out.transport_header_length = 8;
  if (header.size() < 8) return stop_at(out, DecodeStop::transport_cut);
  out.udp_length = load16(header.data() + 4);
  out.has_header = true;
}

// Payload lengths once the headers are known. UDP's own length may end the payload before IP does.
void measure_payload(Bytes bytes, DecodedPacket& out) {
  const std::uint32_t ip_payload = out.ip_length - std::min(out.ip_length, out.ip_header_length);
  std::uint32_t sent = ip_payload - std::min(ip_payload, out.transport_header_length);
  Packet& packet = out.packet;
  const bool fragment = (packet.fragment_flags & FragmentFlag::is_fragment) != 0;
  if (packet.protocol == Protocol::udp && out.has_header && !fragment && out.udp_length >= 8)
    sent = std::min<std::uint32_t>(sent, out.udp_length - 8u);
  out.payload_length = sent;
  packet.payload_length = fragment ? ip_payload : sent;
  out.payload_at = out.ip_header_length + out.transport_header_length;
  const auto captured = static_cast<std::uint32_t>(bytes.size());
  out.payload_at = std::min(out.payload_at, captured);
  out.payload_captured = std::min(sent, captured - out.payload_at);
}

}  // namespace

void decode_packet(Bytes bytes, std::uint32_t wire_length, DecodedPacket& out) {
  out = DecodedPacket{};
  wire_length = std::max(wire_length, static_cast<std::uint32_t>(bytes.size()));
  if (bytes.empty()) return;
  const unsigned version = bytes[0] >> 4;
  if (version != 4 && version != 6) return stop_at(out, DecodeStop::bad_version);
  const bool readable = version == 4 ? decode_ipv4(bytes, wire_length, out) : decode_ipv6(bytes, wire_length, out);
  if (!readable || !skip_extensions(bytes, out)) return;
  out.stop = DecodeStop::complete;
  if (is_known(out.ip_protocol)) out.packet.protocol = static_cast<Protocol>(out.ip_protocol);
  if ((out.packet.fragment_flags & FragmentFlag::is_fragment) != 0 && out.packet.fragment_offset != 0) {
    out.stop = DecodeStop::later_fragment;
  } else if (!is_known(out.ip_protocol)) {
    out.stop = DecodeStop::other_protocol;
  } else {
    const std::size_t end = std::min<std::size_t>(bytes.size(), out.ip_length);
    const std::size_t start = std::min<std::size_t>(end, out.ip_header_length);
    decode_transport(bytes.subspan(start, end - start), out);
    if (out.stop == DecodeStop::transport_cut && end == out.ip_length) out.stop = DecodeStop::transport_short;
  }
  measure_payload(bytes, out);
}

ChecksumVerdict verify_checksums(Bytes bytes, const DecodedPacket& decoded) {
  ChecksumVerdict verdict;
  const auto judge = [](bool holds) { return holds ? ChecksumState::good : ChecksumState::bad; };
  const bool v4 = decoded.source.family == Family::ipv4;
  const std::uint32_t header_length = v4 && !bytes.empty() ? (bytes[0] & 0x0fu) * 4 : 0;
  if (decoded.ip_header_length == 0 || bytes.size() < header_length) return verdict;
  if (v4) verdict.ip = judge(checksum_holds(bytes.first(header_length)));
  const bool fragment = (decoded.packet.fragment_flags & FragmentFlag::is_fragment) != 0;
  if (decoded.stop != DecodeStop::complete || fragment || decoded.ip_length > bytes.size()) return verdict;
  std::uint32_t length = decoded.ip_length - decoded.ip_header_length;
  const Protocol protocol = decoded.packet.protocol;
  const std::uint8_t* header = bytes.data() + decoded.ip_header_length;
  if (protocol == Protocol::udp) {
    if (load16(header + 6) == 0) return verdict;
    if (decoded.udp_length >= 8) length = std::min<std::uint32_t>(length, decoded.udp_length);
  }
  Checksum sum;
  if (protocol != Protocol::icmp) sum.add_pseudo_header(decoded.source, decoded.destination, protocol, length);
  sum.add({header, length});
  verdict.transport = judge(sum.value() == 0);
  return verdict;
}

std::string_view words_of(DecodeStop stop) {
  switch (stop) {
    case DecodeStop::complete:
      return "complete";
    case DecodeStop::empty:
      return "no network layer";
    case DecodeStop::bad_version:
      return "neither IPv4 nor IPv6";
    case DecodeStop::ip_truncated:
      return "the IP header is cut short";
    case DecodeStop::bad_ip_header:
      return "the IP header's lengths contradict each other";
    case DecodeStop::other_protocol:
      return "another transport protocol";
    case DecodeStop::later_fragment:
      return "a later fragment, which carries no ports";
    case DecodeStop::transport_cut:
      return "the capture ends inside the transport header";
    case DecodeStop::transport_short:
      return "the packet ends inside its transport header";
    case DecodeStop::bad_transport:
      return "a TCP header length below 20 bytes";
  }
  return "?";
}

}  // namespace fourtuple
