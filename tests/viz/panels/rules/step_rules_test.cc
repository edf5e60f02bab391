#include <gtest/gtest.h>

#include "sim/replay/step.h"
#include "sim/trace/codec.h"
#include "tests/viz/panels/nat_story.h"

namespace fourtuple::viz {
namespace {

using replay::Direction;
using replay::Grain;
using test::NatBench;

std::vector<std::uint64_t> forward(NatBench& bench, Grain grain, const replay::Selection& about) {
  std::vector<std::uint64_t> records;
  bench.cursor.seek_position(0);
  while (const auto step = replay::step(bench.indexes, grain, Direction::forward, bench.cursor.position(), about)) {
    records.push_back(step->record);
    bench.cursor.seek_record(step->record);
  }
  return records;
}

TEST(StepByRule, stops_once_at_each_rule_the_packet_met) {
  NatBench bench;
  replay::Selection about;
  about.packet = bench.story->in_syn;
  std::vector<std::uint32_t> rules;
  for (const std::uint64_t record : forward(bench, Grain::rule, about)) {
    const trace::Slot* slot = bench.story->trace.at(record);
    rules.push_back(slot->kind == trace::Kind::rule_verdict ? trace::unpack_rule_verdict(slot).rule
                                                            : trace::unpack_rule_expression(slot).rule);
  }
  EXPECT_EQ(rules, (std::vector<std::uint32_t>{0, 5, 6, 7, 8, 9, 10, 1, trace::RuleVerdictReached::policy}));
}

TEST(StepByRule, walks_the_same_records_back) {
  for (const Grain grain : {Grain::rule, Grain::expression}) {
    NatBench bench;
    replay::Selection about;
    about.packet = bench.story->ssh;
    about.host = bench.story->router;
    std::vector<std::uint64_t> records = forward(bench, grain, about);
    ASSERT_GE(records.size(), grain == Grain::rule ? 5u : 9u);
    std::vector<std::uint64_t> back = {records.back()};
    bench.cursor.seek_record(records.back());
    while (const auto step = replay::step(bench.indexes, grain, Direction::backward, bench.cursor.position(), about)) {
      back.push_back(step->record);
      bench.cursor.seek_record(step->record);
    }
    std::reverse(back.begin(), back.end());
    EXPECT_EQ(back, records);
  }
}

TEST(StepByRule, finds_nothing_on_hosts_without_rules) {
  NatBench bench;
  replay::Selection about;
  about.host = bench.story->carol;
  EXPECT_TRUE(forward(bench, Grain::expression, about).empty());
}

}  // namespace
}  // namespace fourtuple::viz
