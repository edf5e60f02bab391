// Sentences about rules for a person: chains, rules, statements, verdicts. Rules count from 1, as a reader does.
#pragma once

#include <string>

#include "sim/replay/rule_walk.h"

namespace fourtuple::replay {

// "inet filter forward"
std::string chain_name(const trace::RulesetInfo& ruleset, std::uint32_t chain);
// "chain inet filter forward (hook forward, priority filter, policy drop)", "chain inet filter ssh, by jump from rule
// 3"
std::string chain_words(const trace::RulesetInfo& ruleset, const WalkEntry& entry);
// "rule 2: tcp dport 22 drop"
std::string rule_words(const trace::RulesetInfo& ruleset, std::uint32_t rule);
// What came of a statement: "the packet has 443"; "" when there is nothing to say. `packet` as it is at that moment,
// `ipv6` its family.
std::string expression_remark(const trace::RulesetInfo& ruleset, const WalkEntry& entry, const Packet& packet,
                              bool ipv6);
// "jump to chain ssh", "accept: this chain lets the packet pass"
std::string verdict_words(const trace::RulesetInfo& ruleset, const WalkEntry& entry);
// "source 192.168.1.2:50432 → 198.51.100.1:50432"
std::string rewrite_words(const trace::Tables& tables, const WalkEntry& entry);
// What dropped the packet: "rule 2 of chain inet filter forward: tcp dport 22 drop", "the policy of chain …".
std::string cause_words(const trace::RulesetInfo& ruleset, std::uint32_t chain, std::uint32_t rule);

// The same when no verdict is known: one of a trace without them, or NAT and conntrack themselves.
std::string unknown_cause_words(const trace::Trace& trace);

}  // namespace fourtuple::replay
