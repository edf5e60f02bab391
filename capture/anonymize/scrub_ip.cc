// IP headers, their options and extension headers, and what is inside tunnels.
#include <algorithm>

#include "capture/anonymize/options.h"
#include "capture/anonymize/scrubber.h"

namespace fourtuple::capture {
namespace {

constexpr std::size_t ipv4_fixed = 20, ipv6_fixed = 40;

bool is_fragment(const DecodedPacket& decoded) {
  return (decoded.packet.fragment_flags & FragmentFlag::is_fragment) != 0;
}

bool has_readable_header(const DecodedPacket& decoded) {
  switch (decoded.stop) {
    case DecodeStop::empty:
    case DecodeStop::bad_version:
    case DecodeStop::ip_truncated:
    case DecodeStop::bad_ip_header:
      return false;
    default:
      return true;
  }
}

// Length of a GRE header (RFC 2784, RFC 2890): each of the first flags stands for four more bytes.
std::size_t gre_length(std::uint16_t flags) {
  std::size_t length = 4;
  for (const std::uint16_t present : {0x8000, 0x2000, 0x1000}) length += (flags & present) != 0 ? 4 : 0;
  return length;
}

}  // namespace

void Scrubber::ip(MutableBytes bytes, std::uint32_t wire, std::uint32_t depth) {
  if (depth >= most_depth) return zero(bytes);
  std::vector<std::uint8_t>& before = before_[depth];
  before.assign(bytes.begin(), bytes.end());
  DecodedPacket decoded;
  decode_packet(before, wire, decoded);
  if (!has_readable_header(decoded)) return unreadable({before, bytes, decoded, bytes.size(), 0, depth});
  const std::size_t end = std::min<std::size_t>(bytes.size(), decoded.ip_length);
  const std::size_t transport_at = std::min<std::size_t>(end, decoded.ip_header_length);
  const Layer layer{before, bytes, decoded, end, transport_at, depth};
  ip_addresses(layer);
  extensions(layer);
  keep(bytes.first(transport_at));
  zero(bytes.subspan(end));
  if (decoded.stop == DecodeStop::later_fragment) {
    payload_bytes_ += end - transport_at;
    zero_keeping_sum(bytes.subspan(transport_at, end - transport_at));
  } else if (!tunnel(layer, wire)) {
    transport(layer);
  }
  mend_transport(layer);
  if (decoded.source.family == Family::ipv4) mend(bytes, before, 0, (bytes[0] & 0x0fu) * 4u, 10);
}

// The header is cut or contradicts itself: its addresses are mapped if they are there. What is wrong with it stays to
// be seen: the extension headers before the one at fault, and of that one what it says of its length. The rest is
// zeros.
void Scrubber::unreadable(Layer layer) {
  const MutableBytes bytes = layer.now;
  if (bytes.empty()) return;
  const unsigned version = bytes[0] >> 4;
  const std::size_t fixed = version == 4 ? ipv4_fixed : ipv6_fixed, addresses_at = version == 4 ? 12 : 8;
  keep(bytes);
  if (version != 4 && version != 6) return zero(bytes.subspan(1));
  if (bytes.size() < fixed) return zero(bytes.subspan(std::min(addresses_at, bytes.size())));
  layer.transport = layer.decoded.ip_header_length;
  if (layer.transport < fixed || layer.transport > bytes.size()) {
    const Family family = version == 4 ? Family::ipv4 : Family::ipv6;
    map_address(bytes, addresses_at, family);
    map_address(bytes, addresses_at + (version == 4 ? 4 : 16), family);
    return zero(bytes.subspan(fixed));
  }
  constexpr std::size_t next_and_length = 2;
  ip_addresses(layer);
  extensions(layer);
  zero(bytes.subspan(std::min(layer.transport + next_and_length, bytes.size())));
}

void Scrubber::ip_addresses(const Layer& layer) {
  const Family family = layer.decoded.source.family;
  if (family == Family::ipv6) {
    map_address(layer.now, 8, family);
    map_address(layer.now, 24, family);
    return;
  }
  map_address(layer.now, 12, family);
  map_address(layer.now, 16, family);
  const std::size_t header = std::min<std::size_t>((layer.now[0] & 0x0fu) * 4u, layer.end);
  if (header > ipv4_fixed) ip_options(layer.now.subspan(ipv4_fixed, header - ipv4_fixed));
}

// RFC 791 section 3.1: routes hold addresses from the fourth byte on; of others only type, length and pointer stay.
void Scrubber::ip_options(MutableBytes options) {
  constexpr std::uint8_t record_route = 7, loose_route = 131, router_alert = 148, strict_route = 137;
  const std::size_t end = walk_options(options, [&](MutableBytes option) {
    const std::uint8_t type = option[0];
    if (type == router_alert) return;
    std::size_t slot = std::min<std::size_t>(3, option.size());
    if (type == record_route || type == loose_route || type == strict_route)
      for (; slot + 4 <= option.size(); slot += 4) map_address(option, slot, Family::ipv4);
    zero(option.subspan(slot));
  });
  zero(options.subspan(end));
}

// From the end of the fixed header to the transport header.
void Scrubber::extensions(const Layer& layer) {
  constexpr std::uint8_t hop_by_hop = 0, routing = 43, fragment = 44, authentication = 51, for_destination = 60;
  const bool v6 = layer.decoded.source.family == Family::ipv6;
  std::size_t at = v6 ? ipv6_fixed : (layer.before[0] & 0x0fu) * 4u;
  std::uint8_t next = layer.before[v6 ? 6 : 9];
  while (at + 8 <= layer.transport) {
    std::size_t length = (layer.before[at + 1] + 1u) * 8;
    if (next == fragment) length = 8;
    if (next == authentication) length = (layer.before[at + 1] + 2u) * 4;
    const MutableBytes header = layer.now.subspan(at, std::min(length, layer.transport - at));
    if (next == routing)
      routing_header(header);
    else if (next == hop_by_hop || next == for_destination)
      destination_options(header.subspan(2));
    else if (next == authentication)
      zero(header.subspan(std::min<std::size_t>(12, header.size())));  // the value cannot be right any more
    else if (next != fragment)
      zero(header.subspan(4));
    next = layer.before[at];
    at += length;
  }
}

// Types 0, 2 (RFC 6275) and 4 (RFC 8754) list addresses behind eight bytes.
void Scrubber::routing_header(MutableBytes header) {
  constexpr std::uint8_t source_route = 0, mobile = 2, segments = 4;
  const std::uint8_t type = header[2];
  std::size_t at = std::min<std::size_t>(8, header.size());
  if (type == source_route || type == mobile || type == segments) {
    const std::size_t listed = type == segments ? 16 * (header[4] + 1u) : header.size() - at;
    const std::size_t end = std::min(header.size(), at + listed);
    for (; at + 16 <= end; at += 16) map_address(header, at, Family::ipv6);
  }
  zero(header.subspan(at));
}

// RFC 8200 section 4.2; the home address of RFC 6275 is one.
void Scrubber::destination_options(MutableBytes options) {
  constexpr std::uint8_t pad1 = 0, pad_n = 1, router_alert = 5, jumbo = 0xc2, home_address = 0xc9;
  std::size_t at = 0;
  while (at < options.size()) {
    const std::uint8_t type = options[at];
    if (type == pad1) {
      ++at;
      continue;
    }
    if (at + 2 > options.size() || options[at + 1] > options.size() - at - 2) break;
    const MutableBytes value = options.subspan(at + 2, options[at + 1]);
    at += 2 + value.size();
    if (type == pad_n || type == router_alert || type == jumbo) continue;
    if (type == home_address && value.size() == 16)
      map_address(value, 0, Family::ipv6);
    else
      zero(value);
  }
  zero(options.subspan(at));
}

// Goes on with the packet inside, when there is one.
bool Scrubber::tunnel(const Layer& layer, std::uint32_t wire) {
  Bytes inner = layer.before;
  if (layer.depth >= max_tunnel_depth || enter_tunnel(inner, wire, layer.decoded) != Network::ip) return false;
  const auto at = static_cast<std::size_t>(inner.data() - layer.before.data());
  const bool gre = layer.decoded.ip_protocol == protocol_gre;
  const bool vxlan = layer.decoded.packet.protocol == Protocol::udp;
  const std::size_t header = layer.decoded.ip_header_length;
  const std::uint16_t gre_flags = gre ? load16(layer.before.data() + header) : std::uint16_t{0};
  // What stands between both IP headers is the tunnel's header and, with VXLAN and one kind of GRE, that of Ethernet.
  const bool ethernet = vxlan || (gre && load16(layer.before.data() + header + 2) == transparent_ethernet);
  const std::size_t frame_at = vxlan ? layer.decoded.payload_at + 8u : header + gre_length(gre_flags);
  if (ethernet && at >= frame_at + 2 * sizeof(MacAddress)) {
    map_mac(layer.now, frame_at);
    map_mac(layer.now, frame_at + sizeof(MacAddress));
  }
  keep(layer.now.first(at));
  ip(layer.now.subspan(at, inner.size()), wire, layer.depth + 1);
  constexpr std::uint16_t has_checksum = 0x8000;
  if ((gre_flags & has_checksum) != 0 && !is_fragment(layer.decoded))
    mend(layer.now, layer.before, header, layer.end, header + 4);
  return true;
}

}  // namespace fourtuple::capture
