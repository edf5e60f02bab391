// Statements that change the packet or end its walk: assignments, reject, NAT.
#include <algorithm>

#include "sim/netfilter/rules/evaluate.h"

namespace fourtuple::netfilter {
namespace {

using nft::Field;
using nft::NatKind;
using nft::RejectKind;
using nft::VerdictKind;

// Codes of `icmpx` (NFT_REJECT_ICMPX_*): no-route, port-unreachable, host-unreachable, admin-prohibited.
struct IcmpxCode {
  std::uint8_t v4, v6;
};
constexpr IcmpxCode icmpx_codes[] = {{0, 0}, {3, 4}, {1, 3}, {13, 1}};

// Writes a field of the headers. False: packets do not carry it here.
bool set_header(Context& c, Packet& packet, Field field, nft::Value value) {
  const auto number = static_cast<std::uint32_t>(value.low);
  switch (field) {
    case Field::ip_ttl:
    case Field::ip6_hoplimit:
      packet.ttl = static_cast<std::uint8_t>(number);
      return true;
    case Field::ip_id:
      packet.ip_id = static_cast<std::uint16_t>(number);
      return true;
    case Field::ip_dscp:
    case Field::ip6_dscp:
      packet.traffic_class = static_cast<std::uint8_t>(number << 2 | (packet.traffic_class & 3u));
      return true;
    case Field::ip_ecn:
    case Field::ip6_ecn:
      packet.traffic_class = static_cast<std::uint8_t>((packet.traffic_class & ~3u) | (number & 3));
      return true;
    case Field::ip_saddr:
      packet.source = c.addresses.intern(nft::address_of(value, fourtuple::Family::ipv4));
      return true;
    case Field::ip_daddr:
      packet.destination = c.addresses.intern(nft::address_of(value, fourtuple::Family::ipv4));
      return true;
    case Field::ip6_saddr:
      packet.source = c.addresses.intern(nft::address_of(value, fourtuple::Family::ipv6));
      return true;
    case Field::ip6_daddr:
      packet.destination = c.addresses.intern(nft::address_of(value, fourtuple::Family::ipv6));
      return true;
    case Field::tcp_sport:
    case Field::udp_sport:
    case Field::th_sport:
      packet.source_port = static_cast<std::uint16_t>(number);
      return true;
    case Field::tcp_dport:
    case Field::udp_dport:
    case Field::th_dport:
    case Field::icmp_id:
    case Field::icmpv6_id:
      packet.destination_port = static_cast<std::uint16_t>(number);
      return true;
    case Field::tcp_sequence:
      packet.seq.raw = number;
      return true;
    case Field::tcp_ackseq:
      packet.ack.raw = number;
      return true;
    case Field::tcp_flags:
      packet.flags = static_cast<std::uint8_t>(number);
      return true;
    case Field::tcp_window:
      packet.window = static_cast<std::uint16_t>(number);
      return true;
    case Field::icmp_sequence:
    case Field::icmpv6_sequence:
      packet.seq.raw = number & 0xffff;
      return true;
    // A larger segment size than the sender's would stall the connection: it only ever shrinks.
    case Field::tcp_option:
      if (packet.has_option(TcpOption::mss)) packet.mss = std::min(packet.mss, static_cast<std::uint16_t>(number));
      return true;
    default:
      return false;
  }
}

Manip manip_of(NatKind kind) {
  return kind == NatKind::snat || kind == NatKind::masquerade ? Manip::source : Manip::destination;
}

}  // namespace

Evaluation::Result Evaluation::assign(const Op& op) {
  nft::Value value;
  if (!view_.has(op.needs) || !evaluate_term(op.b, value)) return Result::absent;
  if (wants_expressions_) [[unlikely]]
    remember(value, op.words);
  numbers_.forget();
  switch (op.field) {
    case Field::meta_mark:
      walk_.mark = static_cast<std::uint32_t>(value.low);
      return Result::done;
    case Field::meta_priority:
      walk_.priority = static_cast<std::uint32_t>(value.low);
      return Result::done;
    case Field::meta_nftrace:
      return Result::done;  // everything is traced
    case Field::ct_mark:
      if (walk_.tracking.has_entry()) set_mark(c_, walk_.tracking, static_cast<std::uint32_t>(value.low));
      return Result::done;
    default:
      break;
  }
  const Packet before = walk_.packet;
  if (!set_header(c_, walk_.packet, op.field, value)) return Result::skipped;
  const Packet& now = walk_.packet;
  const bool tcp_changed = now.protocol == Protocol::tcp && trace::tcp_numbers(now) != trace::tcp_numbers(before);
  if (tcp_changed || now.source != before.source || now.destination != before.destination ||
      now.source_port != before.source_port || now.destination_port != before.destination_port ||
      now.traffic_class != before.traffic_class)
    note(c_, trace::PacketRewritten{now.id, now.source, now.destination, now.source_port, now.destination_port, none,
                                    false, now.traffic_class, tcp_changed, trace::tcp_numbers(now)});
  return Result::done;
}

Evaluation::Result Evaluation::reject(const Op& op) {
  auto kind = static_cast<RejectKind>(op.a);
  auto code = static_cast<std::uint8_t>(op.b);
  const bool v4 = view_.family() == fourtuple::Family::ipv4;
  if (kind == RejectKind::icmpx) {
    kind = v4 ? RejectKind::icmp : RejectKind::icmpv6;
    const IcmpxCode& codes = icmpx_codes[code & 3];
    code = v4 ? codes.v4 : codes.v6;
  }
  reach({VerdictKind::drop, no_index});
  result_ = {HookVerdict::reject, kind, code};
  return Result::done;
}

Evaluation::Result Evaluation::nat(const Op& op) {
  const NatCode& code = program_.nats[op.a];
  const std::uint8_t family = view_.family() == fourtuple::Family::ipv4 ? 4 : 6;
  if ((code.only_family != 0 && code.only_family != family) || !walk_.tracking.has_entry()) return Result::done;
  NatRange range;
  range.flags = code.flags;
  if (!nat_range(code, range)) return Result::failed;
  const bool own = code.kind == NatKind::masquerade || code.kind == NatKind::redirect;
  // A packet that has no source address yet is not masqueraded.
  if (code.kind == NatKind::masquerade && c_.address(entry_of(c_, walk_.tracking).original.source).is_wildcard()) {
    reach({VerdictKind::accept, no_index});
    return Result::done;
  }
  const bool possible = !own || own_address(code, range);
  const bool set_up = possible && set_up_nat(c_, walk_, manip_of(code.kind), range) == NatSetup::done;
  reach({set_up ? VerdictKind::accept : VerdictKind::drop, no_index});
  return Result::done;
}

bool Evaluation::nat_range(const NatCode& code, NatRange& range) {
  range.map_address = code.address;
  range.map_port = code.port;
  range.first_address = code.first_address;
  range.last_address = code.last_address;
  range.first_port = code.first_port;
  range.last_port = code.last_port;
  if (code.map_set != no_index && !nat_from_map(code, range)) return false;
  nft::Value value;
  if (code.address_term != no_index) {
    if (!evaluate_term(code.address_term, value)) return false;
    range.first_address = range.last_address = nft::address_of(value, view_.family());
  }
  if (code.port_term != no_index) {
    if (!evaluate_term(code.port_term, value)) return false;
    range.first_port = range.last_port = static_cast<std::uint16_t>(value.low);
  }
  return true;
}

bool Evaluation::nat_from_map(const NatCode& code, NatRange& range) {
  if (!build_key(code.map_key)) return false;
  const SetCode& set = program_.sets[code.map_set];
  const Element found = find(set);
  if (!found) return false;
  std::uint32_t data[32];
  read_data(set, found, data);
  const std::uint32_t* last = set.data_ranges && !found.in_state ? data + set.data_words : data;
  const std::uint8_t address_words = set.data_shape.part_words[0];
  range.first_address = nft::address_of(value_of_words(data, address_words), view_.family());
  range.last_address = nft::address_of(value_of_words(last, address_words), view_.family());
  if (set.data_shape.parts > 1) {
    range.map_port = true;
    range.first_port = static_cast<std::uint16_t>(data[address_words]);
    range.last_port = static_cast<std::uint16_t>(last[address_words]);
  }
  return true;
}

// masquerade and redirect: an address of this host. False without one: the packet is dropped.
bool Evaluation::own_address(const NatCode& code, NatRange& range) const {
  AddressId address;
  const bool v4 = view_.family() == fourtuple::Family::ipv4;
  if (code.kind == NatKind::masquerade)
    address = c_.environment.source_address(c_.host, walk_.out, walk_.packet.destination);
  else if (point_ == nft::HookPoint::output)
    address = v4 ? loopback_v4 : loopback_v6;
  else
    address = c_.environment.interface_address(c_.host, walk_.in, view_.family());
  if (!address.valid()) return false;
  if (code.kind == NatKind::masquerade) range.masquerade_out = walk_.out;
  range.map_address = true;
  range.first_address = range.last_address = c_.address(address);
  return true;
}

}  // namespace fourtuple::netfilter
