#include "viz/panels/rules/rule_hits.h"

#include <algorithm>

#include "sim/state/netfilter.h"
#include "sim/trace/codec.h"

namespace fourtuple::viz {

void RuleHits::refresh(const replay::Indexes& indexes) {
  const trace::Trace& trace = indexes.trace();
  if (trace_ != &trace) *this = {};
  trace_ = &trace;
  for (read_ = trace.skip_padding(read_); read_ < indexes.end(); read_ = trace.next(read_)) {
    const trace::Slot* record = trace.at(read_);
    if (record->kind != trace::Kind::ruleset_loaded && record->kind != trace::Kind::rule_verdict) continue;
    if (current_.size() <= record->host) current_.resize(std::size_t{record->host} + 1, state::no_ruleset);
    if (record->kind == trace::Kind::ruleset_loaded) {
      current_[record->host] = trace::unpack_ruleset_loaded(record).ruleset;
      continue;
    }
    const std::uint32_t rule = trace::unpack_rule_verdict(record).rule;
    if (rule < trace::RuleVerdictReached::chain_end)
      positions_[{current_[record->host], rule}].push_back(static_cast<std::uint32_t>(read_));
  }
}

std::uint64_t RuleHits::count(std::uint32_t ruleset, std::uint32_t rule, std::uint64_t boundary) const {
  const auto found = positions_.find({ruleset, rule});
  if (found == positions_.end()) return 0;
  return static_cast<std::uint64_t>(std::lower_bound(found->second.begin(), found->second.end(), boundary) -
                                    found->second.begin());
}

}  // namespace fourtuple::viz
