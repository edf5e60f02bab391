#include "sim/replay/filter/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/replay/breaks.h"
#include "sim/replay/step.h"
#include "tests/sim/replay/filter/fixture.h"

namespace fourtuple::replay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Bench = fourtuple::test::FilterBench;

TEST(FilterResult, knows_what_became_of_packets) {
  Bench bench;
  EXPECT_THAT(bench.packets("dropped"), ElementsAre(Bench::lost, Bench::refused));
  EXPECT_THAT(bench.packets("delivered"), ElementsAre(Bench::syn, Bench::syn_ack));
  EXPECT_THAT(bench.packets("reset"), ElementsAre(Bench::reset));
  EXPECT_THAT(bench.packets("again"), ElementsAre(Bench::data_again));
  EXPECT_THAT(bench.packets("nat"), ElementsAre(Bench::data));
  EXPECT_THAT(bench.packets("reason:no-socket"), ElementsAre(Bench::refused));
  EXPECT_THAT(bench.packets("not dropped and not delivered"),
              ElementsAre(Bench::reset, Bench::data, Bench::data_again));
}

TEST(FilterResult, knows_rules_by_chain_and_number) {
  Bench bench;
  EXPECT_THAT(bench.packets("verdict:drop"), ElementsAre(Bench::lost));
  EXPECT_THAT(bench.packets("rule:2"), ElementsAre(Bench::lost));
  EXPECT_THAT(bench.packets("rule:input/2"), ElementsAre(Bench::lost));
  EXPECT_THAT(bench.packets("rule:forward/2,input/1"), IsEmpty());
  EXPECT_THAT(bench.packets("rule:policy"), IsEmpty());
}

TEST(FilterResult, knows_hosts_and_conversations) {
  Bench bench;
  EXPECT_EQ(bench.packets("host:anna").size(), 7u);
  EXPECT_EQ(bench.packets("host:10.0.0.2").size(), 7u);
  EXPECT_THAT(bench.packets("flow:2"), ElementsAre(Bench::refused, Bench::reset));
  EXPECT_THAT(bench.packets("flow:1,2 and dropped"), ElementsAre(Bench::lost, Bench::refused));
}

TEST(FilterResult, knows_the_state_of_either_end_when_the_packet_was_made_or_came) {
  Bench bench;
  EXPECT_THAT(bench.packets("state:SYN-SENT"), ElementsAre(Bench::syn, Bench::syn_ack));
  EXPECT_THAT(bench.packets("state:listen"), ElementsAre(Bench::syn));
  EXPECT_THAT(bench.packets("state:syn-recv and state:estab"),
              ElementsAre(Bench::lost, Bench::data, Bench::data_again));
}

TEST(FilterResult, knows_processes_by_name_and_pid_also_where_packets_were_lost) {
  Bench bench;
  const std::vector<std::uint32_t> all = {Bench::syn, Bench::syn_ack, Bench::lost, Bench::data, Bench::data_again};
  EXPECT_EQ(bench.packets("process:browser"), all);
  EXPECT_EQ(bench.packets("process:1204"), all);
  EXPECT_EQ(bench.packets("process:HTTPD"), all);
  EXPECT_THAT(bench.packets("process:httpd and dropped"), ElementsAre(Bench::lost));
}

TEST(FilterResult, asks_libpcap_again_when_headers_were_rewritten) {
  Bench bench;
  EXPECT_THAT(bench.packets("port 23817"), ElementsAre(Bench::data)) << "the port after NAT";
  EXPECT_THAT(bench.packets("port 3000 and dropped"), ElementsAre(Bench::refused));
}

TEST(FilterResult, gives_the_same_in_slices_and_follows_a_trace_that_grows) {
  Bench bench;
  FilterResult slices(bench.indexes(), *bench.parse("not dropped"));
  while (!slices.advance(1)) continue;
  FilterResult whole(bench.indexes(), *bench.parse("not dropped"));
  EXPECT_TRUE(whole.advance());
  EXPECT_EQ(slices.positions(), whole.positions());
  EXPECT_EQ(slices.packets(), 7u);
  const std::size_t before = whole.positions().size();
  const PacketId fresh = bench.builder().send(20'000, 0, 1, bench.builder().udp(0, 1, 5353, 53));
  bench.growing().refresh();
  EXPECT_FALSE(whole.finished());
  whole.advance();
  EXPECT_EQ(whole.positions().size(), before + 1);
  EXPECT_TRUE(whole.matches(fresh));
  const std::uint64_t version = whole.version();
  bench.builder().add(21'000, 1,
                      trace::PacketDropped{fresh, trace::DropReason::no_socket, trace::Stage::input, {}, {}});
  bench.growing().refresh();
  whole.advance();
  EXPECT_FALSE(whole.matches(fresh)) << "what befalls a packet later counts";
  EXPECT_EQ(whole.positions().size(), before);
  EXPECT_NE(whole.version(), version);
}

TEST(FilterResult, leads_steps_and_breakpoints) {
  Bench bench;
  FilterResult result(bench.indexes(), *bench.parse("dropped"));
  result.advance();
  Selection about;
  about.matches = &result.positions();
  const auto first = step(bench.indexes(), Grain::packet, Direction::forward, 0, about);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->record, bench.indexes().packets().created({Bench::lost}));
  const std::uint64_t behind = bench.indexes().records().next(first->record);
  const auto second = step(bench.indexes(), Grain::packet, Direction::forward, behind, about);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->record, bench.indexes().packets().created({Bench::refused}));
  const auto back =
      step(bench.indexes(), Grain::packet, Direction::backward, bench.indexes().records().next(second->record), about);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->record, first->record);
  about.flow = 1;
  EXPECT_EQ(step(bench.indexes(), Grain::flow, Direction::forward, 0, about)->record, second->record);

  Breakpoints breakpoints;
  EXPECT_FALSE(breakpoints.any());
  breakpoints.matches = [&](std::uint64_t position, const trace::Slot&) {
    return std::binary_search(result.positions().begin(), result.positions().end(), position);
  };
  const auto stopped = first_break(bench.indexes(), breakpoints, 0, bench.indexes().end());
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->record, first->record);
  EXPECT_FALSE(
      first_break(bench.indexes(), breakpoints, bench.indexes().records().next(second->record), bench.indexes().end()));
}

}  // namespace
}  // namespace fourtuple::replay
