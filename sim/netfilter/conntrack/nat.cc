// Setting up NAT for a new entry.
#include "sim/netfilter/conntrack/conntrack.h"
#include "sim/netfilter/conntrack/nat_tuple.h"

namespace fourtuple::netfilter {
namespace {

std::uint16_t done_bit(Manip manip) {
  return manip == Manip::source ? ConntrackStatus::source_nat_done : ConntrackStatus::destination_nat_done;
}

// `snat ip prefix to`: the network part comes from the range, the rest of the address stays.
NatRange within_prefix(const NatRange& range, const IpAddress& address) {
  NatRange result = range;
  for (std::size_t i = 0; i < address.bytes.size(); ++i) {
    const auto host_bits = static_cast<std::uint8_t>(range.first_address.bytes[i] ^ range.last_address.bytes[i]);
    result.first_address.bytes[i] =
        static_cast<std::uint8_t>((address.bytes[i] & host_bits) | (range.first_address.bytes[i] & ~host_bits));
  }
  result.last_address = result.first_address;
  return result;
}

}  // namespace

Manip manip_at(nft::HookPoint point) {
  return point == nft::HookPoint::postrouting || point == nft::HookPoint::input ? Manip::source : Manip::destination;
}

bool nat_initialized(const Context& c, const Tracking& tracking, Manip manip) {
  return tracking.has_entry() && (entry_of(c, tracking).status & done_bit(manip)) != 0;
}

bool wants_nat_rules(const Context& c, const Walk& walk, Manip manip) {
  if (!walk.tracking.has_entry() || nat_initialized(c, walk.tracking, manip)) return false;
  switch (walk.tracking.info) {
    case trace::CtInfo::fresh:
      return true;
    case trace::CtInfo::related:
    case trace::CtInfo::related_reply:
      return !is_icmp(walk.packet.protocol);
    default:
      return false;
  }
}

NatSetup set_up_nat(Context& c, Walk& walk, Manip manip, const NatRange& range) {
  if (!is_pending(walk.tracking) || nat_initialized(c, walk.tracking, manip)) return NatSetup::done;
  if ((range.flags & nft::NatFlag::netmap_prefix) != 0 && range.map_address) {
    const AddressId now = manip == Manip::source ? walk.packet.source : walk.packet.destination;
    NatRange one = within_prefix(range, c.address(now));
    one.flags &= static_cast<std::uint8_t>(~nft::NatFlag::netmap_prefix);
    return set_up_nat(c, walk, manip, one);
  }
  const std::uint32_t id = walk.tracking.entry;
  const PendingEntry pending = c.filter.conntrack.pending[id];
  if ((pending.entry.status & ConntrackStatus::confirmed) != 0) return NatSetup::done;
  const Protocol protocol = pending.entry.protocol;
  // Answers must come to what the packets look like now; that may already be the work of another hook.
  const ConntrackTuple now = inverse_of(pending.entry.reply, protocol).value_or(pending.entry.original);
  const ConntrackTuple chosen = choose_tuple(c, {pending, now, manip, range});

  ConntrackEntry& entry = c.filter.conntrack.pending.mut(id).entry;
  if (chosen != now) {
    entry.reply = inverse_of(chosen, protocol).value_or(entry.reply);
    entry.status |= manip == Manip::source ? ConntrackStatus::source_nat : ConntrackStatus::destination_nat;
  }
  entry.status |= done_bit(manip);
  if (range.masquerade_out.valid()) c.filter.conntrack.pending.mut(id).tracker.masquerade_out = range.masquerade_out;
  return NatSetup::done;
}

NatSetup set_up_null_binding(Context& c, Walk& walk, Manip manip) {
  if (!is_pending(walk.tracking)) return NatSetup::done;
  const ConntrackEntry& entry = entry_of(c, walk.tracking);
  NatRange range;
  range.map_address = true;
  range.first_address = range.last_address =
      c.address(manip == Manip::source ? entry.reply.destination : entry.reply.source);
  return set_up_nat(c, walk, manip, range);
}

}  // namespace fourtuple::netfilter
