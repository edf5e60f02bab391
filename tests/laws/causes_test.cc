// Why-chains hold on every scenario: each drop and each failed call has one, told by records that happened before it,
// and it ends at something that needs no reason of its own.
#include "sim/replay/causes/causes.h"

#include <set>

#include "sim/replay/causes/cause_text.h"
#include "sim/trace/codec.h"
#include "tests/laws/scenarios.h"

namespace fourtuple::app {
namespace {

using replay::Cause;
using replay::CauseChain;
using replay::CauseRoot;

struct Reader {
  explicit Reader(const trace::Trace& trace) : indexes(trace), events(trace, indexes.packets()), cursor(trace) {
    indexes.refresh();
    events.refresh(indexes.end());
    cursor.refresh(~std::uint64_t{0});
  }
  replay::CauseSources sources() const { return {indexes, events, cursor}; }

  replay::Indexes indexes;
  replay::EventIndex events;
  replay::Cursor cursor;
};

void expect_holds(const trace::Trace& trace, const CauseChain& chain, std::uint64_t record) {
  const std::string text = replay::chain_text(trace.tables(), chain);
  ASSERT_FALSE(chain.causes.empty()) << record;
  EXPECT_FALSE(chain.title.empty()) << text;
  EXPECT_EQ(chain.causes.front().record, record);
  for (const Cause& cause : chain.causes) {
    ASSERT_LT(cause.record, trace.published()) << text;
    EXPECT_LE(cause.at, trace.at(record)->at) << text;
    EXPECT_EQ(cause.at, trace.at(cause.record)->at) << text;
    EXPECT_FALSE(cause.headline.empty()) << text;
    EXPECT_FALSE(cause.inferred) << text;  // a simulation knows
    EXPECT_EQ(&cause == &chain.causes.back(), cause.root != CauseRoot::none) << text;
  }
  EXPECT_NE(chain.causes.back().root, CauseRoot::unseen) << text;
  EXPECT_GE(chain.causes.size(), 2u) << text;
}

class Causes : public ::testing::TestWithParam<std::string> {};

TEST_P(Causes, every_drop_and_every_failed_call_has_a_chain_to_a_root) {
  world::Scenario scenario = scenario_of(GetParam(), changes_for_tests(GetParam()));
  const ScenarioRun run = run_of(scenario, trace::Level::stages);
  const Reader reader(run.trace());
  for (const std::uint32_t at : reader.indexes.marks().positions(replay::Mark::drop))
    expect_holds(run.trace(), replay::causes_of(reader.sources(), at), at);
  const auto& failed = reader.events.failed_calls();
  // A program that fails again and again in the same way fails for the same reason.
  const std::size_t step = std::max<std::size_t>(failed.size() / 200, 1);
  for (std::size_t i = 0; i < failed.size(); i += step)
    expect_holds(run.trace(), replay::causes_of(reader.sources(), failed[i]), failed[i]);
}

TEST_P(Causes, anything_can_be_asked_about) {
  world::Scenario scenario = scenario_of(GetParam(), changes_for_tests(GetParam()));
  const ScenarioRun run = run_of(scenario, trace::Level::expressions);
  const Reader reader(run.trace());
  const std::uint64_t records = reader.indexes.records().records();
  const std::uint64_t step = std::max<std::uint64_t>(records / 300, 1);
  for (std::uint64_t i = 0; i < records; i += step) {
    const std::uint64_t at = reader.indexes.records().position_of(i);
    const CauseChain chain = replay::causes_of(reader.sources(), at);
    ASSERT_FALSE(chain.causes.empty());
    EXPECT_EQ(chain.causes.front().record, at);
    for (const Cause& cause : chain.causes) EXPECT_LE(cause.at, run.trace().at(at)->at);
    EXPECT_NE(chain.causes.back().root, CauseRoot::none);
  }
}

// One chain of each shape of a scenario, as text: what a person reads.
std::string told(const std::string& file) {
  const world::Scenario scenario = scenario_of(file);
  const ScenarioRun run = run_of(scenario, trace::Level::expressions);
  const Reader reader(run.trace());
  std::vector<std::uint32_t> effects = reader.indexes.marks().positions(replay::Mark::drop);
  const auto& again = reader.indexes.marks().positions(replay::Mark::retransmission);
  effects.insert(effects.end(), again.begin(), again.end());
  effects.insert(effects.end(), reader.events.failed_calls().begin(), reader.events.failed_calls().end());
  std::sort(effects.begin(), effects.end());
  std::set<std::string> shapes;
  std::string text;
  for (const std::uint32_t at : effects) {
    const CauseChain chain = replay::causes_of(reader.sources(), at);
    std::string shape;
    for (const Cause& cause : chain.causes) shape += cause.headline + "\n";
    if (!shapes.insert(shape).second) continue;
    text += (text.empty() ? "" : "\n") + replay::chain_text(run.trace().tables(), chain);
  }
  return text;
}

TEST(CausesText, is_that_of_the_golden_files) {
  const std::filesystem::path folder = std::filesystem::path(FT_SOURCE_DIR) / "tests/data/why";
  for (const std::string name : {"first_run",
                                 "firewall/drop_reject_reset",
                                 "firewall/open_and_closed",
                                 "firewall/stateful",
                                 "ip/path_mtu",
                                 "ip/time_to_live",
                                 "limits/time_wait_holds_ports",
                                 "limits/too_many_open_files",
                                 "nat/docker_publish",
                                 "nat/filtering",
                                 "nat/icmp_error",
                                 "nat/port_forwarding",
                                 "os/accept_queue",
                                 "os/last_ack_overflows",
                                 "os/reuse_address",
                                 "os/syn_flood",
                                 "os/system_calls",
                                 "ports/conflict",
                                 "ports/privileged",
                                 "tcp/fast_retransmit",
                                 "tcp/keep_alive",
                                 "tcp/linger_zero",
                                 "tcp/retransmission_timeout",
                                 "tcp/slow_reader",
                                 "tuple/same_tuple"}) {
    std::string file = name + ".txt";
    std::replace(file.begin(), file.end(), '/', '-');
    const std::string now = told((scenario_root() / (name + ".yaml")).string());
    if (std::getenv("FOURTUPLE_UPDATE_GOLDEN") != nullptr) {
      std::filesystem::create_directories(folder);
      std::ofstream(folder / file, std::ios::binary) << now;
      continue;
    }
    std::ifstream in(folder / file, std::ios::binary);
    const std::string golden((std::istreambuf_iterator<char>(in)), {});
    EXPECT_EQ(now, golden) << "if this is meant: FOURTUPLE_UPDATE_GOLDEN=1 test_laws --gtest_filter='CausesText*'";
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Causes, ::testing::ValuesIn(scenario_files()), scenario_test_name);

}  // namespace
}  // namespace fourtuple::app
