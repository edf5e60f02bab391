// Writing the other tuple into packets.
#include "sim/netfilter/conntrack/conntrack.h"
#include "sim/netfilter/conntrack/table.h"

namespace fourtuple::netfilter {
namespace {

constexpr std::uint8_t icmp_redirect = 5, icmpv6_redirect = 137;

// Makes one end of the packet that of `target`. True: something changed.
bool rewrite(Packet& packet, const ConntrackTuple& target, Manip manip) {
  const Packet before = packet;
  (manip == Manip::source ? packet.source : packet.destination) =
      manip == Manip::source ? target.source : target.destination;
  if (has_ports(packet.protocol)) {
    if (manip == Manip::source) {
      packet.source_port = target.source_port;
    } else {
      packet.destination_port = target.destination_port;
    }
  } else if (is_icmp(packet.protocol) && has_identifier(packet.protocol, packet.icmp_type())) {
    packet.destination_port = target.source_port;
  }
  return packet.source != before.source || packet.destination != before.destination ||
         packet.source_port != before.source_port || packet.destination_port != before.destination_port;
}

void record(Context& c, Walk& walk, const Packet& changed, bool inner) {
  walk.rewritten = true;
  trace::PacketRewritten event;
  event.packet = walk.packet.id;
  event.source = changed.source;
  event.destination = changed.destination;
  event.source_port = changed.source_port;
  event.destination_port = changed.destination_port;
  event.traffic_class = changed.traffic_class;
  event.inner = inner;
  if (walk.tracking.confirmed) event.entry = walk.tracking.entry;
  note(c, event);
}

// Whether the entry's NAT changes this end of packets of this direction.
bool is_changed(const ConntrackEntry& entry, Manip manip, bool reply) {
  const bool source = (manip == Manip::source) != reply;
  return (entry.status & (source ? ConntrackStatus::source_nat : ConntrackStatus::destination_nat)) != 0;
}

const ConntrackTuple& other_tuple(const ConntrackEntry& entry, bool reply) {
  return reply ? entry.original : entry.reply;
}

// The quoted packet once was on the way the error now goes back: its far end is what the error's near end is.
bool translate_error(Context& c, Walk& walk, const ConntrackEntry& entry, Manip manip) {
  const bool reply = walk.tracking.reply_direction();
  const std::uint8_t type = walk.packet.icmp_type();
  const bool redirect = type == (walk.packet.protocol == Protocol::icmp ? icmp_redirect : icmpv6_redirect);
  constexpr unsigned both_done = ConntrackStatus::source_nat_done | ConntrackStatus::destination_nat_done;
  constexpr unsigned changed = ConntrackStatus::source_nat | ConntrackStatus::destination_nat;
  // A redirect names an address of a network that the flow, being translated, does not know.
  if (redirect && ((entry.status & both_done) != both_done || (entry.status & changed) != 0)) return false;
  if (!is_changed(entry, manip, reply)) return true;
  const ConntrackTuple tuple = other_tuple(entry, reply);
  if (walk.packet.payload_kind == PayloadKind::quote) {
    Packet quoted = c.environment.quote(walk.packet.payload_source);
    if (rewrite(quoted, tuple, manip == Manip::source ? Manip::destination : Manip::source)) {
      walk.packet.payload_source = c.environment.add_quote(quoted);
      record(c, walk, quoted, true);
    }
  }
  const ConntrackTuple outer{tuple.destination, tuple.source, 0, 0};
  if (rewrite(walk.packet, outer, manip)) record(c, walk, walk.packet, false);
  return true;
}

// A masqueraded flow whose packets now leave by another interface is over.
bool leaves_elsewhere(const Context& c, const Walk& walk, nft::HookPoint point) {
  if (point != nft::HookPoint::postrouting || walk.tracking.reply_direction() || !walk.tracking.confirmed) return false;
  const InterfaceId masqueraded = c.filter.conntrack.trackers[walk.tracking.entry].masquerade_out;
  return masqueraded.valid() && masqueraded != walk.out;
}

}  // namespace

bool translate(Context& c, Walk& walk, nft::HookPoint point) {
  if (!walk.tracking.has_entry()) return true;
  const Manip manip = manip_at(point);
  const ConntrackEntry entry = entry_of(c, walk.tracking);
  const bool related =
      walk.tracking.info == trace::CtInfo::related || walk.tracking.info == trace::CtInfo::related_reply;
  if (related && is_icmp(walk.packet.protocol)) return translate_error(c, walk, entry, manip);
  if (leaves_elsewhere(c, walk, point)) {
    destroy_entry(c, walk.tracking.entry);
    walk.tracking.entry = none;
    return false;
  }
  const bool reply = walk.tracking.reply_direction();
  if (!is_changed(entry, manip, reply)) return true;
  const std::optional<ConntrackTuple> target = inverse_of(other_tuple(entry, reply), entry.protocol);
  if (target && rewrite(walk.packet, *target, manip)) record(c, walk, walk.packet, false);
  return true;
}

}  // namespace fourtuple::netfilter
