// What stands behind IP: TCP, UDP, ICMP and others, and the checksums that cover it.
#include <algorithm>

#include "capture/anonymize/options.h"
#include "capture/anonymize/scrubber.h"

namespace fourtuple::capture {
namespace {

constexpr std::uint8_t protocol_igmp = 2, protocol_dccp = 33, protocol_esp = 50, protocol_sctp = 132,
                       protocol_udplite = 136;

// How much of another protocol's header says only ports or numbers.
std::size_t plain_length(std::uint8_t protocol) {
  switch (protocol) {
    case protocol_igmp:
    case protocol_esp:
      return 8;
    case protocol_dccp:
    case protocol_sctp:
    case protocol_udplite:
      return 4;
    default:
      return 0;
  }
}

// The checksum field behind the start of the transport header.
std::size_t checksum_at(Protocol protocol) {
  if (protocol == Protocol::tcp) return 16;
  return protocol == Protocol::udp ? 6 : 2;
}

// Where a routing header with segments left names the final destination, which the pseudo-header holds (RFC 8200
// section 8.1); 24, the place in the fixed header, without one.
std::size_t final_destination(Bytes packet, std::size_t end) {
  constexpr std::uint8_t routing = 43, fragment = 44, authentication = 51, segments = 4;
  std::uint8_t next = packet[6];
  std::size_t at = 40;
  while (at + 8 <= end) {
    std::size_t length = (packet[at + 1] + 1u) * 8;
    if (next == fragment) length = 8;
    if (next == authentication) length = (packet[at + 1] + 2u) * 4;
    if (next == routing && packet[at + 3] != 0 && length >= 24 && at + length <= end)
      return packet[at + 2] == segments ? at + 8 : at + length - 16;
    next = packet[at];
    at += length;
  }
  return 24;
}

// Of the part of the pseudo-header that addresses make up.
std::uint16_t sum_of_addresses(Bytes packet, const DecodedPacket& decoded) {
  if (decoded.source.family == Family::ipv4) return sum_of(packet.subspan(12, 8));
  const std::size_t destination = final_destination(packet, decoded.ip_header_length);
  return add_sums(sum_of(packet.subspan(8, 16)), sum_of(packet.subspan(destination, 16)));
}

}  // namespace

void Scrubber::transport(const Layer& layer) {
  const MutableBytes inside = layer.now.subspan(layer.transport, layer.end - layer.transport);
  const DecodedPacket& decoded = layer.decoded;
  if (decoded.stop != DecodeStop::other_protocol) {
    if (decoded.packet.protocol == Protocol::icmp) return icmp(layer);
    if (decoded.packet.protocol == Protocol::icmpv6) return icmpv6(layer);
  }
  std::size_t header = plain_length(decoded.ip_protocol);
  if (decoded.packet.protocol == Protocol::udp) header = 8;
  if (decoded.packet.protocol == Protocol::tcp) header = std::max<std::size_t>(20, decoded.transport_header_length);
  header = std::min(header, inside.size());
  if (decoded.packet.protocol == Protocol::tcp && header > 20) tcp_options(inside.subspan(20, header - 20));
  const bool igmp = decoded.ip_protocol == protocol_igmp && header == 8;
  if (igmp) map_address(inside, 4, Family::ipv4);
  keep(inside.first(header));
  payload_bytes_ += inside.size() - header;
  zero(inside.subspan(header));
  if (igmp) mend(layer.now, layer.before, layer.transport, layer.end, layer.transport + 2);
}

// Those the analysis needs stay: end, no operation, segment size, window scale, SACK and timestamps. Others (Multipath
// TCP, Fast Open, signatures) hold addresses or keys; their kind, length and the byte with the subtype stay.
void Scrubber::tcp_options(MutableBytes options) {
  constexpr std::uint8_t end_of_list = 0, timestamps = 8;
  const std::size_t end = walk_options(options, [&](MutableBytes option) {
    if (option[0] > timestamps) zero(option.subspan(std::min<std::size_t>(3, option.size())));
  });
  // Of an option that is cut or damaged kind and length stay.
  const bool cut = end < options.size() && options[end] != end_of_list;
  zero(options.subspan(std::min(options.size(), end + (cut ? 2 : 0))));
}

void Scrubber::icmp(const Layer& layer) {
  const MutableBytes inside = layer.now.subspan(layer.transport, layer.end - layer.transport);
  constexpr std::size_t fixed = 8;
  constexpr std::uint8_t unreachable = 3, quench = 4, redirect = 5, advertisement = 9, expired = 11, problem = 12;
  keep(inside.first(std::min(fixed, inside.size())));
  if (inside.size() <= fixed) return;
  const std::uint8_t type = inside[0];
  const MutableBytes rest = inside.subspan(fixed);
  if (type == redirect) map_address(inside, 4, Family::ipv4);
  if (type == unreachable || type == quench || type == redirect || type == expired || type == problem)
    return ip(rest, 0xffffffff, layer.depth + 1);
  std::size_t at = 0;
  if (type == advertisement) {
    for (; at + 8 <= rest.size(); at += 8) map_address(rest, at, Family::ipv4);
    keep(rest.first(at));
  }
  payload_bytes_ += rest.size() - at;
  zero(rest.subspan(at));
}

void Scrubber::icmpv6(const Layer& layer) {
  const MutableBytes inside = layer.now.subspan(layer.transport, layer.end - layer.transport);
  constexpr std::size_t fixed = 8, address = 16;
  constexpr std::uint8_t last_error = 4, query = 130, done = 132, solicit_router = 133, router = 134, solicit = 135,
                         neighbour = 136, redirect = 137, report2 = 143;
  keep(inside.first(std::min(fixed, inside.size())));
  if (inside.size() <= fixed) return;
  const std::uint8_t type = inside[0];
  if (type >= 1 && type <= last_error) return ip(inside.subspan(fixed), 0xffffffff, layer.depth + 1);
  std::size_t at = fixed;
  const auto map_next = [&] {
    if (at >= inside.size()) return;
    map_address(inside, at, Family::ipv6);
    at = std::min(at + address, inside.size());
  };
  if ((type >= query && type <= done) || type == solicit || type == neighbour || type == redirect) map_next();
  if (type == redirect) map_next();
  if (type == router) at = std::min(fixed + 8, inside.size());
  keep(inside.first(at));
  const MutableBytes rest = inside.subspan(at);
  if (type >= solicit_router && type <= redirect) return neighbour_options(rest, layer.depth);
  if (type == report2) return group_records(rest);
  if (type == query && rest.size() >= 4) {
    // RFC 3810 section 5.1: four bytes, then sources.
    for (at = 4; at + address <= rest.size(); at += address) map_address(rest, at, Family::ipv6);
    keep(rest.first(at));
    return zero(rest.subspan(at));
  }
  payload_bytes_ += rest.size();
  zero(rest);
}

// RFC 4861 section 4.6: type, length in units of 8 bytes, value.
void Scrubber::neighbour_options(MutableBytes options, std::uint32_t depth) {
  constexpr std::uint8_t source_mac = 1, target_mac = 2, prefix = 3, redirected = 4, mtu = 5;
  std::size_t at = 0;
  while (at + 8 <= options.size()) {
    const std::size_t length = options[at + 1] * 8u;
    if (length == 0 || length > options.size() - at) break;
    const MutableBytes option = options.subspan(at, length);
    at += length;
    keep(option);
    switch (option[0]) {
      case source_mac:
      case target_mac:
        if (length == 8)
          map_mac(option, 2);
        else
          zero(option.subspan(2));
        break;
      case prefix:
        if (length != 32) {
          zero(option.subspan(2));
          break;
        }
        map_address(option, 16, Family::ipv6);
        for (std::size_t bit = option[2]; bit < 128; ++bit)  // a prefix has no host bits
          option[16 + bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> (bit % 8)));
        break;
      case redirected:
        ip(option.subspan(8), 0xffffffff, depth + 1);
        break;
      case mtu:
        break;
      default:
        zero(option.subspan(std::min<std::size_t>(8, length)));  // resolvers, search lists
    }
  }
  zero(options.subspan(at));
}

