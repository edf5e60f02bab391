#include "sim/wire/encode.h"

#include "sim/base/check.h"
#include "sim/wire/checksum.h"

namespace fourtuple {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::uint8_t option_nop = 1, option_mss = 2, option_window_scale = 3, option_sack_permitted = 4,
                       option_timestamps = 8;

void append_tcp_options(const Packet& packet, Buffer& out) {
  const bool sack = packet.has_option(TcpOption::sack_permitted);
  const bool timestamps = packet.has_option(TcpOption::timestamps);
  if (packet.has_option(TcpOption::mss)) append32(out, (option_mss << 24) | (4u << 16) | packet.mss);
  if (sack || timestamps) {
    // SACK-permitted takes the place of the two NOPs that align the timestamps.
    append16(out, sack && timestamps ? (option_sack_permitted << 8) | 2u : (option_nop << 8) | option_nop);
    append16(out, timestamps ? (option_timestamps << 8) | 10u : (option_sack_permitted << 8) | 2u);
  }
  if (timestamps) {
    append32(out, packet.ts_value);
    append32(out, packet.ts_echo);
  }
  if (packet.has_option(TcpOption::window_scale)) {
    append16(out, (option_nop << 8) | option_window_scale);
    append16(out, (3u << 8) | packet.window_scale);
  }
}

void append_tcp_header(const Packet& packet, Buffer& out) {
  append16(out, packet.source_port);
  append16(out, packet.destination_port);
  append32(out, packet.seq.raw);
  append32(out, packet.ack.raw);
  append8(out, (20 + tcp_options_length(packet)) / 4 << 4);
  append8(out, packet.flags);
  append16(out, packet.window);
  append32(out, 0);  // checksum, urgent pointer
  append_tcp_options(packet, out);
}

void append_icmp_header(const Packet& packet, Buffer& out) {
  append16(out, packet.source_port);  // type and code
  append16(out, 0);
  const bool packet_too_big = packet.protocol == Protocol::icmpv6 && packet.icmp_type() == 2;
  append16(out, packet_too_big ? packet.seq.raw >> 16 : packet.destination_port);
  append16(out, packet.seq.raw);
}

void append_ipv4_header(const Packet& packet, const IpAddress& source, const IpAddress& destination,
                        std::uint32_t payload_length, Buffer& out) {
  const std::size_t start = out.size();
  const std::uint32_t total = ipv4_header_length + payload_length;
  append8(out, 0x45);
  append8(out, packet.traffic_class);
  append16(out, total > 0xffff ? 0 : total);
  append16(out, packet.ip_id);
  const bool dont = (packet.fragment_flags & FragmentFlag::dont_fragment) != 0;
  const bool more = (packet.fragment_flags & FragmentFlag::more_fragments) != 0;
  append16(out, (dont ? 0x4000u : 0u) | (more ? 0x2000u : 0u) | (packet.fragment_offset & 0x1fffu));
  append8(out, packet.ttl);
  append8(out, static_cast<std::uint8_t>(packet.protocol));
  append16(out, 0);
  append_bytes(out, {source.bytes.data(), 4});
  append_bytes(out, {destination.bytes.data(), 4});
  Checksum sum;
  sum.add({out.data() + start, ipv4_header_length});
  store16(out.data() + start + 10, sum.value());
}

void append_ipv6_header(const Packet& packet, const IpAddress& source, const IpAddress& destination,
                        std::uint32_t payload_length, Buffer& out) {
  const bool fragment = (packet.fragment_flags & FragmentFlag::is_fragment) != 0;
  const std::uint32_t length = payload_length + (fragment ? ipv6_fragment_header_length : 0);
  append32(out, 0x60000000u | (std::uint32_t{packet.traffic_class} << 20));
  append16(out, length > 0xffff ? 0 : length);
  append8(out, fragment ? 44 : static_cast<std::uint8_t>(packet.protocol));
  append8(out, packet.ttl);
  append_bytes(out, source.bytes);
  append_bytes(out, destination.bytes);
  if (!fragment) return;
  const bool more = (packet.fragment_flags & FragmentFlag::more_fragments) != 0;
  append16(out, static_cast<std::uint32_t>(packet.protocol) << 8);
  append16(out, (std::uint32_t{packet.fragment_offset} << 3) | (more ? 1u : 0u));
  append32(out, packet.ip_id);
}

}  // namespace

void encode_transport(const Packet& packet, const IpAddress& source, const IpAddress& destination, Bytes payload,
                      Buffer& out) {
  const std::size_t start = out.size();
  std::size_t checksum_at = 2;
  if (packet.protocol == Protocol::tcp) {
    append_tcp_header(packet, out);
    checksum_at = 16;
  } else if (packet.protocol == Protocol::udp) {
    append16(out, packet.source_port);
    append16(out, packet.destination_port);
    const std::size_t length = 8 + payload.size();
    append16(out, length > 0xffff ? 0 : static_cast<std::uint32_t>(length));
    append16(out, 0);
    checksum_at = 6;
  } else {
    append_icmp_header(packet, out);
  }
  append_bytes(out, payload);
  Checksum sum;
  const Bytes datagram{out.data() + start, out.size() - start};
  if (packet.protocol != Protocol::icmp)
    sum.add_pseudo_header(source, destination, packet.protocol, static_cast<std::uint32_t>(datagram.size()));
  sum.add(datagram);
  // RFC 768: a computed zero is sent as all ones, because zero means "no checksum".
  const bool no_zero = packet.protocol == Protocol::udp;
  store16(out.data() + start + checksum_at, no_zero && sum.value() == 0 ? 0xffff : sum.value());
}

void encode_ip(const Packet& packet, const IpAddress& source, const IpAddress& destination, Bytes ip_payload,
               Buffer& out) {
  const auto length = static_cast<std::uint32_t>(ip_payload.size());
  if (source.family == Family::ipv4)
    append_ipv4_header(packet, source, destination, length, out);
  else
    append_ipv6_header(packet, source, destination, length, out);
  append_bytes(out, ip_payload);
}

void encode_packet(const Packet& packet, const IpAddress& source, const IpAddress& destination, Bytes payload,
                   Buffer& out) {
  FT_CHECK((packet.fragment_flags & FragmentFlag::is_fragment) == 0);
  Buffer datagram;
  encode_transport(packet, source, destination, payload, datagram);
  encode_ip(packet, source, destination, datagram, out);
}

}  // namespace fourtuple
