#include "sim/replay/drop_causes.h"

#include <gtest/gtest.h>

#include "tests/sim/replay/ruleset_builder.h"

namespace fourtuple::replay {
namespace {

using fourtuple::test::Judging;
using fourtuple::test::RulesetBuilder;
using fourtuple::test::TraceBuilder;
using trace::RuleVerdict;

struct Made {
  TraceBuilder builder;
  RulesetBuilder rules;
  std::uint32_t input = 0;

  explicit Made(trace::Level level) : builder(level) {
    input = rules.base_chain("input", "input", "drop");
    rules.rule({{"tcp dport 22", "tcp dport"}, {"drop", ""}});
    rules.load(builder, 0, 1);
    for (int i = 0; i < 3; ++i) builder.send(1000, 0, 1, builder.tcp(0, 1, 50432, 22, TcpFlag::syn));
    Judging by_rule(builder, 2000, 1, {0}), by_policy(builder, 2000, 1, {1}), elsewhere(builder, 2000, 1, {2});
    by_rule.verdict(input, 0, RuleVerdict::drop);
    by_policy.policy(input, RuleVerdict::drop);
    elsewhere.verdict(input, 0, RuleVerdict::accept);
    by_policy.drop(trace::Stage::input);
    by_rule.drop(trace::Stage::input);
    elsewhere.drop(trace::Stage::transport_lookup, trace::DropReason::no_socket);
  }
};

TEST(DropCauses, name_the_rule_or_the_policy_in_order_of_the_drops) {
  Made made(trace::Level::stages);
  const std::vector<DropCause> causes = drop_causes(made.builder.trace());
  ASSERT_EQ(causes.size(), 3u);
  EXPECT_EQ(causes[0].packet, PacketId{1});
  EXPECT_EQ(rule_text(made.builder.trace(), causes[0]),
            "the policy of chain inet filter input: no rule accepted the packet");
  EXPECT_EQ(rule_text(made.builder.trace(), causes[1]), "rule 1 of chain inet filter input: tcp dport 22 drop");
  EXPECT_EQ(causes[2].reason, trace::DropReason::no_socket);
  EXPECT_EQ(causes[2].rule, DropCause::none);
}

TEST(DropCauses, do_not_know_the_rule_in_a_trace_of_facts) {
  Made made(trace::Level::facts);
  const std::vector<DropCause> causes = drop_causes(made.builder.trace());
  ASSERT_EQ(causes.size(), 3u);
  EXPECT_EQ(causes[1].reason, trace::DropReason::rule);
  EXPECT_EQ(rule_text(made.builder.trace(), causes[1]), "a rule; this trace does not tell which");
}

}  // namespace
}  // namespace fourtuple::replay
