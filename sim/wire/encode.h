// Packet to bytes: IPv4 or IPv6 with TCP, UDP, ICMP or ICMPv6, with correct lengths and checksums and with the TCP
// options in Linux's order (net/ipv4/tcp_output.c, tcp_options_write). Used for export and the hex view only.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/wire/address.h"
#include "sim/wire/bytes.h"
#include "sim/wire/packet.h"

namespace fourtuple {

constexpr std::uint32_t ipv4_header_length = 20, ipv6_header_length = 40, ipv6_fragment_header_length = 8;

// Most bytes of an offending packet an ICMP error quotes: Linux sends at most 576 bytes over IPv4 (RFC 1812 section
// 4.3.2.3) and 1280 over IPv6 (RFC 4443 section 2.4 c).
constexpr std::uint32_t max_quote_length(Family family) {
  return family == Family::ipv4 ? 576 - ipv4_header_length - 8 : 1280 - ipv6_header_length - 8;
}

// Appends the transport header and `payload`. For an ICMP error `payload` is the quoted packet's bytes. The checksum
// is that of the whole datagram, so a fragmented datagram is encoded once and then cut.
void encode_transport(const Packet& packet, const IpAddress& source, const IpAddress& destination, Bytes payload,
                      std::vector<std::uint8_t>& out);

// Appends an IP packet around `ip_payload`: header, and for an IPv6 fragment its fragment header. Lengths that do not
// fit 16 bits are written as 0, as for segmentation offload.
void encode_ip(const Packet& packet, const IpAddress& source, const IpAddress& destination, Bytes ip_payload,
               std::vector<std::uint8_t>& out);

// Appends a whole IP packet. REQUIRES: the packet is not a fragment.
void encode_packet(const Packet& packet, const IpAddress& source, const IpAddress& destination, Bytes payload,
                   std::vector<std::uint8_t>& out);

}  // namespace fourtuple
