// What rules and NAT did: the rule behind a drop, and the entry and the rule behind changed headers.
#include <fmt/format.h>

#include "sim/replay/causes/chain_builder.h"
#include "sim/replay/rule_words.h"
#include "sim/replay/step.h"
#include "sim/trace/codec.h"

namespace fourtuple::replay {
namespace {

using trace::Kind;
using trace::RulesetInfo;
using trace::RuleVerdict;
using trace::RuleVerdictReached;

// Verdicts of one packet on one host before a record of the same instant, newest first.
std::vector<std::uint64_t> verdicts_before(const Scene& scene, PacketId packet, std::uint64_t record) {
  std::vector<std::uint64_t> found;
  for (const std::uint64_t i : scene.before(record, 2048)) {
    const trace::Slot* slot = scene.at(i);
    if (slot->kind == Kind::rule_verdict && slot->subject == packet.value) found.push_back(i);
  }
  return found;
}

std::string rule_place(const trace::RuleInfo& rule) {
  const std::string line = rule.span.line == 0 ? "" : fmt::format(", line {}", rule.span.line);
  return rule.text + line;
}

// The rules by which the packet came into a regular chain, the innermost first. A chain cannot call itself, so the
// latest jump to it is the one that is under way.
void explain_way_in(ChainBuilder& b, PacketId packet, std::uint64_t verdict, const RulesetInfo& ruleset) {
  std::uint32_t inside = trace::unpack_rule_verdict(b.scene.at(verdict)).chain;
  for (const std::uint64_t i : verdicts_before(b.scene, packet, verdict)) {
    if (inside >= ruleset.chains.size() || ruleset.chains[inside].base || b.full()) return;
    const RuleVerdictReached event = trace::unpack_rule_verdict(b.scene.at(i));
    const bool enters = event.verdict == RuleVerdict::jump || event.verdict == RuleVerdict::goto_;
    if (!enters || event.target != inside || event.rule >= ruleset.rules.size()) continue;
    const trace::RuleInfo& rule = ruleset.rules[event.rule];
    b.root(CauseRoot::none);
    b.add_root(CauseRoot::rule, i,
               fmt::format("rule {} of chain {} {} to {}", rule.number + 1, chain_name(ruleset, event.chain),
                           event.verdict == RuleVerdict::jump ? "jumps" : "goes", ruleset.chains[inside].name),
               rule_place(rule));
    inside = event.chain;
  }
}

void drop_by_policy(ChainBuilder& b, std::uint64_t verdict, const RulesetInfo& ruleset, std::uint32_t chain) {
  b.add(verdict, fmt::format("the policy of chain {} is drop", chain_name(ruleset, chain)),
        chain < ruleset.chains.size()
            ? fmt::format("{} rules were looked at, none accepted it", ruleset.chains[chain].rule_count)
            : std::string("no rule accepted it"),
        CauseTone::failed)
      .root = CauseRoot::rule;
}

// The statement of the last nat rule that decided about the packet, or none.
std::uint64_t nat_rule(ChainBuilder& b, PacketId packet, std::uint64_t record) {
  const RulesetInfo* ruleset = b.scene.ruleset(record);
  if (ruleset == nullptr) return Scene::none;
  for (const std::uint64_t i : verdicts_before(b.scene, packet, record)) {
    const RuleVerdictReached event = trace::unpack_rule_verdict(b.scene.at(i));
    if (event.rule >= ruleset->rules.size()) continue;
    const std::string& text = ruleset->rules[event.rule].text;
    for (const std::string_view word : {"masquerade", "snat", "dnat", "redirect"})
      if (text.find(word) != std::string::npos) return i;
  }
  return Scene::none;
}

void rewritten_by_rule(ChainBuilder& b, std::uint64_t verdict) {
  const RulesetInfo* ruleset = b.scene.ruleset(verdict);
  const RuleVerdictReached event = trace::unpack_rule_verdict(b.scene.at(verdict));
  if (ruleset == nullptr || event.rule >= ruleset->rules.size()) return;
  const trace::RuleInfo& rule = ruleset->rules[event.rule];
  b.add_root(CauseRoot::rule, verdict,
             fmt::format("rule {} of chain {} says so", rule.number + 1, chain_name(*ruleset, event.chain)),
             rule_place(rule));
}

}  // namespace

void explain_rule_drop(ChainBuilder& b, std::uint64_t drop) {
  const PacketId packet{b.scene.at(drop)->subject};
  const RulesetInfo* ruleset = b.scene.ruleset(drop);
  for (const std::uint64_t i : verdicts_before(b.scene, packet, drop)) {
    const RuleVerdictReached event = trace::unpack_rule_verdict(b.scene.at(i));
    if (event.verdict != RuleVerdict::drop || ruleset == nullptr) break;
    if (event.rule >= ruleset->rules.size()) return drop_by_policy(b, i, *ruleset, event.chain);
    const trace::RuleInfo& rule = ruleset->rules[event.rule];
    b.add(i, fmt::format("rule {} of chain {} drops it", rule.number + 1, chain_name(*ruleset, event.chain)),
          rule_place(rule), CauseTone::failed)
        .root = CauseRoot::rule;
    return explain_way_in(b, packet, i, *ruleset);
  }
  b.add(drop, "netfilter dropped it", unknown_cause_words(b.scene.trace()), CauseTone::failed).root = CauseRoot::rule;
  b.chain.causes.back().inferred = !b.scene.trace().wants(Kind::rule_verdict);
}

void explain_rewrite(ChainBuilder& b, std::uint64_t record) {
  const trace::PacketRewritten event = trace::unpack_packet_rewritten(b.scene.at(record));
  const std::string host = b.scene.host(b.scene.at(record)->host_id());
  if (const std::uint64_t rule = nat_rule(b, event.packet, record); rule != Scene::none)
    return rewritten_by_rule(b, rule);
  // Its entry's first packet passed before, or is this one: then the entry is confirmed behind the rewriting.
  const std::uint64_t created = b.scene.events().entry_created(event.entry, b.scene.next(record));
  std::uint64_t entry = created;
  for (const std::uint64_t i : b.scene.after(record, 256))
    if (created == EventIndex::none && b.scene.at(i)->kind == Kind::conntrack_created) entry = i;
  if (entry == EventIndex::none) {
    return b.add_root(CauseRoot::setting, record, fmt::format("{} translates between its networks", host),
                      "`nat:` of this host, or a rule that changes headers");
  }
  const trace::ConntrackCreated made = trace::unpack_conntrack_created(b.scene.at(entry));
  b.add(entry, fmt::format("{} had made an entry for this conversation", host),
        fmt::format("{}:{} to {}:{}; answers to port {} belong to it", b.scene.address(made.original_source),
                    made.original_source_port, b.scene.address(made.original_destination),
                    made.original_destination_port, made.reply_destination_port),
        CauseTone::rewritten);
  if (const std::uint64_t rule = nat_rule(b, made.packet, entry); rule != Scene::none)
    return rewritten_by_rule(b, rule);
  if (b.scene.ruleset(entry) == nullptr) {
    return b.add_root(CauseRoot::setting, entry, fmt::format("{} translates between its networks", host),
                      "`nat:` of this host");
  }
  explain_made(b, made.packet);
}

}  // namespace fourtuple::replay
