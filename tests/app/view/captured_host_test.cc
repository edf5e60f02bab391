// The X-ray of a host of a capture: the latest packet seen to go there, and what may be inferred from it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/trace/find_host.h"
#include "tests/app/support/panel_bench.h"
#include "viz/panels/host/host_model.h"
#include "viz/panels/map/map_cards.h"

namespace fourtuple::app {
namespace {

using viz::HostModel;
using viz::StageState;

HostModel host_at(PanelBench& bench, const char* name, Time at) {
  bench.selection.host = trace::find_host(bench.document.trace->tables(), name);
  bench.cursor.seek(at);
  return build_host_now(bench.context());
}

TEST(CapturedHost, shows_the_last_packet_and_infers_its_lookup) {
  PanelBench bench("tests/captures/web.pcap");
  const HostModel model = host_at(bench, "10.0.0.1", bench.end());
  ASSERT_TRUE(model.visit);
  EXPECT_TRUE(model.visit->seen_only);
  EXPECT_TRUE(model.locks.winner.valid()) << "a reset that ends its connection fitted it";
  ASSERT_FALSE(model.stages.empty());
  EXPECT_EQ(model.stages.front().state, StageState::passed) << "it was seen";
  for (std::size_t i = 1; i < model.stages.size(); ++i) EXPECT_EQ(model.stages[i].state, StageState::inferred);
}

TEST(CapturedHost, shows_the_program_that_is_guessed_with_its_connections) {
  PanelBench bench("tests/captures/web.pcap");
  const HostModel model = host_at(bench, "web.example", Time{} + milliseconds(60));
  ASSERT_EQ(model.processes.size(), 1u);
  const viz::ProcessCard& card = model.processes.front();
  EXPECT_TRUE(card.guessed);
  EXPECT_TRUE(card.winner);
  EXPECT_FALSE(card.lines.empty());
  EXPECT_TRUE(model.locks.classes.front().locks.front().inferred);
}

TEST(CapturedHost, infers_from_a_reset_that_nothing_listened) {
  PanelBench bench("tests/captures/web.pcap");
  PacketId refused;
  for (std::uint32_t i = 0; i < bench.indexes.packets().size(); ++i) {
    const auto packet = bench.indexes.packets().packet({i});
    const auto answer = bench.indexes.packets().packet({i + 1});
    if (packet && answer && packet->flags == TcpFlag::syn && answer->has(TcpFlag::rst)) refused = {i};
  }
  ASSERT_TRUE(refused.valid());
  bench.selection.packet = refused;
  const HostModel model = host_at(bench, "web.example", bench.end());
  ASSERT_TRUE(model.answer);
  EXPECT_EQ(model.answer->errno_name, "ECONNREFUSED");
  EXPECT_EQ(model.stages[4].state, StageState::dropped);
  EXPECT_EQ(model.stages[3].state, StageState::inferred);
}

TEST(ProcessColour, is_the_same_on_the_map_and_in_the_host) {
  PanelBench bench("scenarios/first_run.yaml");
  const viz::MapScene scene = viz::build_scene(*bench.document.trace, bench.indexes.flows());
  std::size_t coloured = 0;
  for (const int ms : {200, 400, 600, 800}) {
    bench.cursor.seek(Time{} + milliseconds(ms));
    const auto cards = viz::build_cards(bench.context(), scene, {}, viz::ports_by_process(bench.context()));
    for (std::uint32_t host = 0; host < cards.size(); ++host) {
      for (const viz::ProcessCard& card : viz::build_processes(bench.context(), {host}, SocketId::none())) {
        for (const viz::MapChip& chip : cards[host].chips) {
          if (chip.process != card.process) continue;
          EXPECT_EQ(chip.chip.flow, card.flow) << card.name;
          coloured += card.flow ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(coloured, 2u);
}

}  // namespace
}  // namespace fourtuple::app
