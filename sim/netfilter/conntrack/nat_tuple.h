// How NAT chooses: which address of a range, which port, so that the answers can be told from those of other flows.
#pragma once

#include "sim/netfilter/conntrack/conntrack.h"
#include "sim/netfilter/conntrack/table.h"

namespace fourtuple::netfilter {

// The new entry that NAT is set up for, and how its packets look now.
struct NatWish {
  const PendingEntry& pending;
  ConntrackTuple tuple;
  Manip manip;
  const NatRange& range;

  Protocol protocol() const { return pending.entry.protocol; }
};

// The address of the range for this flow: the same for the same source and destination, spread over the range; with
// NatFlag::persistent the same for the same source. As Linux's find_best_ips_proto.
IpAddress choose_address(const NatRange& range, const IpAddress& source, const IpAddress& destination);
// The tuple the flow's packets are to have (get_unique_tuple). It may be taken when the range is full.
ConntrackTuple choose_tuple(Context& c, const NatWish& wish);

}  // namespace fourtuple::netfilter
