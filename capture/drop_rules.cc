#include "capture/drop_rules.h"

#include <fmt/format.h>

#include "sim/trace/codec.h"

namespace fourtuple::capture {

using trace::RuleVerdictReached;

void DropRules::add(const trace::Slot* record) {
  if (record->kind == trace::Kind::ruleset_loaded)
    rulesets_[record->host_id().value] = trace::unpack_ruleset_loaded(record).ruleset;
  if (record->kind != trace::Kind::rule_verdict) return;
  const RuleVerdictReached reached = trace::unpack_rule_verdict(record);
  const auto ruleset = rulesets_.find(record->host_id().value);
  if (reached.verdict != trace::RuleVerdict::drop || ruleset == rulesets_.end()) return;
  drops_[reached.packet.value] = {ruleset->second, reached.chain, reached.rule};
}

std::string DropRules::rule_of(PacketId packet) const {
  const auto found = drops_.find(packet.value);
  const auto& rulesets = trace_->tables().rulesets;
  if (found == drops_.end() || found->second.ruleset >= rulesets.size()) return {};
  const Verdict& drop = found->second;
  const trace::RulesetInfo& rules = rulesets[drop.ruleset];
  if (drop.chain >= rules.chains.size()) return {};
  const trace::ChainInfo& chain = rules.chains[drop.chain];
  const std::string name = fmt::format("{} {} {}", chain.family, chain.table, chain.name);
  if (drop.rule == RuleVerdictReached::policy) return "the policy of " + name;
  if (drop.rule >= rules.rules.size()) return {};
  const trace::RuleInfo& rule = rules.rules[drop.rule];
  return fmt::format("rule {} of {}: {}", rule.number + 1, name, rule.text);
}

}  // namespace fourtuple::capture
