// Where a new entry's first walk ends: it enters the table, or is given up.
#include "sim/netfilter/conntrack/conntrack.h"
#include "sim/netfilter/conntrack/table.h"

namespace fourtuple::netfilter {
namespace {

using trace::CtInfo;

void let_go(Context& c, Walk& walk) {
  release_pending(c, walk.tracking.entry);
  walk.tracking.entry = none;
}

// Another packet of what may be the same UDP flow was faster: both then belong to its entry. The packet goes on with
// that one when it is the same flow, or when nothing was translated yet.
bool joins(Context& c, Walk& walk, std::uint32_t winner) {
  const ConntrackEntry& mine = entry_of(c, walk.tracking);
  const ConntrackEntry& other = c.visible.conntrack[winner];
  constexpr unsigned nat_done = ConntrackStatus::source_nat_done | ConntrackStatus::destination_nat_done;
  const bool same = mine.original == other.original && mine.reply == other.reply;
  if (mine.protocol != Protocol::udp || (!same && (other.status & nat_done) != 0)) return false;
  trace::ConntrackSeen seen;
  seen.entry = winner;
  seen.packet = walk.packet.id;
  seen.bytes = static_cast<std::uint32_t>(mine.bytes[0]);
  seen.timeout_s = trace::ConntrackSeen::keep_timeout;
  seen.status = other.status;
  seen.tcp = static_cast<std::uint8_t>(other.tcp);
  change(c, seen);
  let_go(c, walk);
  walk.tracking.entry = winner;
  walk.tracking.confirmed = true;
  return true;
}

}  // namespace

bool confirm(Context& c, Walk& walk) {
  if (!is_pending(walk.tracking)) return true;
  const PendingEntry& pending = c.filter.conntrack.pending[walk.tracking.entry];
  // Answers only borrow the entry; one that this packet ended has been in the table.
  if (walk.tracking.reply_direction() || (pending.entry.status & ConntrackStatus::confirmed) != 0) return true;
  Found clash = find_entry(c, original_key(pending.entry));
  if (!clash.valid()) clash = find_entry(c, reply_key(pending.entry));
  if (clash.valid()) {
    if (joins(c, walk, clash.entry)) return true;
    return let_go(c, walk), false;
  }
  const std::uint32_t id = insert_entry(c, pending, walk.packet.id);
  let_go(c, walk);
  walk.tracking.entry = id;
  walk.tracking.confirmed = id != none;
  return id != none;
}

void forget(Context& c, Walk& walk) {
  if (is_pending(walk.tracking)) let_go(c, walk);
}

bool is_listed(const Context& c, std::uint32_t entry) {
  return c.visible.conntrack.alive(entry) && !is_expired(c, c.visible.conntrack[entry]);
}

void flush(Context& c) {
  for (std::uint32_t id = 0; id < c.filter.conntrack.trackers.size(); ++id)
    if (c.visible.conntrack.alive(id) && c.visible.conntrack[id].host == c.host) destroy_entry(c, id);
}

}  // namespace fourtuple::netfilter
