// Connection tracking and NAT as Linux's nf_conntrack and nf_nat do them.
#pragma once

#include "sim/netfilter/context.h"

namespace fourtuple::netfilter {

// The conntrack hook (prerouting and output, priority -200): finds or makes the packet's entry and runs its protocol's
// tracker. Afterwards walk.tracking.info is never none. False: the table is full, drop the packet. A packet that
// already is tracked (loopback, attach()) or untracked is left alone. walk.in is none at output: bad checksums only
// count on the way in.
[[nodiscard]] bool track(Context& c, Walk& walk);
// `notrack`: the packet will not be tracked, unless it already is.
void set_untracked(Walk& walk);
// The last thing at input and postrouting: a new entry enters the table. False: it lost to a clash (a NAT range with no
// free port ends here), drop the packet. A packet that holds an entry outside the table otherwise (an answer to one
// that never got there, one that ended its flow) keeps it; forget() must follow when it has left or was delivered.
[[nodiscard]] bool confirm(Context& c, Walk& walk);
// The walk ends elsewhere: gives up a new entry that was never confirmed.
void forget(Context& c, Walk& walk);
// A packet this host makes in answer to `cause` (reject, ICMP error) is related to its entry (nf_ct_attach). The answer
// holds the entry until it is confirmed or forgotten itself. Nothing happens when the cause has no entry.
void attach(Context& c, const Walk& cause, Walk& answer);
// One more holds the entry of a walk that is outside the table; forget() gives it up. Nothing happens to others.
void hold(Netfilter& filter, const Tracking& tracking);
// `reject with tcp reset` was answered: the TCP connection of the rejected packet is over (nf_ct_set_closing).
void close_rejected(Context& c, const Walk& rejected);

// The entry of a walk, confirmed or not. REQUIRES: tracking.has_entry().
const state::ConntrackEntry& entry_of(const Context& c, const Tracking& tracking);
void set_mark(Context& c, const Tracking& tracking, std::uint32_t mark);
// Whether the entry is in the table and lives: expired ones only wait to be destroyed.
bool is_listed(const Context& c, std::uint32_t entry);
// Destroys all entries of the host, as `conntrack -F` does.
void flush(Context& c);

// --- NAT ---
enum class Manip : std::uint8_t { source, destination };
// Source at input and postrouting, destination at prerouting and output.
Manip manip_at(nft::HookPoint point);

struct NatRange {
  bool map_address = false, map_port = false;
  IpAddress first_address, last_address;
  std::uint16_t first_port = 0, last_port = 0;
  std::uint8_t flags = 0;      // nft::NatFlag
  InterfaceId masquerade_out;  // masquerade: the interface the packet leaves by; the mapping ends when that changes
};
enum class NatSetup : std::uint8_t { done, no_free_tuple };

bool nat_initialized(const Context& c, const Tracking& tracking, Manip manip);
// Whether the NAT chains of this hook are to be run on the packet, and, when none sets anything up, the null binding:
// only for the first packet of a flow, and never for ICMP errors.
bool wants_nat_rules(const Context& c, const Walk& walk, Manip manip);
// Chooses the new tuple for a new entry (nf_nat_setup_info). Never says no_free_tuple where Linux does not: a range
// that is full shows at confirm().
NatSetup set_up_nat(Context& c, Walk& walk, Manip manip, const NatRange& range);
// What the NAT hook does when no rule set anything up: keeps the address, changes the port only on a clash
// (nf_nat_alloc_null_binding).
NatSetup set_up_null_binding(Context& c, Walk& walk, Manip manip);
// Rewrites the packet, or what an ICMP error quotes, as its entry says. Belongs at the end of every NAT hook. False:
// drop it.
[[nodiscard]] bool translate(Context& c, Walk& walk, nft::HookPoint point);

}  // namespace fourtuple::netfilter
