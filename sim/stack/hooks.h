// Where a packet's path meets netfilter: the walk of a packet through one host, and what the stack does with a verdict.
#pragma once

#include "sim/netfilter/context.h"
#include "sim/netfilter/rules/model.h"
#include "sim/stack/context.h"

namespace fourtuple::stack {

using netfilter::Walk;
using nft::HookPoint;

// What made a packet of this host: a socket, or (an ICMP error, a reset) another packet on its walk.
struct Origin {
  SocketId socket;
  const Walk* cause = nullptr;
  bool kernel_icmp = false;           // Walk::kernel_icmp
  netfilter::Tracking tracking = {};  // how the packet is tied to connection tracking from the start, if it is
  bool from_synproxy = false;         // Walk::from_synproxy
};

// Whether the host has a ruleset: all others skip netfilter.
inline bool filtered(const Context& c, HostId host) {
  return c.system.hosts[host.value].filtered;
}

// Runs the hook. False: the packet is gone, its sender told where the rule says so, and the drop recorded at `stage`.
bool pass_hook(Context& c, HostId host, Walk& walk, HookPoint point, trace::Stage stage);
// The packet leaves netfilter's care before its last hook: dropped by routing, TTL or size.
void abandon_walk(Context& c, HostId host, Walk& walk);

// The walk of a packet this host makes: a socket's owner, an answer's relation to the flow of its cause.
void begin_walk(Context& c, HostId host, Walk& walk, const Origin& origin);
// What sk_buff keeps over lo: a packet that leaves by lo comes back in with its conntrack entry and mark.
void keep_over_loopback(Context& c, const Walk& walk);
void resume_after_loopback(Context& c, Walk& walk);

// Loads or changes the ruleset of a host. `ruleset` is its place in the trace's table of rulesets.
void load_ruleset(Context& c, HostId host, const netfilter::Model& model, const nft::Script& source,
                  std::uint32_t ruleset);

}  // namespace fourtuple::stack
