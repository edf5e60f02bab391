// Which rule of a simulated firewall ended a packet, for comments in exported captures.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "sim/trace/trace.h"

namespace fourtuple::capture {

class DropRules {
 public:
  explicit DropRules(const trace::Trace& trace) : trace_(&trace) {}

  // Takes in one record; every record of the trace in order.
  void add(const trace::Slot* record);
  // "rule 4 of inet filter input: tcp dport 22 drop", "the policy of inet filter input"; "" when no rule dropped it, or
  // the trace has no stages.
  std::string rule_of(PacketId packet) const;

 private:
  struct Verdict {
    std::uint32_t ruleset = 0, chain = 0, rule = 0;
  };

  const trace::Trace* trace_;
  std::map<std::uint32_t, std::uint32_t> rulesets_;  // by host: the one it has now
  std::map<std::uint32_t, Verdict> drops_;           // by packet
};

}  // namespace fourtuple::capture
