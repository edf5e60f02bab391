#include "tests/sim/netfilter/conntrack/lab.h"

namespace fourtuple::netfilter {

Lab::Lab() {
  filter.hosts.resize(1);
  filter.hosts[0].random = Random(1, "lab");
  visible.hosts.resize(1);
}

AddressId Lab::at(std::string_view address) {
  return addresses.intern(*IpAddress::parse(address));
}

Packet Lab::udp(std::string_view from, std::uint16_t from_port, std::string_view to, std::uint16_t to_port) {
  Packet packet;
  packet.id = {next_packet_++};
  packet.protocol = Protocol::udp;
  packet.source = at(from);
  packet.destination = at(to);
  packet.source_port = from_port;
  packet.destination_port = to_port;
  return packet;
}

Packet Lab::tcp(std::string_view from, std::uint16_t from_port, std::string_view to, std::uint16_t to_port,
                std::string_view flags, std::uint32_t seq, std::uint32_t ack, std::uint32_t length,
                std::uint16_t window) {
  Packet packet = udp(from, from_port, to, to_port);
  packet.protocol = Protocol::tcp;
  packet.flags = flags_of(flags);
  packet.seq = {seq};
  packet.ack = {ack};
  packet.payload_length = length;
  packet.window = window;
  return packet;
}

Packet Lab::icmp(std::string_view from, std::string_view to, std::uint8_t type, std::uint8_t code, std::uint16_t id) {
  Packet packet = udp(from, static_cast<std::uint16_t>(type << 8 | code), to, id);
  packet.protocol = context().family(packet) == fourtuple::Family::ipv6 ? Protocol::icmpv6 : Protocol::icmp;
  return packet;
}

Packet Lab::error(std::string_view from, std::string_view to, std::uint8_t type, std::uint8_t code,
                  const Packet& about) {
  Packet packet = icmp(from, to, type, code);
  packet.payload_kind = PayloadKind::quote;
  packet.payload_length = environment.ip_length(about);
  packet.payload_source = environment.add_quote(about);
  return packet;
}

Context Lab::context() {
  return {filter, visible, trace, addresses, environment, now, HostId{0}};
}

bool Lab::nat_hook(Context& c, Walk& walk, nft::HookPoint point, const std::optional<NatRange>& range) {
  if (!nat) return true;
  const Manip manip = manip_at(point);
  if (wants_nat_rules(c, walk, manip)) {
    if (range) set_up_nat(c, walk, manip, *range);
    if (!nat_initialized(c, walk.tracking, manip)) set_up_null_binding(c, walk, manip);
  }
  return translate(c, walk, point);
}

Lab::Passed Lab::pass(Packet packet, bool local) {
  Context c = context();
  Walk walk{packet, local ? InterfaceId::none() : lan, InterfaceId::none(), {}, 0, 0, false, 0, 0, false};
  const nft::HookPoint first = local ? nft::HookPoint::output : nft::HookPoint::prerouting;
  if (!track(c, walk)) return {};
  Passed passed{false, walk.tracking.info, packet, none};
  if (!nat_hook(c, walk, first, dnat) || (filter_rule && !filter_rule(walk))) {
    forget(c, walk);
    return passed;
  }
  walk.out = wan;
  if (!nat_hook(c, walk, nft::HookPoint::postrouting, snat)) {
    forget(c, walk);
    return passed;
  }
  passed.packet = packet;
  passed.delivered = confirm(c, walk);
  forget(c, walk);  // it has left
  passed.entry = walk.tracking.entry;
  EXPECT_EQ(filter.conntrack.pending.live(), 0u) << "a pending entry stayed behind";
  return passed;
}

Lab::Passed Lab::forward(Packet packet) {
  return pass(packet, false);
}
Lab::Passed Lab::originate(Packet packet) {
  return pass(packet, true);
}

const state::ConntrackEntry* Lab::entry_by(const Packet& first) {
  const Context c = context();
  const std::optional<ConntrackTuple> tuple = tuple_of(first);
  for (std::uint32_t id = 0; id < visible.conntrack.end(); ++id)
    if (is_listed(c, id) && tuple && visible.conntrack[id].original == *tuple &&
        visible.conntrack[id].protocol == first.protocol)
      return &visible.conntrack[id];
  return nullptr;
}

std::uint32_t Lab::entries() {
  const Context c = context();
  std::uint32_t count = 0;
  for (std::uint32_t id = 0; id < visible.conntrack.end(); ++id) count += is_listed(c, id) ? 1 : 0;
  return count;
}

std::string Lab::entry_text(const Packet& first) {
  const state::ConntrackEntry* entry = entry_by(first);
  if (entry == nullptr) return "none";
  std::string text = entry->protocol == Protocol::tcp ? name_of(entry->tcp) + " " : "";
  const std::int64_t remaining = ((entry->expires - now).ns + 999'999'999) / 1'000'000'000;
  text += std::to_string(remaining);
  if ((entry->status & ConntrackStatus::seen_reply) == 0) text += " UNREPLIED";
  if ((entry->status & ConntrackStatus::assured) != 0) text += " ASSURED";
  return text;
}

NatRange Lab::range(std::string_view first, std::string_view last, std::uint16_t first_port, std::uint16_t last_port,
                    std::uint8_t flags) {
  NatRange result;
  result.map_address = !first.empty();
  if (result.map_address) {
    result.first_address = *IpAddress::parse(first);
    result.last_address = last.empty() ? result.first_address : *IpAddress::parse(last);
  }
  result.map_port = last_port != 0;
  result.first_port = first_port;
  result.last_port = last_port;
  result.flags = flags;
  return result;
}

std::uint8_t flags_of(std::string_view letters) {
  constexpr std::string_view order = "FSRPAUEC";
  std::uint8_t flags = 0;
  for (const char letter : letters) {
    const std::size_t at = order.find(letter);
    if (at != std::string_view::npos) flags |= static_cast<std::uint8_t>(1u << at);
  }
  return flags;
}

std::string name_of(state::TcpTracking tracking) {
  constexpr const char* names[] = {"NONE",       "SYN_SENT", "SYN_RECV",  "ESTABLISHED", "FIN_WAIT",
                                   "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE",       "SYN_SENT2"};
  return names[static_cast<std::size_t>(tracking)];
}

}  // namespace fourtuple::netfilter
