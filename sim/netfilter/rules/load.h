// Loading a ruleset into a host: model → program, side table of the trace, objects and elements.
#pragma once

#include "sim/netfilter/context.h"
#include "sim/netfilter/rules/model.h"

namespace fourtuple::netfilter {

// Answers apply_script()'s questions about elements from the State. Holds references to both.
ElementExists element_exists(const Netfilter& filter, const state::State& visible, HostId host, Time now);

// Compiles the model, fills `info` (trace/ruleset.h) with its chains, rules, spans and listing, gives new counters,
// quotas, limits and timed elements their initial values by records, and makes it the host's ruleset. Objects of rules
// that were there before (same handle) keep their values. Connection tracking starts or stops as the rules need it.
void load_ruleset(Context& c, const Model& model, const nft::Script& source, std::uint32_t ruleset_index,
                  trace::RulesetInfo& info);

}  // namespace fourtuple::netfilter
