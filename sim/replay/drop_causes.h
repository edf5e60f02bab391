// Every dropped packet of a trace with the rule or policy that dropped it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/trace/trace.h"

namespace fourtuple::replay {

struct DropCause {
  static constexpr std::uint32_t none = 0xffffffffu;

  std::uint64_t record = 0;  // of the packet_dropped
  PacketId packet;
  HostId host;
  trace::DropReason reason = trace::DropReason::none;
  // For DropReason::rule, where the trace tells verdicts (level `stages`): the ruleset in Tables::rulesets, the chain
  // and the rule in it; rule may be RuleVerdictReached::policy. Else none.
  std::uint32_t ruleset = none;
  std::uint32_t chain = none;
  std::uint32_t rule = none;
};

// All published records, in order.
std::vector<DropCause> drop_causes(const trace::Trace& trace);

// "rule 2 of chain inet filter forward: tcp dport 22 drop". REQUIRES: reason is DropReason::rule.
std::string rule_text(const trace::Trace& trace, const DropCause& cause);

}  // namespace fourtuple::replay
