// Expectations about firewalls: which rule ended a packet, what connection tracking holds, what a rule has counted.
#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "app/expect/expect.h"
#include "sim/replay/listing.h"
#include "sim/trace/describe_netfilter.h"

namespace fourtuple::app {
namespace {

using state::ConntrackEntry;
using state::ConntrackStatus;
using world::Expectation;
using world::nothing;

// Whether `wanted` ("2", or a part of its text) means that rule.
bool is_rule(const trace::RuleInfo& rule, std::string_view wanted) {
  std::uint32_t number = 0;
  const auto [end, fault] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  if (fault == std::errc() && end == wanted.data() + wanted.size()) return rule.number + 1 == number;
  return rule.text.find(wanted) != std::string::npos;
}

std::string rule_words(const trace::RulesetInfo& ruleset, const trace::RuleVerdictReached& verdict) {
  std::string chain = trace::chain_text(ruleset, verdict.chain);
  if (verdict.rule == trace::RuleVerdictReached::policy) return fmt::format("the policy of {}", chain);
  if (verdict.rule >= ruleset.rules.size()) return chain;
  const trace::RuleInfo& rule = ruleset.rules[verdict.rule];
  return fmt::format("rule {} of {}: {}", rule.number + 1, chain, rule.text);
}

// The rule whose verdict ended the packet, as the last record before its end that says drop.
bool find_verdict(const Evidence& evidence, PacketId id, std::uint64_t end, trace::RuleVerdictReached& found) {
  const trace::Trace& trace = evidence.trace();
  bool known = false;
  for (std::uint64_t at = evidence.indexes().packets().created(id); at < end; at = trace.next(at)) {
    const trace::Slot* slots = trace.at(at);
    if (slots->kind != trace::Kind::rule_verdict || slots->subject != id.value) continue;
    const trace::RuleVerdictReached verdict = trace::unpack_rule_verdict(slots);
    if (verdict.verdict != trace::RuleVerdict::drop) continue;
    found = verdict;
    known = true;
  }
  return known;
}

bool in_state(const ConntrackEntry& entry, std::string_view wanted) {
  if (wanted.empty()) return true;
  if (wanted == "UNREPLIED") return (entry.status & ConntrackStatus::seen_reply) == 0;
  if (wanted == "ASSURED") return (entry.status & ConntrackStatus::assured) != 0;
  return trace::tracking_name(static_cast<std::uint8_t>(entry.tcp)) == wanted;
}

bool is_tracked(const Evidence& evidence, const Expectation& wanted, const ConntrackEntry& entry) {
  const auto fits = [&](const std::optional<world::EndpointPattern>& pattern, AddressId address, std::uint16_t port) {
    return !pattern || evidence.matches(*pattern, address, port);
  };
  const bool protocol = wanted.protocol == Protocol::none || wanted.protocol == entry.protocol ||
                        (wanted.protocol == Protocol::icmp && entry.protocol == Protocol::icmpv6);
  return protocol && in_state(entry, wanted.connection_state) &&
         fits(wanted.original_from, entry.original.source, entry.original.source_port) &&
         fits(wanted.original_to, entry.original.destination, entry.original.destination_port) &&
         fits(wanted.reply_from, entry.reply.source, entry.reply.source_port) &&
         fits(wanted.reply_to, entry.reply.destination, entry.reply.destination_port);
}

}  // namespace

bool was_dropped_by_rule(Evidence& evidence, PacketId id, std::string_view chain, std::string_view rule) {
  const std::uint64_t end = evidence.indexes().packets().end(id);
  trace::RuleVerdictReached verdict;
  if (end == replay::PacketIndex::none || !find_verdict(evidence, id, end, verdict)) return false;
  const trace::RulesetInfo* ruleset =
      replay::ruleset_of(evidence.tables().rulesets, evidence.state_before(end), evidence.trace().at(end)->host_id());
  if (ruleset == nullptr) return false;
  if (!chain.empty() && trace::chain_text(*ruleset, verdict.chain) != chain) return false;
  if (rule.empty()) return true;
  if (verdict.rule == trace::RuleVerdictReached::policy) return rule == "policy";
  return verdict.rule < ruleset->rules.size() && is_rule(ruleset->rules[verdict.rule], rule);
}

std::string dropping_rule(Evidence& evidence, PacketId id) {
  const std::uint64_t end = evidence.indexes().packets().end(id);
  trace::RuleVerdictReached verdict;
  if (end == replay::PacketIndex::none || !find_verdict(evidence, id, end, verdict)) return "";
  const trace::RulesetInfo* ruleset =
      replay::ruleset_of(evidence.tables().rulesets, evidence.state_before(end), evidence.trace().at(end)->host_id());
  return ruleset == nullptr ? "" : rule_words(*ruleset, verdict);
}

std::string judge_conntrack(Evidence& evidence, const Expectation& expectation) {
  const Time at = instant_of(evidence, expectation);
  const state::State& state = evidence.state_at(at);
  std::uint64_t fitting = 0, all = 0;
  for (std::uint32_t id = 0; id < state.conntrack.end(); ++id) {
    if (!state.conntrack.alive(id)) continue;
    const ConntrackEntry& entry = state.conntrack[id];
    if (entry.host.value != expectation.host || entry.expires <= at) continue;
    ++all;
    if (is_tracked(evidence, expectation, entry)) ++fitting;
  }
  if (expectation.count.contains(fitting)) return "";
  return fmt::format("there were {} such entries of {}", fitting, all);
}

std::string judge_rule(Evidence& evidence, const Expectation& expectation) {
  const state::State& state = evidence.state_at(instant_of(evidence, expectation));
  const trace::RulesetInfo* ruleset = replay::ruleset_of(evidence.tables().rulesets, state, HostId{expectation.host});
  if (ruleset == nullptr) return "the host had no ruleset";
  for (const trace::RuleInfo& rule : ruleset->rules) {
    if (trace::chain_text(*ruleset, rule.chain) != expectation.chain || !is_rule(rule, expectation.rule)) continue;
    for (std::uint32_t i = 0; i < rule.expression_count; ++i) {
      const std::uint32_t object = ruleset->expressions[rule.first_expression + i].object;
      const bool counter = std::any_of(ruleset->objects.begin(), ruleset->objects.end(), [&](const auto& known) {
        return known.id == object && known.kind == trace::NetfilterObjectKind::counter;
      });
      if (!counter || object >= state.objects.size()) continue;
      const std::uint64_t packets = state.objects[object].first;
      return expectation.count.contains(packets) ? "" : fmt::format("it had counted {}", packets);
    }
    return fmt::format("the rule '{}' has no counter", rule.text);
  }
  return fmt::format("there is no such rule in {}", expectation.chain);
}

}  // namespace fourtuple::app
