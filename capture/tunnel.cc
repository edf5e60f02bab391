#include "capture/tunnel.h"

#include <algorithm>

namespace fourtuple::capture {
namespace {

constexpr std::uint8_t protocol_ipip = 4, protocol_ipv6 = 41;
constexpr std::uint16_t vxlan_port = 4789;

constexpr LinkHeader no_inner{Network::other, 0, 0, 0};

// What is behind a GRE header (RFC 2784, RFC 2890).
LinkHeader gre_inner(Bytes bytes) {
  if (bytes.size() < 4) return no_inner;
  const std::uint16_t flags = load16(bytes.data()), type = load16(bytes.data() + 2);
  if ((flags & 0x4007) != 0) return no_inner;  // source routing, or another version
  std::uint32_t at = 4;
  for (const std::uint16_t present : {0x8000, 0x2000, 0x1000})
    if ((flags & present) != 0) at += 4;  // checksum, key, sequence number
  if (type != transparent_ethernet) return decode_ethertype(bytes, at, type);
  if (bytes.size() < at + 14) return no_inner;
  return decode_ethertype(bytes, at + 14, load16(bytes.data() + at + 12));
}

bool carries_vxlan(const DecodedPacket& decoded) {
  const bool fragment = (decoded.packet.fragment_flags & FragmentFlag::is_fragment) != 0;
  return decoded.stop == DecodeStop::complete && decoded.packet.protocol == Protocol::udp && !fragment &&
         decoded.packet.destination_port == vxlan_port;
}

// What is in the Ethernet frame behind a VXLAN header (RFC 7348 section 5).
LinkHeader vxlan_inner(Bytes bytes) {
  constexpr std::uint32_t header_length = 8, ethernet_length = 14;
  constexpr std::uint8_t has_network = 0x08;
  if (bytes.size() < header_length + ethernet_length || (bytes[0] & has_network) == 0) return no_inner;
  const std::uint32_t at = header_length + ethernet_length;
  return decode_ethertype(bytes, at, load16(bytes.data() + at - 2));
}

}  // namespace

Network enter_tunnel(Bytes& bytes, std::uint32_t& wire_length, const DecodedPacket& decoded) {
  const bool vxlan = carries_vxlan(decoded);
  if (decoded.stop != DecodeStop::other_protocol && !vxlan) return Network::other;
  std::uint32_t start = vxlan ? decoded.payload_at : decoded.ip_header_length;
  if (start >= bytes.size()) return Network::other;
  const Bytes inside = bytes.subspan(start, std::min<std::size_t>(bytes.size(), decoded.ip_length) - start);
  if (vxlan || decoded.ip_protocol == protocol_gre) {
    const LinkHeader inner = vxlan ? vxlan_inner(inside) : gre_inner(inside);
    if (inner.network != Network::ip) return inner.network;
    start += inner.offset;
  } else if (decoded.ip_protocol != protocol_ipip && decoded.ip_protocol != protocol_ipv6) {
    return Network::other;
  }
  if (start >= bytes.size() || start >= decoded.ip_length) return Network::other;
  bytes = bytes.first(std::min<std::size_t>(bytes.size(), decoded.ip_length)).subspan(start);
  wire_length = decoded.ip_length - start;
  return Network::ip;
}

}  // namespace fourtuple::capture
