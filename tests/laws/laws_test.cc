// Laws that hold of every scenario, whatever it shows.
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "sim/base/random.h"
#include "sim/replay/cursor.h"
#include "sim/state/digest.h"
#include "sim/trace/difference.h"
#include "sim/trace/digest.h"
#include "sim/trace/file.h"
#include "tests/laws/scenarios.h"

namespace fourtuple::app {
namespace {

// Scenarios beyond this many fact records are checked with facts alone: deeper levels would take minutes.
constexpr std::uint64_t large = 1'000'000;

// A trace of the same tables and records.
trace::Trace copy_of(const trace::Trace& original) {
  trace::Trace copy(original.level());
  copy.mutable_tables() = original.tables();
  for (std::uint64_t at = original.first(); at < original.published(); at = original.next(at))
    copy.append_slots(original.at(at), 1u + original.at(at)->extra);
  copy.publish();
  return copy;
}

std::string difference_of(const trace::Trace& a, const trace::Trace& b) {
  const auto difference = trace::first_difference(a, b, trace::Compared::everything);
  return difference ? difference->to_string() : "";
}

class EveryScenario : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    scenario_ = scenario_of(GetParam(), changes_for_tests(GetParam()));
    if (HasFailure()) GTEST_SKIP() << "the scenario has errors";
  }
  world::Scenario scenario_;
};

TEST_P(EveryScenario, meets_its_expectations) {
  EXPECT_THAT(unmet_expectations(scenario_of(GetParam())), testing::IsEmpty());
}

TEST_P(EveryScenario, runs_alike_twice_in_any_slices_and_at_any_level) {
  const ScenarioRun whole = run_of(scenario_, trace::Level::facts);
  ScenarioRun sliced(scenario_, scenario_.seed, trace::Level::facts);
  const Duration slice = Duration{whole.now().ns / 7 + 1};
  for (Time limit{0}; sliced.advance(limit);) limit = limit + slice;
  EXPECT_EQ(difference_of(whole.trace(), sliced.trace()), "");
  EXPECT_EQ(whole.now(), sliced.now());
  if (count_records(whole.trace()) > large) return;
  for (const trace::Level level : {trace::Level::stages, trace::Level::expressions}) {
    const ScenarioRun deep = run_of(scenario_, level);
    EXPECT_EQ(trace::digest_of(whole.trace()), trace::digest_of(deep.trace()))
        << trace::first_difference(whole.trace(), deep.trace())->to_string();
  }
}

TEST_P(EveryScenario, continues_alike_from_a_copied_world) {
  const ScenarioRun whole = run_of(scenario_, trace::Level::facts);
  const Time end = whole.now();
  for (const int tenths : {0, 3, 8}) {
    SCOPED_TRACE(testing::Message() << "copied after " << tenths << " tenths of the run");
    trace::Trace first(trace::Level::facts);
    world::World world(scenario_, scenario_.seed, first);
    world.run_until(Time{end.ns / 10 * tenths}, first);
    first.publish();
    world::World copied = world;
    trace::Trace second = copy_of(first);
    // The copy runs first: a page it shares with the original must not carry its writes over.
    copied.run_until(end, second);
    second.publish();
    world.run_until(end, first);
    first.publish();
    EXPECT_EQ(difference_of(first, second), "");
    EXPECT_EQ(difference_of(whole.trace(), first), "");
    EXPECT_EQ(state::state_digest(world.system().visible), state::state_digest(copied.system().visible));
  }
}

TEST_P(EveryScenario, shows_the_same_state_however_an_instant_is_reached) {
  const ScenarioRun facts = run_of(scenario_, trace::Level::facts);
  const bool is_large = count_records(facts.trace()) > large;
  const ScenarioRun deep =
      is_large ? run_of(scenario_, trace::Level::facts) : run_of(scenario_, trace::Level::expressions);
  const trace::Trace& trace = deep.trace();
  replay::Cursor cursor(trace, 1u << 20);

  Random random(scenario_.seed, "laws");
  std::vector<std::uint64_t> boundaries{0, cursor.index().end()};
  for (int i = 0; i < 24; ++i)
    boundaries.push_back(cursor.index().boundary_after(
        Time{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(deep.now().ns) + 1))}));
  for (int i = 0; i < 24; ++i)
    boundaries.push_back(cursor.index().position_of(random.below(cursor.index().records() + 1)));
  std::vector<std::uint64_t> sorted = boundaries;
  std::sort(sorted.begin(), sorted.end());
  std::map<std::uint64_t, std::uint64_t> expected;
  replay::NetState fresh = replay::initial_state(trace);
  for (const std::uint64_t boundary : sorted) {
    replay::fold_to(fresh, trace, boundary);
    expected[boundary] = state::state_digest(fresh.state);
  }
  EXPECT_EQ(fresh.refused, 0u) << "the fold refused records of a sound trace";

  const auto check = [&](const std::vector<std::uint64_t>& order, const char* how) {
    for (const std::uint64_t boundary : order) {
      cursor.seek_position(boundary);
      ASSERT_EQ(state::state_digest(cursor.state()), expected[boundary]) << how << ", boundary " << boundary;
    }
  };
  check(sorted, "forwards");
  std::reverse(sorted.begin(), sorted.end());
  check(sorted, "backwards");
  check(boundaries, "at random");
}

// What the viewer folds from the trace is what the World knew.
TEST_P(EveryScenario, folds_to_the_state_of_the_world) {
  const ScenarioRun facts = run_of(scenario_, trace::Level::facts);
  if (count_records(facts.trace()) > large) GTEST_SKIP() << "too large to record everything";
  const ScenarioRun run = run_of(scenario_, trace::Level::expressions);
  const replay::NetState folded = replay::fold(run.trace(), run.trace().published());
  EXPECT_EQ(state::state_digest(folded.state), state::state_digest(run.world().system().visible));
}

TEST_P(EveryScenario, is_the_same_after_saving_and_loading) {
  const ScenarioRun run = run_of(scenario_, trace::Level::facts);
  const std::string bytes = trace::save_to_string(run.trace());
  const auto loaded = trace::load_from_memory(bytes, "a saved trace");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().to_string();
  EXPECT_EQ(difference_of(run.trace(), *loaded), "");
  EXPECT_EQ(trace::digest_of(run.trace()), trace::digest_of(*loaded));
  EXPECT_EQ(run.trace().end_time(), loaded->end_time());
  EXPECT_EQ(trace::save_to_string(*loaded), bytes);
}

INSTANTIATE_TEST_SUITE_P(Laws, EveryScenario, testing::ValuesIn(scenario_files()), scenario_test_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EveryScenario);

}  // namespace
}  // namespace fourtuple::app
