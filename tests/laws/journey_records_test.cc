// Law: the records of a packet are found whole, though those of others are passed over while it is on a link.
#include <map>

#include "sim/replay/indexes.h"
#include "sim/replay/journey.h"
#include "sim/replay/step.h"
#include "tests/laws/scenarios.h"

namespace fourtuple::app {
namespace {

class JourneyRecords : public ::testing::TestWithParam<std::string> {};

TEST_P(JourneyRecords, are_those_that_a_look_at_every_record_finds) {
  const world::Scenario scenario = scenario_of(GetParam(), changes_for_tests(GetParam()));
  const ScenarioRun run = run_of(scenario, trace::Level::stages);
  replay::Indexes indexes(run.trace());
  indexes.refresh();
  const replay::PacketIndex& packets = indexes.packets();
  std::map<std::uint32_t, std::vector<std::uint64_t>> all;
  for (std::uint64_t at = run.trace().first(); at < run.trace().published(); at = run.trace().next(at)) {
    const PacketId packet = replay::packet_of(*run.trace().at(at));
    if (packet.valid() && packets.fate(packet) != replay::Fate::under_way && at >= packets.created(packet) &&
        at <= packets.end(packet))
      all[packet.value].push_back(at);
  }
  const std::size_t step = all.size() / 2000 + 1;
  std::size_t i = 0;
  for (const auto& [packet, records] : all) {
    if (i++ % step != 0) continue;
    ASSERT_EQ(replay::records_of(indexes, {packet}), records) << "packet " << packet;
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, JourneyRecords, testing::ValuesIn(scenario_files()), scenario_test_name);

}  // namespace
}  // namespace fourtuple::app
