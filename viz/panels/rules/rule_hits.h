// How often each rule has matched, with or without a counter: where the rule_verdict records of each rule are. Only
// traces of level `stages` have them. One pass over the trace, continued when it grows.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sim/replay/indexes.h"

namespace fourtuple::viz {

class RuleHits {
 public:
  void refresh(const replay::Indexes& indexes);
  // Verdicts of the rule before `boundary`; `ruleset` as in Tables::rulesets.
  std::uint64_t count(std::uint32_t ruleset, std::uint32_t rule, std::uint64_t boundary) const;

 private:
  const trace::Trace* trace_ = nullptr;
  std::uint64_t read_ = 0;              // records before it are counted
  std::vector<std::uint32_t> current_;  // by host: its ruleset there
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint32_t>> positions_;
};

}  // namespace fourtuple::viz
