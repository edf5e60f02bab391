// Stepping back restores everything: from the end of every scenario to its start through every record, the whole state
// equals a fresh fold up to there, however the step back is asked for. Of long runs a sample of places is compared, in
// stretches of consecutive records.
#include <gtest/gtest.h>
#include <iostream>

#include "sim/replay/cursor.h"
#include "sim/replay/step.h"
#include "tests/laws/scenarios.h"
#include "tests/laws/state_fields.h"

namespace fourtuple::app {
namespace {

using fourtuple::test::fingerprint;
using fourtuple::test::first_difference;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool slowed = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool slowed = true;
#else
constexpr bool slowed = false;
#endif
#else
constexpr bool slowed = false;
#endif

// Places compared at least, and how much is compared in all: things alive, summed over the places.
constexpr std::uint64_t least_places = slowed ? 200 : 1000;
constexpr std::uint64_t most_places = slowed ? 2000 : 60'000;
constexpr std::uint64_t most_compared = slowed ? 1'000'000 : 60'000'000;
constexpr std::uint64_t stretch = 100;  // consecutive records of a sample

std::uint64_t things_in(const state::State& state) {
  return std::uint64_t{state.sockets.end()} * 2 + state.descriptors.end() + state.processes.end() +
         state.conntrack.end() + state.objects.size() + state.set_elements.end() + state.hosts.size();
}

// Numbers of the records whose places are compared, ascending: all, or stretches spread evenly from first to last.
std::vector<std::uint64_t> chosen(std::uint64_t records, std::uint64_t places) {
  std::vector<std::uint64_t> numbers;
  if (places > records) {
    for (std::uint64_t i = 0; i <= records; ++i) numbers.push_back(i);
    return numbers;
  }
  const std::uint64_t stretches = places / stretch;
  for (std::uint64_t s = 0; s < stretches; ++s) {
    const std::uint64_t begin = (records + 1 - stretch) * s / (stretches - 1);
    for (std::uint64_t i = 0; i < stretch; ++i)
      if (numbers.empty() || begin + i > numbers.back()) numbers.push_back(begin + i);
  }
  return numbers;
}

struct Place {
  std::uint64_t boundary;
  std::uint64_t fingerprint;
};

// The places with the fingerprint of a fresh fold up to each, from one pass forward.
std::vector<Place> fresh_folds(const trace::Trace& trace, const trace::Index& index,
                               const std::vector<std::uint64_t>& numbers) {
  std::vector<Place> places;
  replay::NetState fresh = replay::initial_state(trace);
  for (const std::uint64_t number : numbers) {
    replay::fold_to(fresh, trace, index.position_of(number));
    places.push_back({fresh.position, fingerprint(fresh)});
  }
  return places;
}

class StepBack : public ::testing::TestWithParam<std::string> {};

TEST_P(StepBack, restores_every_field_at_every_record) {
  const world::Scenario scenario = scenario_of(GetParam(), changes_for_tests(GetParam()));
  ASSERT_FALSE(HasFailure());
  const ScenarioRun run = run_of(scenario, trace::Level::expressions);
  const trace::Trace& trace = run.trace();
  replay::Indexes indexes(trace);
  indexes.refresh();
  const trace::Index& index = indexes.records();

  const std::uint64_t things = std::max<std::uint64_t>(things_in(replay::fold(trace, index.end()).state), 1);
  const std::uint64_t limit = std::clamp(most_compared / things, least_places, most_places);
  const auto numbers = chosen(index.records(), limit);
  if (numbers.size() <= index.records())
    std::cout << "sampled: " << numbers.size() << " of " << index.records() << " places\n";
  const auto places = fresh_folds(trace, index, numbers);

  const auto compare = [&](const replay::Cursor& cursor, const Place& place, const char* how) {
    if (cursor.position() == place.boundary && fingerprint(cursor.net_state()) == place.fingerprint) return true;
    ADD_FAILURE() << how << " to " << place.boundary << ": "
                  << first_difference(cursor.net_state(), replay::fold(trace, place.boundary));
    return false;
  };
  replay::Cursor seeking(trace), stepping(trace);
  for (std::size_t i = places.size(); i-- > 0;) {
    seeking.seek_position(places[i].boundary);
    if (!compare(seeking, places[i], "sought")) return;
    if (i + 1 == places.size() || numbers[i + 1] != numbers[i] + 1) {
      stepping.seek_position(places[i].boundary);
    } else if (const auto step =
                   replay::step(indexes, replay::Grain::record, replay::Direction::backward, stepping.position(), {})) {
      stepping.seek_record(step->record);
    } else {
      stepping.seek_position(index.first());
    }
    if (!compare(stepping, places[i], "stepped back")) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Laws, StepBack, ::testing::ValuesIn(scenario_files()), scenario_test_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StepBack);

}  // namespace
}  // namespace fourtuple::app
