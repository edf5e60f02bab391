#include "capture/link.h"

#include <cstring>

namespace fourtuple::capture {
namespace {

// EtherTypes (IEEE registry).
constexpr std::uint16_t type_ipv4 = 0x0800, type_arp = 0x0806, type_vlan = 0x8100, type_ipv6 = 0x86dd,
                        type_mpls = 0x8847, type_mpls_multicast = 0x8848, type_pppoe = 0x8864, type_qinq = 0x88a8,
                        type_old_qinq = 0x9100;
constexpr std::uint16_t ppp_ipv4 = 0x0021, ppp_ipv6 = 0x0057;

bool has(Bytes bytes, std::uint32_t at, std::uint32_t length) {
  return at <= bytes.size() && length <= bytes.size() - at;
}

LinkHeader found(Network network, std::uint32_t offset, std::uint16_t ethertype = 0, std::uint16_t vlan = 0) {
  return {network, offset, ethertype, vlan};
}

LinkHeader by_version(Bytes bytes, std::uint32_t offset) {
  if (!has(bytes, offset, 1)) return found(Network::cut, offset);
  const unsigned version = bytes[offset] >> 4;
  return found(version == 4 || version == 6 ? Network::ip : Network::other, offset);
}

// A PPP frame, its address and control bytes perhaps left out (RFC 1661 section 6.6), its protocol perhaps compressed
// to one byte (section 6.5).
LinkHeader decode_ppp(Bytes bytes, std::uint32_t at) {
  if (has(bytes, at, 2) && bytes[at] == 0xff && bytes[at + 1] == 0x03) at += 2;
  if (!has(bytes, at, 1)) return found(Network::cut, at);
  const bool compressed = (bytes[at] & 1) != 0;
  if (!has(bytes, at, compressed ? 1 : 2)) return found(Network::cut, at);
  const std::uint16_t protocol = compressed ? bytes[at] : load16(bytes.data() + at);
  at += compressed ? 1 : 2;
  return found(protocol == ppp_ipv4 || protocol == ppp_ipv6 ? Network::ip : Network::other, at, protocol);
}

LinkHeader decode_mpls(Bytes bytes, std::uint32_t at, std::uint16_t vlan) {
  for (;; at += 4) {
    if (!has(bytes, at, 4)) return found(Network::cut, at);
    if ((bytes[at + 2] & 1) == 0) continue;  // not the bottom of the label stack
    LinkHeader header = by_version(bytes, at + 4);
    header.vlan = vlan;
    return header;
  }
}

LinkHeader decode_ethernet(Bytes bytes) {
  if (!has(bytes, 0, 14)) return found(Network::cut, 0);
  return decode_ethertype(bytes, 14, load16(bytes.data() + 12));
}

// The address family in the machine's byte order (NULL: the writer's order, unknown; LOOP: network order). The IP
// version byte settles it, because AF_INET6 differs among systems.
LinkHeader decode_bsd_loopback(Bytes bytes) {
  if (!has(bytes, 0, 4)) return found(Network::cut, 0);
  std::uint32_t family = load32(bytes.data());
  if (family > 0xffff) family = (family >> 24) | ((family >> 8) & 0xff00);
  const bool ip = family == 2 || family == 10 || family == 24 || family == 28 || family == 30;
  return ip ? by_version(bytes, 4) : found(Network::other, 4);
}

LinkHeader decode_cooked(Bytes bytes, std::uint32_t type_at, std::uint32_t length) {
  if (!has(bytes, 0, length)) return found(Network::cut, 0);
  return decode_ethertype(bytes, length, load16(bytes.data() + type_at));
}

}  // namespace

LinkHeader decode_ethertype(Bytes bytes, std::uint32_t at, std::uint16_t type) {
  std::uint16_t vlan = 0;
  while (type == type_vlan || type == type_qinq || type == type_old_qinq) {
    if (!has(bytes, at, 4)) return found(Network::cut, at);
    if (vlan == 0) vlan = load16(bytes.data() + at) & 0x0fff;
    type = load16(bytes.data() + at + 2);
    at += 4;
  }
  if (type == type_ipv4 || type == type_ipv6) return found(Network::ip, at, type, vlan);
  if (type == type_arp) return found(Network::arp, at, type, vlan);
  if (type == type_mpls || type == type_mpls_multicast) return decode_mpls(bytes, at, vlan);
  if (type == type_pppoe) {
    if (!has(bytes, at, 6)) return found(Network::cut, at);
    LinkHeader header = decode_ppp(bytes, at + 6);
    header.vlan = vlan;
    return header;
  }
  // Below 1536 the field is a length (IEEE 802.3); SNAP repeats an EtherType behind it.
  static constexpr std::uint8_t snap[6] = {0xaa, 0xaa, 0x03, 0, 0, 0};
  if (type < 1536 && has(bytes, at, 8) && std::memcmp(bytes.data() + at, snap, 6) == 0) {
    const std::uint16_t inner = load16(bytes.data() + at + 6);
    if (inner == type_ipv4 || inner == type_ipv6) return found(Network::ip, at + 8, inner, vlan);
  }
  return found(Network::other, at, type, vlan);
}

LinkHeader decode_link(LinkType type, Bytes bytes) {
  switch (type) {
    case LinkType::ethernet:
      return decode_ethernet(bytes);
    case LinkType::null_loopback:
    case LinkType::loop:
      return decode_bsd_loopback(bytes);
    case LinkType::ppp:
    case LinkType::ppp_hdlc:
      return decode_ppp(bytes, 0);
    case LinkType::raw:
    case LinkType::raw_12:
    case LinkType::raw_14:
    case LinkType::ipv4:
    case LinkType::ipv6:
      return by_version(bytes, 0);
    case LinkType::linux_sll:
      return decode_cooked(bytes, 14, 16);
    case LinkType::linux_sll2:
      return decode_cooked(bytes, 0, 20);
  }
  return {};
}

}  // namespace fourtuple::capture
