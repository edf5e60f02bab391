// Stepping through rules goes back the way it came: the same records, and after each the very same state.
#include <gtest/gtest.h>

#include "sim/replay/cursor.h"
#include "sim/replay/indexes.h"
#include "sim/replay/step.h"
#include "sim/state/digest.h"
#include "tests/laws/scenarios.h"

namespace fourtuple::app {
namespace {

using replay::Direction;
using replay::Grain;

constexpr std::size_t most_steps = 400;  // of one direction; a long run has many thousands

// Counters, quotas, limits, sets and conntrack entries are part of the state, as sockets are.
struct RulePlace {
  std::uint64_t position = 0;
  std::uint64_t digest = 0;
  bool operator==(const RulePlace&) const = default;
};

RulePlace place_of(const replay::Cursor& cursor) {
  return {cursor.position(), state::state_digest(cursor.state())};
}

// Steps on while there is something, at most most_steps times; the places it stood at, the first one included.
std::vector<RulePlace> walk(const replay::Indexes& indexes, replay::Cursor& cursor, Grain grain) {
  std::vector<RulePlace> places = {place_of(cursor)};
  while (places.size() <= most_steps) {
    const auto step = replay::step(indexes, grain, Direction::forward, cursor.position(), {});
    if (!step) break;
    cursor.seek_record(step->record);
    places.push_back(place_of(cursor));
  }
  return places;
}

class EveryRuleset : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    scenario_ = scenario_of(GetParam());
    if (HasFailure()) GTEST_SKIP() << "the scenario has errors";
  }
  world::Scenario scenario_;
};

std::vector<std::string> scenarios_with_rules() {
  std::vector<std::string> files = scenario_files();
  std::erase_if(files, [](const std::string& file) {
    const auto scenario = read_scenario(file, {});
    return !scenario || std::none_of(scenario->hosts.begin(), scenario->hosts.end(),
                                     [](const world::HostSpec& host) { return host.nft != nullptr; });
  });
  return files;
}

TEST_P(EveryRuleset, is_left_backwards_as_it_was_entered) {
  const ScenarioRun run = run_of(scenario_, trace::Level::expressions);
  replay::Indexes indexes(run.trace());
  indexes.refresh();
  replay::Cursor cursor(run.trace());
  cursor.refresh();
  for (const Grain grain : {Grain::rule, Grain::expression}) {
    cursor.seek_position(cursor.index().first());
    const std::vector<RulePlace> places = walk(indexes, cursor, grain);
    EXPECT_GT(places.size(), 2u);
    for (std::size_t i = places.size() - 1; i > 0; --i) {
      const auto step = replay::step(indexes, grain, Direction::backward, cursor.position(), {});
      ASSERT_EQ(step.has_value(), i > 1) << "step " << i;
      // Before the first match lies the start.
      if (step)
        cursor.seek_record(step->record);
      else
        cursor.seek_position(cursor.index().first());
      ASSERT_EQ(place_of(cursor), places[i - 1]) << "step " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Laws, EveryRuleset, testing::ValuesIn(scenarios_with_rules()), scenario_test_name);

}  // namespace
}  // namespace fourtuple::app
