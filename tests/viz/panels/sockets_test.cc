#include <gtest/gtest.h>

#include "tests/viz/panels/pictures.h"
#include "tests/viz/panels/story.h"
#include "viz/panels/sockets/sockets_panel.h"

namespace fourtuple::viz {
namespace {

using test::Bench;
using test::Easel;

SocketsModel model_of(Bench& bench) {
  const PanelContext context = bench.context();
  return build_sockets(context, bench.story->server, context.cursor.state_at(boundary_of_last_step(context)).state);
}

TEST(SocketsModel, lists_listeners_first_in_the_words_of_ss) {
  Bench bench;
  bench.seek_end(bench.story->alice_data);
  const SocketsModel model = model_of(bench);
  ASSERT_EQ(model.rows.size(), 8u);
  EXPECT_TRUE(model.rows.front().listening);
  EXPECT_EQ(model.rows.back().state, "ESTAB");
  EXPECT_EQ(model.rows.back().process, "users:((\"caddy\",pid=811,fd=12))");
}

TEST(SocketsModel, marks_what_the_last_instant_changed) {
  Bench bench;
  bench.seek_end(bench.story->alice_syn);
  EXPECT_EQ(model_of(bench).rows.back().change, RowChange::none);
  const std::uint64_t next = bench.indexes.packets().end(bench.story->alice_syn);
  bench.cursor.seek(bench.story->trace.at(next)->at);
  const SocketsModel model = model_of(bench);
  std::size_t added = 0;
  for (const SocketRow& row : model.rows) added += row.change == RowChange::added ? 1 : 0;
  EXPECT_EQ(added, 1u);
  ASSERT_FALSE(model.processes.empty());
  EXPECT_EQ(model.processes.front().name, "caddy");
  EXPECT_TRUE(model.processes.front().cells[12].added);
  EXPECT_FALSE(model.processes.front().cells[11].open);
}

TEST(SocketsPanel, draws_tables_in_both_looks_and_small) {
  for (const bool dark : {true, false}) {
    Bench bench;
    bench.cursor.seek(bench.story->trace.at(bench.indexes.packets().end(bench.story->alice_syn))->at);
    bench.selection.host = bench.story->server;
    bench.selection.socket = bench.story->connection;
    Easel easel(dark ? 1112 : 1024, dark ? 696 : 564, {dark, 1});
    SocketsPanel panel;
    const Image picture = easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); });
    test::keep(picture, dark ? "panel-sockets-dark.png" : "panel-sockets-light.png");
    EXPECT_GT(test::count_color(picture, (dark ? dark_palette() : light_palette()).text), 120u);
  }
}

TEST(SocketsPanel, says_so_when_a_host_has_none) {
  Bench bench;
  bench.cursor.seek(Time{} + milliseconds(1));
  bench.selection.host = bench.story->bob;
  Easel easel(1112, 500);
  SocketsPanel panel;
  const Image picture = easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); });
  test::keep(picture, "panel-sockets-empty.png");
  EXPECT_GT(test::count_color(picture, dark_palette().muted), 30u);
}

}  // namespace
}  // namespace fourtuple::viz
