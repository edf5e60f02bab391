// A run that is changed at an instant is the unchanged run up to there, in every scenario.
#include <cstring>
#include <gtest/gtest.h>

#include "sim/trace/difference.h"
#include "tests/laws/scenarios.h"

namespace fourtuple::app {
namespace {

// Slots before the first record at or after `at`.
std::uint64_t boundary_at(const trace::Trace& trace, Time at) {
  std::uint64_t boundary = trace.first();
  while (boundary < trace.published() && trace.at(boundary)->at < at) boundary = trace.next(boundary);
  return boundary;
}

// The change with the widest effect: nothing crosses the scenario's first network any more.
world::Change everything_down() {
  world::Change change;
  change.kind = world::Change::Kind::link;
  change.words = "down";
  change.network = 0;
  change.link.up = false;
  return change;
}

class ForkOfEveryScenario : public testing::TestWithParam<std::string> {};

TEST_P(ForkOfEveryScenario, is_the_same_before_the_change_and_all_along_without_one) {
  const world::Scenario scenario = scenario_of(GetParam(), changes_for_tests(GetParam()));
  ASSERT_FALSE(HasFailure());
  const ScenarioRun whole = run_of(scenario, trace::Level::facts);
  for (const int tenths : {0, 3, 8}) {
    SCOPED_TRACE(testing::Message() << "forked after " << tenths << " tenths of the run");
    const Time at{whole.now().ns / 10 * tenths};
    ScenarioRun unchanged(scenario, scenario.seed, trace::Level::facts);
    ASSERT_TRUE(unchanged.change(at, {}));
    run_to_end(unchanged);
    EXPECT_FALSE(trace::first_difference(whole.trace(), unchanged.trace()));
    EXPECT_EQ(whole.now(), unchanged.now());
    if (scenario.networks.empty()) continue;
    ScenarioRun changed(scenario, scenario.seed, trace::Level::facts);
    const world::Change change = everything_down();
    ASSERT_TRUE(changed.change(at, {&change, 1}));
    run_to_end(changed);
    const std::uint64_t boundary = boundary_at(whole.trace(), at);
    ASSERT_EQ(boundary, boundary_at(changed.trace(), at));
    for (std::uint64_t slot = 0; slot < boundary; ++slot)
      ASSERT_EQ(std::memcmp(whole.trace().at(slot), changed.trace().at(slot), sizeof(trace::Slot)), 0) << slot;
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, ForkOfEveryScenario, testing::ValuesIn(scenario_files()), scenario_test_name);

}  // namespace
}  // namespace fourtuple::app
