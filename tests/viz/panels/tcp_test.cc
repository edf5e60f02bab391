#include <gtest/gtest.h>

#include "tests/viz/panels/pictures.h"
#include "tests/viz/panels/story.h"
#include "viz/panels/tcp/tcp_panel.h"

namespace fourtuple::viz {
namespace {

using test::Bench;
using test::Easel;

TEST(TcpModel, follows_the_states_of_both_ends) {
  Bench bench;
  bench.seek_end(bench.story->alice_data);
  bench.selection.packet = bench.story->alice_data;
  const TcpModel model = build_tcp(bench.context(), choose_connection(bench.context()));
  EXPECT_EQ(model.ends[0].name, "alice");
  EXPECT_EQ(model.ends[1].name, "web server");
  EXPECT_EQ(model.ends[0].state_at(bench.cursor.position()), TcpState::established);
  EXPECT_EQ(model.ends[1].state_at(bench.cursor.position()), TcpState::established);
  EXPECT_EQ(model.ends[1].state_at(0), TcpState::closed);
}

TEST(TcpModel, marks_the_segment_that_was_lost_and_the_one_sent_again) {
  Bench bench;
  const TcpModel model = build_tcp(bench.context(), bench.indexes.packets().flow(bench.story->alice_data));
  ASSERT_EQ(model.segments[1].size(), 7u);
  EXPECT_TRUE(model.segments[1][4].lost);
  EXPECT_TRUE(model.segments[1][6].again);
  EXPECT_EQ(model.segments[1][6].from, 5793u);
  EXPECT_FALSE(model.acks[1].empty());
}

TEST(TcpModel, shows_changed_variables_first) {
  Bench bench;
  bench.cursor.seek(Time{} + milliseconds(1000));
  const TcpModel model = build_tcp(bench.context(), bench.indexes.packets().flow(bench.story->alice_data));
  const std::vector<VariableRow> rows = variable_rows(model.ends[1], bench.cursor.position());
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(rows.front().name, "cwnd");
  EXPECT_EQ(rows.front().value, "5");
}

TEST(TcpPanel, draws_a_connection) {
  for (const bool dark : {true, false}) {
    Bench bench;
    bench.cursor.seek(Time{} + milliseconds(500));
    bench.selection.packet = bench.story->alice_data;
    Easel easel(dark ? 1440 : 1024, dark ? 696 : 564, {dark ? Look::dark : Look::light, 1});
    TcpPanel panel;
    const Image picture = easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); });
    test::keep(picture, dark ? "panel-tcp-dark.png" : "panel-tcp-light.png");
    EXPECT_GT(test::count_color(picture, (dark ? dark_palette() : light_palette()).accent), 1500u);
  }
}

}  // namespace
}  // namespace fourtuple::viz
