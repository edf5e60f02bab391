#include "sim/netfilter/conntrack/icmp_error.h"

#include "sim/netfilter/conntrack/table.h"

namespace fourtuple::netfilter {
namespace {

using trace::CtInfo;

constexpr std::uint8_t highest_icmp_type = 18;  // IPv4: what Linux knows

// ICMPv6 messages of the link itself: MLD, router and neighbour discovery.
bool is_link_message(std::uint8_t type) {
  return (type >= 130 && type <= 136) || type == 143;
}

// Whether the error quotes as much of the packet as it takes to know its flow: the first 8 bytes behind the IP header.
bool quotes_enough(const Context& c, const Packet& error, const Packet& quoted) {
  const bool needed = has_ports(quoted.protocol) || is_icmp(quoted.protocol);
  return error.payload_length >= c.environment.ip_header_length(quoted) + (needed ? 8 : 0);
}

void relate_to_quoted(Context& c, Walk& walk) {
  walk.tracking = {none, CtInfo::invalid, false};
  const Packet& error = walk.packet;
  if (error.payload_kind != PayloadKind::quote) return;
  const Packet& quoted = c.environment.quote(error.payload_source);
  const std::optional<ConntrackTuple> sent = tuple_of(quoted);
  if (!sent || !quotes_enough(c, error, quoted)) return;
  const std::optional<ConntrackTuple> answer = inverse_of(*sent, quoted.protocol);
  if (!answer) return;
  const Found found = find_entry(c, {*answer, c.host, quoted.protocol});
  if (!found.valid()) return;
  // The error goes to whoever sent the quoted packet; anything else is forged.
  const ConntrackEntry& entry = c.visible.conntrack[found.entry];
  if (error.destination != (found.reply ? entry.reply : entry.original).destination) return;
  walk.tracking = {found.entry, found.reply ? CtInfo::related_reply : CtInfo::related, true};
}

}  // namespace

bool track_icmp_message(Context& c, Walk& walk) {
  const Packet& packet = walk.packet;
  const bool ipv6 = c.family(packet) == fourtuple::Family::ipv6;
  // The other family's ICMP is an unknown protocol here, and its tracker refuses it.
  if (ipv6 != (packet.protocol == Protocol::icmpv6)) return false;
  const std::uint8_t type = packet.icmp_type();
  if (ipv6 && is_link_message(type)) {
    walk.tracking = {none, CtInfo::untracked, false};
    return true;
  }
  if (!ipv6 && type > highest_icmp_type) {
    walk.tracking = {none, CtInfo::invalid, false};
    return true;
  }
  if (!is_icmp_error(packet.protocol, type)) return false;
  relate_to_quoted(c, walk);
  return true;
}

}  // namespace fourtuple::netfilter
