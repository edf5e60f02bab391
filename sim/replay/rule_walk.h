// A packet's way through hosts, hooks, chains, rules and statements as a flat list in order of time: what `why` prints
// and the window's rules panel marks. The steps outside of rules are those of its journey (journey.h).
//
// A rule that was looked at and did not match has an entry too. In a trace of level `stages` nobody recorded its
// statements; it is known from the rules of its chain that matched after it. A trace of facts tells no rules at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/replay/journey.h"
#include "sim/replay/value_text.h"
#include "sim/state/netfilter.h"
#include "sim/trace/ruleset.h"

namespace fourtuple::replay {

enum class WalkKind : std::uint8_t {
  step,         // of the journey: RuleWalk::journey[journey]
  chain,        // entered: a base chain, or by a jump or goto
  rule,         // looked at; its statements follow, then its verdict when it matched
  expression,   // one statement of a rule
  verdict,      // of the rule before it
  policy,       // a base chain ended and its policy decided
  chain_end,    // a regular chain ended without a verdict
  tracked_new,  // conntrack made an entry
  tracked,      // conntrack knew the packet's flow
  rewritten,    // NAT or a rule changed the headers
  logged,
};

enum class ChainEntry : std::uint8_t { base, jump, goto_ };

struct WalkEntry {
  static constexpr std::uint32_t none = 0xffffffffu;

  WalkKind kind = WalkKind::step;
  Time at;
  HostId host;
  std::uint64_t record = 0;  // position of the record that tells it; a chain or rule: of its first record
  std::uint32_t depth = 0;   // chains, rules and what is in them: jumps from the base chain
  std::size_t journey = 0;   // step
  // chain, rule, expression, verdict, policy, chain_end, logged: numbers in Tables::rulesets and there.
  std::uint32_t ruleset = none;
  std::uint32_t chain = none;
  std::uint32_t rule = none;
  std::uint32_t expression = none;  // in RulesetInfo::expressions
  ChainEntry entered = ChainEntry::base;
  std::uint32_t target = none;  // verdict jump or goto: the chain; chain entered from a rule: that rule
  bool matched = false;         // rule: to its end
  trace::ExpressionResult result = trace::ExpressionResult::matched;
  std::string remark;             // expression: "the packet has 443"; "" when there is nothing to say
  std::string value;              // expression: what the packet had; "" when nothing was compared
  state::NetfilterObject object;  // expression with a counter, quota or limit: its values afterwards
  trace::RuleVerdict verdict = trace::RuleVerdict::accept;
  trace::CtInfo ct = trace::CtInfo::none;
  std::uint32_t mark = 0;       // verdict, policy, chain_end: of the packet
  std::uint32_t flow = none;    // tracked_new, tracked, rewritten: conntrack entry if one is behind it
  state::ConntrackEntry entry;  // tracked_new, tracked: afterwards
  Packet before, after;         // rewritten; with `inner` the packet that this ICMP error quotes
  bool inner = false;
  std::string words;  // one line for a person, without time and place
};

struct RuleWalk {
  PacketId packet;
  Fate fate = Fate::under_way;
  std::vector<JourneyStep> journey;
  std::vector<WalkEntry> entries;
  // The verdict or policy that dropped the packet, in `entries`; WalkEntry::none: no rule did or it is not recorded.
  std::uint32_t cause = WalkEntry::none;
  std::string fate_words;  // "dropped on router by rule 2 of chain inet filter forward: tcp dport 22 drop"

  // The last entry at or before a boundary (Cursor::position()); entries.size() before the first.
  std::size_t at(std::uint64_t boundary) const;
};

// Empty for a packet that is not in the trace.
RuleWalk walk_of(const Indexes& indexes, const Cursor& cursor, PacketId packet, const ValueText& value = hex_value);

}  // namespace fourtuple::replay
