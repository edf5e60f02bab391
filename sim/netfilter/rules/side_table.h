// Fills the side table of a ruleset revision (trace/ruleset.h). Internal to sim/netfilter/rules.
#pragma once

#include "sim/netfilter/rules/compile.h"
#include "sim/netfilter/rules/model.h"
#include "sim/trace/ruleset.h"

namespace fourtuple::netfilter {

// Chains, rules and expressions in the order compile() numbered them; texts as nft prints them; places in the author's
// text when all of the model comes from that one script, else in the listing.
void fill_side_table(const Model& model, const nft::Script& source, const Compiled& compiled, HostId host,
                     trace::RulesetInfo& info);

}  // namespace fourtuple::netfilter
