#include "sim/netfilter/conntrack/table.h"

#include <algorithm>

namespace fourtuple::netfilter {
namespace {

// Entries looked at for expiry per new entry: more than one, so that a table of dead flows drains.
constexpr std::uint32_t purged_per_new_entry = 4;
// Buckets in which an entry is looked for that may make room (early_drop).
constexpr std::uint64_t eviction_range = 8;

FlowKey key_of(const ConntrackEntry& entry, bool reply) {
  return reply ? reply_key(entry) : original_key(entry);
}

std::uint32_t& count_of(Context& c, HostId host) {
  std::vector<std::uint32_t>& counts = c.filter.conntrack.counts;
  if (counts.size() <= host.value) counts.resize(host.value + 1);
  return counts[host.value];
}

std::uint32_t take_id(ConntrackTables& tables) {
  std::uint32_t id = tables.free_id;
  if (id == none) {
    id = tables.trackers.size();
    if (id >= state::max_conntrack_entries) return none;
    tables.trackers.push_back({});
    return id;
  }
  tables.free_id = tables.trackers[id].next;
  return id;
}

bool is_synproxied(const ConntrackEntry& entry, const Tracker& tracker) {
  return entry.protocol == Protocol::tcp && tracker.tcp.synproxied;
}

void purge_expired(Context& c) {
  ConntrackTables& tables = c.filter.conntrack;
  for (std::uint32_t i = 0; i < purged_per_new_entry && tables.trackers.size() != 0; ++i) {
    if (tables.purge_at >= tables.trackers.size()) tables.purge_at = 0;
    const std::uint32_t id = tables.purge_at++;
    if (!c.visible.conntrack.alive(id)) continue;
    const ConntrackEntry& entry = c.visible.conntrack[id];
    const bool foreign = c.filter.hosts[entry.host.value].middlebox.active;
    if (!foreign && is_expired(c, entry)) destroy_entry(c, id);
  }
}

// Makes room by evicting what is expired or not assured in the first of the buckets around the new entry's that has
// any.
bool evict_near(Context& c, const FlowKey& key) {
  const ConntrackTables& tables = c.filter.conntrack;
  const std::uint64_t buckets = std::max<std::uint64_t>(c.mine().conntrack.buckets, 1);
  const std::uint64_t bucket = (hash_of(key) * buckets) >> 32;
  for (std::uint64_t i = 0; i < std::min(eviction_range, buckets); ++i) {
    const std::uint64_t at = (bucket + i) % buckets;
    const std::uint64_t first = ((at << 32) + buckets - 1) / buckets,
                        after = (((at + 1) << 32) + buckets - 1) / buckets;
    std::uint32_t victim = none;
    tables.tuples.near(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(after - first - 1),
                       [&](std::uint32_t reference) {
                         const ConntrackEntry& entry = c.visible.conntrack[reference / 2];
                         const bool assured = (entry.status & ConntrackStatus::assured) != 0;
                         if (entry.host != c.host || (assured && !is_expired(c, entry))) return true;
                         victim = reference / 2;
                         return false;
                       });
    if (victim == none) continue;
    destroy_entry(c, victim);
    return true;
  }
  return false;
}

}  // namespace

bool is_expired(const Context& c, const ConntrackEntry& entry) {
  return entry.expires <= c.now;
}

Found find_entry(Context& c, const FlowKey& key) {
  const std::uint32_t reference = c.filter.conntrack.tuples.find(hash_of(key), [&](std::uint32_t candidate) {
    return key_of(c.visible.conntrack[candidate / 2], (candidate & 1) != 0) == key;
  });
  if (reference == TupleIndex::absent) return {};
  if (is_expired(c, c.visible.conntrack[reference / 2])) {
    destroy_entry(c, reference / 2);
    return {};
  }
  return {reference / 2, (reference & 1) != 0};
}

Tracker& tracker_of(Context& c, const Tracking& tracking) {
  ConntrackTables& tables = c.filter.conntrack;
  return tracking.confirmed ? tables.trackers.mut(tracking.entry) : tables.pending.mut(tracking.entry).tracker;
}

const Tracker& tracker_of(const Context& c, const Tracking& tracking) {
  const ConntrackTables& tables = c.filter.conntrack;
  return tracking.confirmed ? tables.trackers[tracking.entry] : tables.pending[tracking.entry].tracker;
}

const SynproxyState& synproxy_of(const Context& c, const Tracking& tracking) {
  const ConntrackTables& tables = c.filter.conntrack;
  return tracking.confirmed ? tables.synproxied[tracking.entry] : tables.pending[tracking.entry].synproxy;
}

SynproxyState& mut_synproxy(Context& c, const Tracking& tracking) {
  ConntrackTables& tables = c.filter.conntrack;
  return tracking.confirmed ? tables.synproxied.mut(tracking.entry) : tables.pending.mut(tracking.entry).synproxy;
}

std::uint32_t begin_entry(Context& c, const FlowKey& key, const ConntrackTuple& reply) {
  purge_expired(c);
  const std::uint32_t max = c.mine().conntrack.max;
  if (max != 0 && count_of(c, c.host) >= max && !evict_near(c, key)) return none;
  ++count_of(c, c.host);
  const std::uint32_t id = c.filter.conntrack.pending.allocate();
  PendingEntry& pending = c.filter.conntrack.pending.mut(id);
  pending.references = 1;
  pending.entry.original = key.tuple;
  pending.entry.reply = reply;
  pending.entry.host = key.host;
  pending.entry.protocol = key.protocol;
  return id;
}

void release_pending(Context& c, std::uint32_t id) {
  Pool<PendingEntry>& pool = c.filter.conntrack.pending;
  if (--pool.mut(id).references != 0) return;
  // One that was in the table has been counted out when it left it.
  if ((pool[id].entry.status & ConntrackStatus::confirmed) == 0) --count_of(c, pool[id].entry.host);
  pool.release(id);
}

std::uint32_t insert_entry(Context& c, const PendingEntry& pending, PacketId packet) {
  ConntrackTables& tables = c.filter.conntrack;
  const std::uint32_t id = take_id(tables);
  if (id == none) return none;
  const ConntrackEntry& entry = pending.entry;
  tables.trackers.mut(id) = pending.tracker;
  if (is_synproxied(entry, pending.tracker)) {
    while (tables.synproxied.size() <= id) tables.synproxied.push_back({});
    tables.synproxied.mut(id) = pending.synproxy;
  }
  trace::ConntrackCreated created;
  created.entry = id;
  created.packet = packet;
  created.original_source = entry.original.source;
  created.original_destination = entry.original.destination;
  created.reply_source = entry.reply.source;
  created.reply_destination = entry.reply.destination;
  created.original_source_port = entry.original.source_port;
  created.original_destination_port = entry.original.destination_port;
  created.reply_source_port = entry.reply.source_port;
  created.reply_destination_port = entry.reply.destination_port;
  created.mark = entry.mark;
  created.timeout_s = entry.timeout_s;
  created.bytes = static_cast<std::uint32_t>(entry.bytes[0]);
  created.status = entry.status | ConntrackStatus::confirmed;
  created.protocol = entry.protocol;
  created.tcp = static_cast<std::uint8_t>(entry.tcp);
  change(c, created);
  tables.tuples.insert(hash_of(original_key(entry)), id * 2);
  tables.tuples.insert(hash_of(reply_key(entry)), id * 2 + 1);
  if ((entry.status & ConntrackStatus::source_nat_done) != 0)
    tables.sources.insert(tables.trackers, source_hash_of(original_key(entry)), id, [&c](std::uint32_t other) {
      return source_hash_of(original_key(c.visible.conntrack[other]));
    });
  ++count_of(c, entry.host);
  return id;
}

std::uint32_t create_foreign_entry(Context& c, trace::ConntrackCreated event) {
  event.entry = take_id(c.filter.conntrack);
  if (event.entry != none) change(c, event);
  return event.entry;
}

void destroy_foreign_entry(Context& c, std::uint32_t id) {
  if (id == none) return;
  ConntrackTables& tables = c.filter.conntrack;
  tables.trackers.mut(id).next = tables.free_id;
  tables.free_id = id;
  change(c, trace::ConntrackDestroyed{id});
}

void destroy_entry(Context& c, std::uint32_t id) {
  ConntrackTables& tables = c.filter.conntrack;
  const ConntrackEntry entry = c.visible.conntrack[id];
  tables.tuples.erase(hash_of(original_key(entry)), id * 2);
  tables.tuples.erase(hash_of(reply_key(entry)), id * 2 + 1);
  if ((entry.status & ConntrackStatus::source_nat_done) != 0)
    tables.sources.erase(tables.trackers, source_hash_of(original_key(entry)), id);
  tables.trackers.mut(id).next = tables.free_id;
  tables.free_id = id;
  --count_of(c, entry.host);
  // Another host's packet may have come upon it.
  const trace::ConntrackDestroyed destroyed{id};
  state::apply(c.visible, entry.host, destroyed);
  c.trace.append(c.now, entry.host, destroyed);
}

std::uint32_t detach_entry(Context& c, std::uint32_t id, std::uint16_t status) {
  const std::uint32_t copy = c.filter.conntrack.pending.allocate();
  PendingEntry& pending = c.filter.conntrack.pending.mut(copy);
  pending.entry = c.visible.conntrack[id];
  pending.entry.status = status | ConntrackStatus::dying;
  pending.tracker = c.filter.conntrack.trackers[id];
  if (is_synproxied(pending.entry, pending.tracker)) pending.synproxy = c.filter.conntrack.synproxied[id];
  pending.references = 1;
  destroy_entry(c, id);
  return copy;
}

}  // namespace fourtuple::netfilter
