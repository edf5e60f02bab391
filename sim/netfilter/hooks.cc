// The hooks of one host: what is registered runs in order of priority, as nf_hook_slow does.
#include "sim/netfilter/conntrack/conntrack.h"
#include "sim/netfilter/conntrack/synproxy.h"
#include "sim/netfilter/context.h"
#include "sim/netfilter/rules/evaluate.h"

namespace fourtuple::netfilter {
namespace {

using nft::HookPoint;

// The kernel's NAT hook: a flow's first packet runs through the nat chains until one sets something up, and gets a null
// binding when none does; then every packet is translated.
HookResult run_nat(Context& c, Walk& walk, HookPoint point) {
  if (!walk.tracking.has_entry()) return {};
  const Manip manip = manip_at(point);
  if (wants_nat_rules(c, walk, manip)) {
    const auto& chains = c.mine().program->nat_chains[family_index(c.family(walk.packet))];
    for (const std::uint32_t chain : chains[static_cast<std::size_t>(point)]) {
      const HookResult result = Evaluation(c, walk, point).run(chain);
      if (result.verdict != HookVerdict::accept) return result;
      if (nat_initialized(c, walk.tracking, manip)) break;
    }
    if (!nat_initialized(c, walk.tracking, manip) && set_up_null_binding(c, walk, manip) != NatSetup::done)
      return {HookVerdict::drop};
  }
  if (!translate(c, walk, point)) return {HookVerdict::drop};
  return {};
}

// A chain of type route has the packet routed again when it changed what routing looks at.
HookResult run_chain(Context& c, Walk& walk, HookPoint point, std::uint32_t chain) {
  if (!c.mine().program->chains[chain].route) return Evaluation(c, walk, point).run(chain);
  const Packet before = walk.packet;
  const std::uint32_t mark = walk.mark;
  const HookResult result = Evaluation(c, walk, point).run(chain);
  if (result.verdict == HookVerdict::accept)
    walk.rewritten = walk.rewritten || mark != walk.mark || before.traffic_class != walk.packet.traffic_class ||
                     before.source != walk.packet.source || before.destination != walk.packet.destination;
  return result;
}

}  // namespace

bool has_hooks(const Netfilter& filter, HostId host, HookPoint point, fourtuple::Family family) {
  if (host.value >= filter.hosts.size() || filter.hosts[host.value].program == nullptr) return false;
  return !filter.hosts[host.value].program->hooks[family_index(family)][static_cast<std::size_t>(point)].empty();
}

HookResult run_hook(Context& c, Walk& walk, HookPoint point) {
  HookResult result;
  const fourtuple::Family family = c.family(walk.packet);
  if (!has_hooks(c.filter, c.host, point, family)) return result;
  for (const HookEntry& entry : c.mine().program->hooks[family_index(family)][static_cast<std::size_t>(point)]) {
    switch (entry.kind) {
      case HookKind::track:
        if (!track(c, walk)) result.verdict = HookVerdict::drop;
        break;
      case HookKind::chain:
        result = run_chain(c, walk, point, entry.chain);
        break;
      case HookKind::nat:
        result = run_nat(c, walk, point);
        break;
      case HookKind::synproxy:
        result = run_synproxy(c, walk);
        break;
      case HookKind::confirm:
        if (!confirm(c, walk)) result.verdict = HookVerdict::drop;
        break;
    }
    if (result.verdict != HookVerdict::accept) break;
  }
  // The answer to a rejected packet is related to its entry: that one stays until the answer is made.
  if (result.verdict == HookVerdict::drop) abandon(c, walk);
  return result;
}

void abandon(Context& c, Walk& walk) {
  if (walk.tracking.has_entry() && !walk.tracking.confirmed) forget(c, walk);
}

}  // namespace fourtuple::netfilter