// RFC 3810 section 5.2: type, length of auxiliary data, number of sources, group, sources.
void Scrubber::group_records(MutableBytes records) {
  std::size_t at = 0;
  while (at + 20 <= records.size()) {
    const std::size_t sources = load16(records.data() + at + 2), auxiliary = records[at + 1] * 4u;
    at += 4;
    for (std::size_t i = 0; i <= sources && at + 16 <= records.size(); ++i, at += 16)
      map_address(records, at, Family::ipv6);
    keep(records.first(at));
    const std::size_t skipped = std::min(auxiliary, records.size() - at);
    zero(records.subspan(at, skipped));
    at += skipped;
  }
  zero(records.subspan(at));
}

// The checksum of TCP, UDP, ICMP and ICMPv6. Later fragments have none; what they add to that of the first one is the
// same as before.
void Scrubber::mend_transport(const Layer& layer) {
  const DecodedPacket& decoded = layer.decoded;
  const Protocol protocol = decoded.packet.protocol;
  const std::size_t field = layer.transport + checksum_at(protocol);
  const bool none = decoded.stop == DecodeStop::other_protocol || decoded.stop == DecodeStop::later_fragment;
  if (none || protocol == Protocol::none || field + 2 > layer.end) return;
  const bool fragment = (decoded.packet.fragment_flags & FragmentFlag::is_fragment) != 0;
  std::size_t length = decoded.ip_length - layer.transport;
  if (protocol == Protocol::udp && !fragment && decoded.udp_length >= 8)
    length = std::min<std::size_t>(length, decoded.udp_length);
  const std::size_t end = std::min(layer.end, layer.transport + length);
  if (protocol == Protocol::icmp) return mend(layer.now, layer.before, layer.transport, end, field);
  const std::uint16_t old = load16(layer.before.data() + field);
  if (protocol == Protocol::udp && old == 0) return;  // sent without one (RFC 768)
  const std::uint16_t rest = add_sums(add_sums(static_cast<std::uint16_t>(length >> 16), length & 0xffff),
                                      static_cast<std::uint16_t>(protocol));
  const std::uint16_t pseudo_before = add_sums(sum_of_addresses(layer.before, decoded), rest);
  const std::uint16_t pseudo_now = add_sums(sum_of_addresses(layer.now, decoded), rest);
  const auto sum = [&](Bytes bytes) { return sum_of(bytes.subspan(layer.transport, end - layer.transport)); };
  const std::uint16_t before = add_sums(pseudo_before, sum(layer.before)), now = add_sums(pseudo_now, sum(layer.now));
  constexpr std::uint16_t right = 0xffff;
  std::uint16_t value = old;
  if (before != right && old == pseudo_before) {
    value = pseudo_now;  // left to the network card: the field holds the sum of the pseudo-header alone
  } else if (before != now) {
    value = mended(old, before, now);
    // Zero says "none" in UDP; elsewhere all ones are its unusual form.
    if (value == (protocol == Protocol::udp ? 0 : 0xffff)) value = static_cast<std::uint16_t>(~value);
  }
  store16(layer.now.data() + field, value);
}

// A checksum over [from, end) without a pseudo-header.
void Scrubber::mend(MutableBytes now, Bytes before, std::size_t from, std::size_t end, std::size_t field) {
  end = std::min(end, before.size());
  if (field + 2 > end) return;
  const std::uint16_t sum_before = sum_of(before.subspan(from, end - from));
  const std::uint16_t sum_now = sum_of(Bytes(now).subspan(from, end - from));
  if (sum_before == sum_now) return;
  const std::uint16_t value = mended(load16(before.data() + field), sum_before, sum_now);
  store16(now.data() + field, value == 0xffff ? std::uint16_t{0} : value);
}

}  // namespace fourtuple::capture
