// What packets have put into the sets of a host's rules, at the cursor. Pure.
#pragma once

#include <string>
#include <vector>

#include "sim/trace/ruleset.h"
#include "viz/panel/context.h"

namespace fourtuple::viz {

struct SetRow {
  std::string set;      // "callers"
  std::string element;  // "203.0.113.70"
  std::string left;     // "59.9 s"; "" when it stays
  bool fresh = false;   // the last step put it there
};

// In the order they came, at most `most`; those that have run out are gone.
std::vector<SetRow> set_rows(const PanelContext& context, const trace::RulesetInfo& ruleset, const state::State& before,
                             std::size_t most = 50);

}  // namespace fourtuple::viz
