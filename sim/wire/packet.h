// A packet as the simulator moves it: one flat 64-byte struct of parsed headers. It owns nothing: the payload is a
// length and a reference. Bytes are made only for export and the hex view (wire/encode.h).
//
// One layout serves all protocols; the fields a protocol does not use are zero:
//   TCP   source_port destination_port flags window seq ack options (mss, window_scale, ts_value, ts_echo)
//   UDP   source_port destination_port
//   ICMP  source_port = type << 8 | code; destination_port = echo identifier; seq = echo sequence, or next-hop MTU;
//         errors: payload names the quoted packet (PayloadKind::quote)
#pragma once

#include <cstdint>

#include "sim/base/ids.h"
#include "sim/wire/seq_number.h"

namespace fourtuple {

// IANA protocol numbers; any other number is a protocol without ports here.
enum class Protocol : std::uint8_t { none = 0, icmp = 1, tcp = 6, udp = 17, icmpv6 = 58 };

// TCP flags as in the 14th byte of the header (RFC 9293 section 3.1).
struct TcpFlag {
  static constexpr std::uint8_t fin = 0x01, syn = 0x02, rst = 0x04, psh = 0x08, ack = 0x10, urg = 0x20, ece = 0x40,
                                cwr = 0x80;
};

// Which TCP options are present. Values go in Packet::mss, window_scale, ts_value, ts_echo.
struct TcpOption {
  static constexpr std::uint8_t mss = 0x01, window_scale = 0x02, timestamps = 0x04, sack_permitted = 0x08;
};

// IP fragmentation bits of Packet::fragment_flags.
struct FragmentFlag {
  static constexpr std::uint8_t dont_fragment = 0x01, more_fragments = 0x02, is_fragment = 0x04;
  // Not of the IP header: the transport checksum is wrong, so every kernel that looks at it refuses the packet.
  static constexpr std::uint8_t bad_checksum = 0x08;
};

// What Packet::payload_source means.
enum class PayloadKind : std::uint8_t {
  none = 0,
  stream = 1,   // payload_source: StreamId; payload_offset: position in that stream
  content = 2,  // payload_source: ContentId; payload_offset: position in that content
  capture = 3,  // payload_offset: byte position of the packet's payload in the capture file
  quote = 4,    // payload_source: index of a quoted packet (ICMP errors)
};

struct Packet {
  PacketId id;
  AddressId source;
  AddressId destination;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;

  Protocol protocol = Protocol::none;
  std::uint8_t ttl = 64;  // IPv6: hop limit
  std::uint8_t flags = 0;
  std::uint8_t options = 0;
  std::uint16_t window = 0;  // as on the wire, unscaled
  std::uint16_t ip_id = 0;
  std::uint32_t payload_length = 0;  // transport payload in bytes; a fragment: bytes of IP payload it carries
  std::uint32_t payload_source = 0;

  SeqNumber seq;
  SeqNumber ack;
  std::uint32_t ts_value = 0;
  std::uint32_t ts_echo = 0;

  std::uint64_t payload_offset = 0;
  std::uint16_t mss = 0;
  std::uint8_t window_scale = 0;
  PayloadKind payload_kind = PayloadKind::none;
  std::uint8_t fragment_flags = 0;
  std::uint8_t traffic_class = 0;     // DSCP and ECN byte
  std::uint16_t fragment_offset = 0;  // in units of 8 bytes

  constexpr bool has(std::uint8_t tcp_flag) const { return (flags & tcp_flag) != 0; }
  constexpr bool has_option(std::uint8_t option) const { return (options & option) != 0; }
  constexpr std::uint8_t icmp_type() const { return static_cast<std::uint8_t>(source_port >> 8); }
  constexpr std::uint8_t icmp_code() const { return static_cast<std::uint8_t>(source_port & 0xff); }
};
static_assert(sizeof(Packet) == 64);

// Bytes of TCP options with padding, in Linux's layout (MSS, SACK permitted, timestamps, window scale).
constexpr std::uint32_t tcp_options_length(const Packet& packet) {
  const bool mss = packet.has_option(TcpOption::mss), sack = packet.has_option(TcpOption::sack_permitted);
  const bool timestamps = packet.has_option(TcpOption::timestamps);
  const bool scale = packet.has_option(TcpOption::window_scale);
  // Timestamps take 10 bytes and either two NOPs or a SACK-permitted option as padding; that option alone also pads
  // to 4.
  return (mss ? 4u : 0u) + (timestamps ? 12u : (sack ? 4u : 0u)) + (scale ? 4u : 0u);
}

// Bytes of the transport header.
constexpr std::uint32_t transport_header_length(const Packet& packet) {
  if ((packet.fragment_flags & FragmentFlag::is_fragment) != 0 && packet.fragment_offset != 0) return 0;
  switch (packet.protocol) {
    case Protocol::tcp:
      return 20 + tcp_options_length(packet);
    case Protocol::udp:
    case Protocol::icmp:
    case Protocol::icmpv6:
      return 8;
    default:
      return 0;  // a protocol not understood: all of it counts as payload
  }
}

}  // namespace fourtuple
