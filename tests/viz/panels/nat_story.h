// A home router with NAT and a firewall: anna goes out through masquerading, carol comes in through a forwarded port,
// and carol's try on port 22 is dropped by a rule of the input chain.
#pragma once

#include <memory>

#include "tests/viz/panels/ruleset_text.h"
#include "tests/viz/panels/story.h"

namespace fourtuple::viz::test {

struct NatStory {
  trace::Trace trace;
  HostId anna, nas, router, carol;
  PacketId out_syn, out_answer, in_syn, in_answer, ssh;
  std::uint32_t out_entry = 0, in_entry = 1;
};

std::unique_ptr<NatStory> make_nat_story(trace::Level level = trace::Level::expressions);

struct NatBench : BenchOf<NatStory> {
  explicit NatBench(trace::Level level = trace::Level::expressions) : BenchOf(make_nat_story(level)) {
    value_text = words_of_value;
  }
  const trace::RulesetInfo& ruleset() const { return story->trace.tables().rulesets.front(); }
  // Right after the record in which `packet` met statement `expression` of the rule with `part` in its text.
  void seek_expression(PacketId packet, std::string_view part, std::uint32_t expression);
  // Right after the verdict of that rule on the packet.
  void seek_verdict(PacketId packet, std::string_view part);
};

}  // namespace fourtuple::viz::test
