// The table of tracked flows: looking entries up, making and ending them. An entry begins as a pending one, outside the
// table, and enters it by insert_entry().
#pragma once

#include "sim/netfilter/conntrack/tuple.h"
#include "sim/netfilter/context.h"

namespace fourtuple::netfilter {

using state::ConntrackEntry;
using state::ConntrackStatus;

struct Found {
  std::uint32_t entry = none;  // State::conntrack id
  bool reply = false;          // the key is the entry's reply tuple
  bool valid() const { return entry != none; }
};
// The entry one of whose tuples is `key`. An expired one is destroyed on the way and not found.
Found find_entry(Context& c, const FlowKey& key);
bool is_expired(const Context& c, const ConntrackEntry& entry);

// The parts of an entry, wherever it lives. REQUIRES: tracking.has_entry().
Tracker& tracker_of(Context& c, const Tracking& tracking);
const Tracker& tracker_of(const Context& c, const Tracking& tracking);
// REQUIRES: the entry's TcpTracker says synproxied.
const SynproxyState& synproxy_of(const Context& c, const Tracking& tracking);
SynproxyState& mut_synproxy(Context& c, const Tracking& tracking);
inline bool is_pending(const Tracking& tracking) {
  return tracking.has_entry() && !tracking.confirmed;
}
inline FlowKey original_key(const ConntrackEntry& entry) {
  return {entry.original, entry.host, entry.protocol};
}
inline FlowKey reply_key(const ConntrackEntry& entry) {
  return {entry.reply, entry.host, entry.protocol};
}

// A new pending entry with one reference; none when the host has its maximum and nothing near could be evicted.
std::uint32_t begin_entry(Context& c, const FlowKey& key, const ConntrackTuple& reply);
// Gives up one reference to a pending entry; the last one frees it.
void release_pending(Context& c, std::uint32_t pending);
// Puts a pending entry's contents into the table and records it; the id, or none when there are too many entries.
// REQUIRES: neither tuple is in the table.
std::uint32_t insert_entry(Context& c, const PendingEntry& pending, PacketId packet);
// An entry that is not found by tuples: a mapping of a middlebox translator (Netfilter's other user of the visible
// table). The event's `entry` is chosen here and returned; none when there are too many.
std::uint32_t create_foreign_entry(Context& c, trace::ConntrackCreated event);
void destroy_foreign_entry(Context& c, std::uint32_t entry);
// Ends an entry of the table.
void destroy_entry(Context& c, std::uint32_t entry);
// Ends it too, but leaves a pending copy with one reference for the packet that still holds it.
std::uint32_t detach_entry(Context& c, std::uint32_t entry, std::uint16_t status);

}  // namespace fourtuple::netfilter
