// Columns of the ladder on a real scenario: a host whose several programs take part has one for each.
#include <algorithm>
#include <gtest/gtest.h>

#include "tests/app/support/panel_bench.h"
#include "viz/panels/ladder/ladder_model.h"

namespace fourtuple::app {
namespace {

viz::LadderModel whole(PanelBench& bench) {
  bench.cursor.seek(bench.end() - milliseconds(1));
  return viz::build_ladder(bench.context(), Time{0}, bench.end());
}

TEST(LadderColumns, stand_side_by_side_for_the_programs_of_one_host) {
  PanelBench bench("scenarios/ports/one_server_many_services.yaml");
  const viz::LadderModel model = whole(bench);
  std::vector<std::string> details;
  for (const viz::LadderColumn& column : model.columns) {
    if (column.name == "server") details.push_back(column.detail);
  }
  ASSERT_GE(details.size(), 2u);
  for (const viz::LadderArrow& arrow : model.arrows) {
    // Every conversation keeps to one column of the server.
    ASSERT_LT(arrow.to, model.columns.size());
    ASSERT_LT(arrow.from, model.columns.size());
  }
  const auto uses = [&](std::size_t column) {
    return std::any_of(model.arrows.begin(), model.arrows.end(),
                       [&](const viz::LadderArrow& arrow) { return arrow.from == column || arrow.to == column; });
  };
  for (std::size_t i = 0; i < model.columns.size(); ++i) EXPECT_TRUE(uses(i)) << model.columns[i].detail;
}

TEST(LadderColumns, are_bands_where_addresses_are_rewritten) {
  PanelBench bench("scenarios/nat/home.yaml");
  const viz::LadderModel model = whole(bench);
  for (const viz::LadderColumn& column : model.columns) EXPECT_EQ(column.rewrites, column.name == "router");
  const auto rewritten = std::find_if(model.arrows.begin(), model.arrows.end(),
                                      [](const viz::LadderArrow& arrow) { return !arrow.rewrite.empty(); });
  ASSERT_NE(rewritten, model.arrows.end());
  ASSERT_NE(rewritten->before, viz::no_arrow);
  EXPECT_EQ(model.arrows[rewritten->before].packet, rewritten->packet);
  EXPECT_EQ(model.arrows[rewritten->before].to, rewritten->from);
}

TEST(LadderColumns, hold_every_packet_of_the_stretch_asked_for) {
  PanelBench bench("scenarios/first_run.yaml");
  const std::size_t all = whole(bench).arrows.size();
  std::size_t hops = 0;
  for (std::uint32_t packet = 0; packet < bench.indexes.packets().size(); ++packet)
    hops += bench.indexes.packets().hops({packet}).size();
  EXPECT_EQ(all, hops);
}

TEST(LadderColumns, are_those_of_whole_ways_near_the_cursor_when_sixty_hosts_take_part) {
  PanelBench bench("scenarios/limits/sixty_hosts.yaml");
  bench.cursor.seek(Time{} + milliseconds(445));
  const viz::LadderModel model = viz::build_ladder(bench.context());
  EXPECT_EQ(model.note, "");
  EXPECT_GT(model.arrows.size(), 20u);
  EXPECT_GT(model.hidden_columns, 40u);
  EXPECT_EQ(model.columns.size(), 8u);
  const bool now = std::any_of(model.arrows.begin(), model.arrows.end(), [&](const viz::LadderArrow& arrow) {
    return arrow.departs <= bench.cursor.time() && arrow.arrives > bench.cursor.time();
  });
  EXPECT_TRUE(now) << "what is under way at the cursor is there";
}

TEST(LadderStubs, tell_what_a_sender_dropped_itself_and_why) {
  PanelBench bench("scenarios/firewall/egress.yaml");
  const viz::LadderModel model = whole(bench);
  std::vector<std::string> reasons;
  for (const viz::LadderArrow& arrow : model.arrows) {
    if (!arrow.stub()) continue;
    EXPECT_EQ(model.columns[arrow.from].name, "web-server");
    EXPECT_EQ(arrow.lost_at, 1);
    EXPECT_EQ(arrow.y_from, arrow.y_to);
    reasons.push_back(arrow.reason);
  }
  ASSERT_FALSE(reasons.empty());
  EXPECT_EQ(reasons.back(), "filter output rule 4: counter reject with icmpx admin-prohibited");
}

}  // namespace
}  // namespace fourtuple::app
