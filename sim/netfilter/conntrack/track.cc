#include "sim/netfilter/conntrack/conntrack.h"
#include "sim/netfilter/conntrack/icmp_error.h"
#include "sim/netfilter/conntrack/table.h"
#include "sim/netfilter/conntrack/tracker.h"

namespace fourtuple::netfilter {
namespace {

using trace::CtInfo;

constexpr std::uint8_t gre = 47;

void set_invalid(Walk& walk) {
  walk.tracking = {none, CtInfo::invalid, false};
}

bool has_bad_checksum(Context& c, const Walk& walk) {
  const Protocol protocol = walk.packet.protocol;
  return (walk.packet.fragment_flags & FragmentFlag::bad_checksum) != 0 && c.mine().conntrack.checksum &&
         walk.in.valid() && (has_ports(protocol) || is_icmp(protocol));
}

// What the entry's direction and history make of the packet.
CtInfo info_of(const ConntrackEntry& entry, bool reply) {
  if (reply) return CtInfo::established_reply;
  return (entry.status & ConntrackStatus::seen_reply) != 0 ? CtInfo::established : CtInfo::fresh;
}

enum class Lookup : std::uint8_t { found, invalid, full };

// Finds the packet's entry or begins one; walk.tracking says which.
Lookup look_up(Context& c, Walk& walk) {
  const std::optional<ConntrackTuple> tuple = tuple_of(walk.packet);
  if (!tuple) return Lookup::invalid;
  const FlowKey key{*tuple, c.host, walk.packet.protocol};
  const Found found = find_entry(c, key);
  if (found.valid()) {
    walk.tracking = {found.entry, info_of(c.visible.conntrack[found.entry], found.reply), true};
    return Lookup::found;
  }
  const std::optional<ConntrackTuple> reply = inverse_of(*tuple, key.protocol);
  if (!reply) return Lookup::invalid;
  const std::uint32_t pending = begin_entry(c, key, *reply);
  if (pending == none) return Lookup::full;
  if (walk.from_synproxy) c.filter.conntrack.pending.mut(pending).tracker.tcp.synproxied = true;
  walk.tracking = {pending, CtInfo::fresh, false};
  return Lookup::found;
}

Verdict ask_tracker(Context& c, const Walk& walk) {
  Sighting sighting{
      c.mine().conntrack,      walk.packet, entry_of(c, walk.tracking), c.now, walk.tracking.reply_direction() ? 1 : 0,
      !walk.tracking.confirmed};
  switch (walk.packet.protocol) {
    case Protocol::tcp: {
      TcpTracker& tracker = tracker_of(c, walk.tracking).tcp;
      if (tracker.synproxied && sighting.direction == 0)
        sighting.ack_offset = synproxy_of(c, walk.tracking).sequence_offset;
      return track_tcp(sighting, tracker);
    }
    case Protocol::udp:
      return track_udp(sighting, tracker_of(c, walk.tracking).udp);
    case Protocol::icmp:
    case Protocol::icmpv6:
      return track_icmp(sighting, c.family(walk.packet) == fourtuple::Family::ipv6);
    default:
      return static_cast<std::uint8_t>(walk.packet.protocol) == gre ? track_gre(sighting) : track_generic(sighting);
  }
}

void note_first(Context& c, const Walk& walk, const Verdict& verdict) {
  ConntrackEntry& entry = c.filter.conntrack.pending.mut(walk.tracking.entry).entry;
  entry.tcp = verdict.tcp;
  entry.timeout_s = verdict.timeout_s;
  entry.packets[0] = 1;
  entry.bytes[0] = c.environment.ip_length(walk.packet);
}

// The packet that ends a flow is counted too (nf_ct_kill_acct).
void note_last(Context& c, const Walk& walk, const Verdict& verdict) {
  ConntrackEntry& entry = c.filter.conntrack.pending.mut(walk.tracking.entry).entry;
  entry.tcp = verdict.tcp;
  const std::size_t direction = walk.tracking.reply_direction() ? 1 : 0;
  ++entry.packets[direction];
  entry.bytes[direction] += c.environment.ip_length(walk.packet);
}

std::uint16_t status_after(const ConntrackEntry& entry, const Walk& walk, bool assured) {
  unsigned status = entry.status;
  if (assured) status |= ConntrackStatus::assured;
  if (walk.tracking.info == CtInfo::established_reply) status |= ConntrackStatus::seen_reply;
  return static_cast<std::uint16_t>(status);
}

// Makes true what the tracker said about a packet of an entry in the table.
void note_seen(Context& c, const Walk& walk, const Verdict& verdict) {
  const ConntrackEntry& entry = c.visible.conntrack[walk.tracking.entry];
  const bool counted = verdict.judgement == Judgement::accepted;
  trace::ConntrackSeen seen;
  seen.entry = walk.tracking.entry;
  seen.packet = walk.packet.id;
  seen.bytes = counted ? c.environment.ip_length(walk.packet) : 0;
  seen.status = verdict.judgement == Judgement::invalid ? entry.status : status_after(entry, walk, verdict.assured);
  seen.tcp = static_cast<std::uint8_t>(verdict.tcp);
  seen.reply = walk.tracking.reply_direction();
  seen.timeout_s = verdict.judgement == Judgement::passed ? trace::ConntrackSeen::keep_timeout : verdict.timeout_s;
  const bool timeout_kept = seen.timeout_s == trace::ConntrackSeen::keep_timeout;
  if (!counted && timeout_kept && seen.status == entry.status && verdict.tcp == entry.tcp) return;
  change(c, seen);
}

// Acts on a verdict; false: the entry was over, look again.
bool settle(Context& c, Walk& walk, const Verdict& verdict) {
  if (!walk.tracking.confirmed) {
    if (verdict.judgement != Judgement::invalid) return note_first(c, walk, verdict), true;
    release_pending(c, walk.tracking.entry);
    return set_invalid(walk), true;
  }
  switch (verdict.judgement) {
    case Judgement::reopens:
      destroy_entry(c, walk.tracking.entry);
      return false;
    case Judgement::ends: {
      const std::uint16_t status = status_after(entry_of(c, walk.tracking), walk, false);
      walk.tracking.entry = detach_entry(c, walk.tracking.entry, status);
      walk.tracking.confirmed = false;
      note_last(c, walk, verdict);
      return true;
    }
    case Judgement::invalid:
      note_seen(c, walk, verdict);
      set_invalid(walk);
      return true;
    default:
      note_seen(c, walk, verdict);
      return true;
  }
}

}  // namespace

bool track(Context& c, Walk& walk) {
  const CtInfo before = walk.tracking.info;
  if (before != CtInfo::none && before != CtInfo::invalid) return true;
  set_invalid(walk);
  if (has_bad_checksum(c, walk)) return true;
  if (is_icmp(walk.packet.protocol) && track_icmp_message(c, walk)) return true;
  for (;;) {
    const Lookup lookup = look_up(c, walk);
    if (lookup != Lookup::found) return lookup != Lookup::full;
    if (settle(c, walk, ask_tracker(c, walk))) return true;
  }
}

void set_untracked(Walk& walk) {
  if (walk.tracking.has_entry()) return;
  walk.tracking = {none, CtInfo::untracked, false};
}

const ConntrackEntry& entry_of(const Context& c, const Tracking& tracking) {
  return tracking.confirmed ? c.visible.conntrack[tracking.entry] : c.filter.conntrack.pending[tracking.entry].entry;
}

void set_mark(Context& c, const Tracking& tracking, std::uint32_t mark) {
  if (entry_of(c, tracking).mark == mark) return;
  if (tracking.confirmed) return change(c, trace::ConntrackMarked{tracking.entry, mark});
  c.filter.conntrack.pending.mut(tracking.entry).entry.mark = mark;
}

void attach(Context& c, const Walk& cause, Walk& answer) {
  if (!cause.tracking.has_entry()) return;
  answer.tracking = cause.tracking;
  answer.tracking.info = cause.tracking.reply_direction() ? CtInfo::related : CtInfo::related_reply;
  hold(c.filter, answer.tracking);
}

void hold(Netfilter& filter, const Tracking& tracking) {
  if (is_pending(tracking)) ++filter.conntrack.pending.mut(tracking.entry).references;
}

void close_rejected(Context& c, const Walk& rejected) {
  if (!rejected.tracking.has_entry()) return;
  const ConntrackEntry& entry = entry_of(c, rejected.tracking);
  if (entry.protocol != Protocol::tcp || entry.tcp == state::TcpTracking::close) return;
  if (!rejected.tracking.confirmed) {
    c.filter.conntrack.pending.mut(rejected.tracking.entry).entry.tcp = state::TcpTracking::close;
    return;
  }
  trace::ConntrackSeen closed;
  closed.entry = rejected.tracking.entry;
  closed.packet = rejected.packet.id;
  closed.timeout_s = c.mine().conntrack.tcp_timeout(state::TcpTracking::close);
  closed.status = entry.status;
  closed.tcp = static_cast<std::uint8_t>(state::TcpTracking::close);
  change(c, closed);
}

}  // namespace fourtuple::netfilter
