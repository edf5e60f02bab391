#include "sim/netfilter/rules/packet_view.h"

#include <algorithm>

#include "sim/netfilter/conntrack/conntrack.h"

namespace fourtuple::netfilter {
namespace {

using nft::Field;
using nft::Requires;

Requires transport_of(Protocol protocol) {
  switch (static_cast<std::uint8_t>(protocol)) {
    case 1:
      return Requires::icmp;
    case 2:
      return Requires::igmp;
    case 6:
      return Requires::tcp;
    case 17:
      return Requires::udp;
    case 33:
      return Requires::dccp;
    case 50:
      return Requires::esp;
    case 51:
      return Requires::ah;
    case 58:
      return Requires::icmpv6;
    case 108:
      return Requires::comp;
    case 132:
      return Requires::sctp;
    case 136:
      return Requires::udplite;
    default:
      return Requires::transport;
  }
}

bool is_echo(std::uint8_t type, fourtuple::Family family) {
  return family == fourtuple::Family::ipv4 ? type == 0 || type == 8 : type == 128 || type == 129;
}

std::uint64_t counted(const state::ConntrackEntry& entry, Field field, CountedDirection direction) {
  const bool original = direction != CountedDirection::reply, reply = direction != CountedDirection::original;
  const std::uint64_t packets = (original ? entry.packets[0] : 0u) + std::uint64_t{reply ? entry.packets[1] : 0u};
  const std::uint64_t bytes = (original ? entry.bytes[0] : 0) + (reply ? entry.bytes[1] : 0);
  if (field == Field::ct_packets) return packets;
  return field == Field::ct_bytes ? bytes : packets == 0 ? 0 : bytes / packets;
}

constexpr std::uint32_t ipv6_header_bytes = 40;
constexpr std::uint64_t fragment_header = 44;

}  // namespace

bool is_wide(Field field) {
  switch (field) {
    case Field::meta_iifname:
    case Field::meta_oifname:
    case Field::ip6_saddr:
    case Field::ip6_daddr:
    case Field::ct_original_saddr:
    case Field::ct_original_daddr:
    case Field::ct_reply_saddr:
    case Field::ct_reply_daddr:
      return true;
    default:
      return false;
  }
}

PacketView::PacketView(const Context& c, const Walk& walk, nft::HookPoint point)
    : c_(c), walk_(walk), point_(point), family_(c.family(walk.packet)) {
  present_ = bit(Requires::nothing) | bit(Requires::conntrack);
  const bool v4 = family_ == fourtuple::Family::ipv4;
  present_ |= bit(v4 ? Requires::ipv4 : Requires::ipv6);
  // Later fragments have no transport header.
  if (walk.packet.fragment_offset != 0) return;
  const Requires transport = transport_of(walk.packet.protocol);
  if ((transport == Requires::icmp && !v4) || (transport == Requires::icmpv6 && v4)) return;
  present_ |= bit(transport) | bit(Requires::transport);
}

bool PacketView::read_rare(Field field, std::uint64_t& out) const {
  if (field >= Field::icmp_type) return read_icmp(field, out);
  if (field >= Field::tcp_sport) return read_transport(field, out);
  if (field >= Field::ip_version) return read_ip(field, out);
  if (field >= Field::ct_state) return read_conntrack(field, out);
  return read_meta(field, out);
}

bool PacketView::read_meta(Field field, std::uint64_t& out) const {
  constexpr std::uint64_t ethernet_device = 1, loopback_device = 772;
  constexpr std::uint64_t host = 0, broadcast = 1, multicast = 2;
  const InterfaceName* interface = nullptr;
  switch (field) {
    case Field::meta_length:
      out = c_.environment.ip_length(walk_.packet);
      return true;
    case Field::meta_protocol:
      out = family_ == fourtuple::Family::ipv4 ? 0x0800 : 0x86dd;
      return true;
    case Field::meta_nfproto:
      out = family_ == fourtuple::Family::ipv4 ? 2 : 10;
      return true;
    case Field::meta_mark:
      out = walk_.mark;
      return true;
    case Field::meta_priority:
      out = walk_.priority;
      return true;
    case Field::meta_iif:
      out = on_interface(walk_.in, interface) ? interface->index : 0;
      return true;
    case Field::meta_oif:
      out = on_interface(walk_.out, interface) ? interface->index : 0;
      return true;
    case Field::meta_iiftype:
    case Field::meta_oiftype:
      // The kernel looks at the device the packet is on, which at postrouting is the outgoing one already.
      if (field == Field::meta_oiftype || point_ == nft::HookPoint::postrouting) {
        if (!on_interface(walk_.out, interface)) return false;
      } else if (!on_interface(walk_.in, interface)) {
        return false;
      }
      out = interface->loopback ? loopback_device : ethernet_device;
      return true;
    case Field::meta_skuid:
      out = walk_.uid;
      return walk_.has_socket;
    case Field::meta_skgid:
      out = walk_.gid;
      return walk_.has_socket;
    case Field::meta_pkttype: {
      const IpAddress& to = c_.address(walk_.packet.destination);
      const bool received = point_ != nft::HookPoint::output && walk_.in.valid();
      out = !received ? host : to.is_multicast() ? multicast : to.is_broadcast() ? broadcast : host;
      return true;
    }
    default:
      return false;
  }
}

bool PacketView::read_conntrack(Field field, std::uint64_t& out) const {
  if (!walk_.tracking.has_entry()) return false;
  const state::ConntrackEntry& entry = entry_of(c_, walk_.tracking);
  switch (field) {
    case Field::ct_direction:
      out = walk_.tracking.reply_direction() ? 1 : 0;
      return true;
    case Field::ct_status:
      out = entry.status;
      return true;
    case Field::ct_mark:
      out = entry.mark;
      return true;
    case Field::ct_expiration:
      out = entry.expires > c_.now ? static_cast<std::uint64_t>((entry.expires - c_.now).ns) / 1'000'000 : 0;
      return true;
    case Field::ct_l3proto:
      out = family_ == fourtuple::Family::ipv4 ? 2 : 10;
      return true;
    case Field::ct_protocol:
      out = static_cast<std::uint8_t>(entry.protocol);
      return true;
    case Field::ct_zone:
      out = 0;
      return true;
    case Field::ct_packets:
    case Field::ct_bytes:
    case Field::ct_avgpkt:
      out = counted(entry, field, CountedDirection::both);
      return true;
    case Field::ct_original_sport:
      out = entry.original.source_port;
      return true;
    case Field::ct_original_dport:
      out = entry.original.destination_port;
      return true;
    case Field::ct_reply_sport:
      out = entry.reply.source_port;
      return true;
    case Field::ct_reply_dport:
      out = entry.reply.destination_port;
      return true;
    default:
      return false;
  }
}

bool PacketView::read_ip(Field field, std::uint64_t& out) const {
  const Packet& packet = walk_.packet;
  switch (field) {
    case Field::ip_version:
      out = 4;
      return true;
    case Field::ip6_version:
      out = 6;
      return true;
    case Field::ip_hdrlength:
      out = c_.environment.ip_header_length(packet) / 4;
      return true;
    case Field::ip_dscp:
    case Field::ip6_dscp:
      out = packet.traffic_class >> 2;
      return true;
    case Field::ip_ecn:
    case Field::ip6_ecn:
      out = packet.traffic_class & 3;
      return true;
    case Field::ip_length:
      out = c_.environment.ip_length(packet);
      return true;
    case Field::ip6_length:
      out = c_.environment.ip_length(packet) - ipv6_header_bytes;
      return true;
    case Field::ip_id:
      out = packet.ip_id;
      return true;
    case Field::ip_frag_off:
      out = packet.fragment_offset | ((packet.fragment_flags & FragmentFlag::dont_fragment) != 0 ? 0x4000u : 0u) |
            ((packet.fragment_flags & FragmentFlag::more_fragments) != 0 ? 0x2000u : 0u);
      return true;
    case Field::ip_ttl:
    case Field::ip6_hoplimit:
      out = packet.ttl;
      return true;
    case Field::ip6_nexthdr:
      out = (packet.fragment_flags & FragmentFlag::is_fragment) != 0 ? fragment_header
                                                                     : static_cast<std::uint8_t>(packet.protocol);
      return true;
    case Field::ip6_flowlabel:
      out = 0;
      return true;
    default:
      return false;
  }
}

bool PacketView::read_transport(Field field, std::uint64_t& out) const {
  const Packet& packet = walk_.packet;
  switch (field) {
    case Field::udplite_sport:
    case Field::sctp_sport:
    case Field::dccp_sport:
    case Field::th_sport:
      out = packet.source_port;
      return true;
    case Field::udplite_dport:
    case Field::sctp_dport:
    case Field::dccp_dport:
      out = packet.destination_port;
      return true;
    case Field::th_dport:
      // Of an ICMP message these bytes are its checksum, which packets do not carry here.
      out = packet.destination_port;
      return packet.protocol != Protocol::icmp && packet.protocol != Protocol::icmpv6;
    case Field::tcp_sequence:
      out = packet.seq.raw;
      return true;
    case Field::tcp_ackseq:
      out = packet.ack.raw;
      return true;
    case Field::tcp_doff:
      out = transport_header_length(packet) / 4;
      return true;
    case Field::tcp_reserved:
    case Field::tcp_urgptr:
      out = 0;
      return true;
    case Field::tcp_window:
      out = packet.window;
      return true;
    case Field::udp_length:
      out = transport_header_length(packet) + packet.payload_length;
      return true;
    default:
      return false;
  }
}

bool PacketView::read_icmp(Field field, std::uint64_t& out) const {
  constexpr std::uint8_t redirect = 5, unreachable = 3, packet_too_big = 2, parameter_problem = 4;
  const Packet& packet = walk_.packet;
  const std::uint8_t type = packet.icmp_type();
  switch (field) {
    case Field::icmp_type:
    case Field::icmpv6_type:
      out = type;
      return true;
    case Field::icmp_code:
    case Field::icmpv6_code:
      out = packet.icmp_code();
      return true;
    case Field::icmp_id:
    case Field::icmpv6_id:
      out = packet.destination_port;
      return is_echo(type, family_);
    case Field::icmp_sequence:
    case Field::icmpv6_sequence:
      out = packet.seq.raw & 0xffff;
      return is_echo(type, family_);
    case Field::icmp_gateway:
      out = packet.seq.raw;
      return type == redirect;
    case Field::icmp_mtu:
      out = packet.seq.raw & 0xffff;
      return type == unreachable;
    case Field::icmpv6_mtu:
      out = packet.seq.raw;
      return type == packet_too_big;
    case Field::icmpv6_parameter_problem:
      out = packet.seq.raw;
      return type == parameter_problem;
    default:
      return false;
  }
}

AddressId PacketView::tuple_address(Field field) const {
  const state::ConntrackEntry& entry = entry_of(c_, walk_.tracking);
  switch (field) {
    case Field::ct_original_saddr:
      return entry.original.source;
    case Field::ct_original_daddr:
      return entry.original.destination;
    case Field::ct_reply_saddr:
      return entry.reply.source;
    case Field::ct_reply_daddr:
      return entry.reply.destination;
    default:
      return AddressId::none();
  }
}

bool PacketView::read_wide_rare(Field field, nft::Value& out) const {
  switch (field) {
    case Field::ip6_saddr:
      out = nft::value_of(c_.address(walk_.packet.source));
      return true;
    case Field::ip6_daddr:
      out = nft::value_of(c_.address(walk_.packet.destination));
      return true;
    case Field::ct_original_saddr:
    case Field::ct_original_daddr:
    case Field::ct_reply_saddr:
    case Field::ct_reply_daddr:
      if (!walk_.tracking.has_entry()) return false;
      out = nft::value_of(c_.address(tuple_address(field)));
      return true;
    default:
      return false;
  }
}

// nft_fib: the address type as seen on one interface is `unicast` when another one has the address.
AddressType PacketView::fib_type(std::uint8_t flags) const {
  const Packet& packet = walk_.packet;
  const IpAddress& address = c_.address((flags & FibFlag::source) != 0 ? packet.source : packet.destination);
  InterfaceId only = InterfaceId::none();
  if ((flags & FibFlag::iif) != 0) only = walk_.in;
  if ((flags & FibFlag::oif) != 0) only = walk_.out;
  const AddressType type = c_.environment.address_type(c_.host, address);
  const bool elsewhere = type == AddressType::local && only.valid() && !c_.environment.is_of_interface(only, address);
  return elsewhere ? AddressType::unicast : type;
}

// The interface a packet to the address would leave by, no_index without one. With iif or oif: only if it is that one.
std::uint32_t PacketView::fib_interface(std::uint8_t flags) const {
  const Packet& packet = walk_.packet;
  const IpAddress& address = c_.address((flags & FibFlag::source) != 0 ? packet.source : packet.destination);
  InterfaceId wanted = InterfaceId::none();
  if ((flags & FibFlag::iif) != 0) wanted = walk_.in;
  if ((flags & FibFlag::oif) != 0) wanted = walk_.out;
  const InterfaceName* in = nullptr;
  if (point_ == nft::HookPoint::prerouting && on_interface(walk_.in, in) && in->loopback) return walk_.in.value;
  if (c_.environment.address_type(c_.host, address) != AddressType::unicast) return no_index;
  const InterfaceId route = c_.environment.route_interface(c_.host, address);
  if (wanted.valid() && route != wanted) return no_index;
  return route.value;
}

bool PacketView::read_fib(std::uint8_t flags, nft::Value& out) const {
  if ((flags & FibFlag::result_type) != 0) {
    out = static_cast<std::uint64_t>(fib_type(flags));
    return true;
  }
  const InterfaceName* interface = nullptr;
  const bool found = on_interface(InterfaceId{fib_interface(flags)}, interface);
  if ((flags & FibFlag::present) != 0)
    out = found ? 1 : 0;
  else if ((flags & FibFlag::result_name) != 0)
    out = found ? interface->name : nft::Value{};
  else
    out = found ? interface->index : 0;
  return true;
}

bool PacketView::read_counted(Field field, CountedDirection direction, nft::Value& out) const {
  if (!walk_.tracking.has_entry()) return false;
  out = counted(entry_of(c_, walk_.tracking), field, direction);
  return true;
}

// Without a TCP header no option is there, which `missing` finds true.
bool PacketView::read_tcp_option(TcpOptionPart part, std::uint64_t option, nft::Value& out) const {
  constexpr std::uint64_t no_operation = 1, maxseg = 2, window = 3, sack_permitted = 4, timestamp = 8;
  const Packet& packet = walk_.packet;
  const bool sack = packet.has_option(TcpOption::sack_permitted), times = packet.has_option(TcpOption::timestamps);
  bool there = false;
  std::uint64_t value = 0, second = 0;
  switch (has(Requires::tcp) ? option : 0) {
    case no_operation:
      there = packet.has_option(TcpOption::window_scale) || (times && !sack);
      break;
    case maxseg:
      there = packet.has_option(TcpOption::mss), value = packet.mss;
      break;
    case window:
      there = packet.has_option(TcpOption::window_scale), value = packet.window_scale;
      break;
    case sack_permitted:
      there = sack;
      break;
    case timestamp:
      there = times, value = packet.ts_value, second = packet.ts_echo;
      break;
    default:
      break;
  }
  out = part == TcpOptionPart::present ? (there ? 1 : 0) : part == TcpOptionPart::value ? value : second;
  return there || part == TcpOptionPart::present;
}

// nft_rt: `mtu` is the largest TCP segment that fits the routes in both directions.
bool PacketView::read_route(RoutePart part, nft::Value& out) const {
  constexpr std::uint32_t tcp_header = 20, largest_mtu = 0xffff, default_segment = 536;
  // A packet that just came in has no route yet.
  if (point_ == nft::HookPoint::prerouting) return false;
  const Packet& packet = walk_.packet;
  if (part == RoutePart::next_hop) {
    out = nft::value_of(c_.address(c_.environment.next_hop(c_.host, packet.destination)));
    return true;
  }
  std::uint32_t mtu = c_.environment.route_mtu(c_.host, packet.destination);
  const std::uint32_t back = c_.environment.route_mtu(c_.host, packet.source);
  if (back != 0) mtu = std::min(mtu, back);
  const std::uint32_t headers = (family_ == fourtuple::Family::ipv4 ? 20 : ipv6_header_bytes) + tcp_header;
  out = mtu <= headers || mtu > largest_mtu ? default_segment : mtu - headers;
  return true;
}

}  // namespace fourtuple::netfilter
