// A scenario watched while it runs on a thread of its own.
#include "app/view/producer.h"

#include <gtest/gtest.h>

#include "app/view/documents.h"
#include "sim/replay/cursor.h"
#include "sim/replay/indexes.h"
#include "sim/trace/difference.h"
#include "tests/app/support/places.h"

namespace fourtuple::app {
namespace {

world::Scenario scenario_of(const std::string& name) {
  auto scenario = read_scenario(scenarios + name, {});
  if (scenario) return std::move(*scenario);
  ADD_FAILURE() << name;
  return {};
}

std::string difference_to_a_whole_run(const world::Scenario& scenario, const trace::Trace& shown) {
  ScenarioRun whole(scenario, scenario.seed, shown.level());
  run_to_end(whole);
  EXPECT_EQ(whole.trace().end_time(), shown.end_time());
  EXPECT_EQ(whole.trace().tables().strings.size(), shown.tables().strings.size());
  EXPECT_EQ(whole.trace().tables().addresses.size(), shown.tables().addresses.size());
  const auto difference = trace::first_difference(whole.trace(), shown, trace::Compared::everything);
  return difference ? difference->to_string() : "";
}

TEST(Producer, makes_the_trace_that_a_run_at_once_makes) {
  for (const char* name : {"first_run.yaml", "limits/downstream.yaml"}) {
    SCOPED_TRACE(name);
    const world::Scenario scenario = scenario_of(name);
    Producer producer(scenario, trace::Level::expressions, trace_budget);
    producer.finish();
    EXPECT_FALSE(producer.overflowed());
    EXPECT_EQ(difference_to_a_whole_run(scenario, producer.trace()), "");
  }
}

// Every frame takes a piece, follows it with indexes and a cursor, and goes back and forth in what is there.
TEST(Producer, is_viewed_while_it_produces) {
  const world::Scenario scenario = scenario_of("limits/downstream.yaml");
  Producer producer(scenario, trace::Level::expressions, trace_budget);
  replay::Indexes indexes(producer.trace());
  replay::Cursor cursor(producer.trace());
  Random random(1, "view");
  Time reached{0};
  for (bool growing = true; growing;) {
    const viz::Growth growth = producer.take(5000);
    growing = growth.growing;
    if (growing) {
      EXPECT_GE(growth.reached, reached);
      EXPECT_LE(growth.reached, growth.end);
      reached = growth.reached;
    }
    indexes.refresh();
    cursor.refresh(2000);
    cursor.seek_position(cursor.index().position_of(random.below(cursor.index().records() + 1)));
    EXPECT_EQ(cursor.net_state().refused, 0u);
  }
  EXPECT_EQ(indexes.end(), producer.trace().published());
  EXPECT_EQ(difference_to_a_whole_run(scenario, producer.trace()), "");
}

TEST(Producer, ends_where_it_is_stopped_and_keeps_what_it_made) {
  const world::Scenario scenario = scenario_of("limits/hundred_thousand_clients.yaml");
  Producer producer(scenario, trace::Level::facts, trace_budget);
  while (producer.take(1000).growing && producer.trace().published() < 5000) {
  }
  producer.stop();
  producer.finish();
  EXPECT_GE(producer.trace().published(), 5000u);
  replay::Cursor cursor(producer.trace());
  cursor.seek(Time::never());
  EXPECT_EQ(cursor.net_state().refused, 0u);
  EXPECT_GT(producer.trace().end_time(), Time{0});
}

TEST(Producer, says_when_the_budget_ended_the_run) {
  Producer producer(scenario_of("limits/downstream.yaml"), trace::Level::expressions, 1u << 20);
  producer.finish();
  EXPECT_TRUE(producer.overflowed());
  EXPECT_GT(producer.trace().published(), 0u);
}

}  // namespace
}  // namespace fourtuple::app
