#include "viz/panels/sockets/sockets_panel.h"

#include <gtest/gtest.h>

#include "tests/viz/panels/pictures.h"
#include "tests/viz/panels/sockets/desk.h"

namespace fourtuple::viz {
namespace {

using test::Desk;
using test::Easel;

TEST(SocketsModel, marks_descriptors_that_the_last_instant_opened) {
  Desk desk;
  desk.seek_accepted();
  const SocketsModel model = build_sockets(desk.context(), desk.story->server, desk.before());
  ASSERT_FALSE(model.processes.empty());
  EXPECT_EQ(model.processes.front().name, "caddy");
  EXPECT_TRUE(model.processes.front().cells[12].added);
  EXPECT_FALSE(model.processes.front().cells[11].open);
}

TEST(SocketsPanel, draws_every_tab_in_both_looks_and_small) {
  for (std::size_t tab = 0; tab < socket_tabs.size(); ++tab) {
    for (const bool dark : {true, false}) {
      Desk desk;
      desk.seek_accepted();
      desk.selection.host = desk.story->server;
      desk.selection.socket = desk.story->connection;
      Easel easel(dark ? 1112 : 1024, dark ? 696 : 564, {dark ? Look::dark : Look::light, 1});
      SocketsPanel panel;
      panel.show_tab(tab);
      const Image picture = easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, desk.context()); });
      test::keep(picture, "panel-sockets-" + std::to_string(tab) + (dark ? "-dark.png" : "-light.png"));
      EXPECT_GT(test::count_color(picture, (dark ? dark_palette() : light_palette()).text), 60u) << tab;
    }
  }
}

TEST(SocketsPanel, goes_on_with_the_time_after_a_socket_was_selected) {
  Desk desk;
  desk.cursor.seek(Time{} + milliseconds(1));
  desk.selection.host = desk.story->server;
  Easel easel(1112, 500);
  SocketsPanel panel;
  const auto draw = [&](Ui& ui, Rect area) { panel.draw(ui, area, desk.context()); };
  easel.paint(draw);
  const std::size_t before = panel.listing().rows.size();
  desk.seek_accepted();
  desk.selection.socket = desk.story->connection;
  easel.paint(draw);
  EXPECT_GT(panel.listing().rows.size(), before);
}

TEST(SocketsPanel, searches_and_zooms_only_where_that_is_shown) {
  Desk desk;
  desk.seek_accepted();
  desk.selection.host = desk.story->server;
  Easel easel(1200, 700);
  SocketsPanel panel;
  const auto draw = [&](Ui& ui, Rect area) { panel.draw(ui, area, desk.context()); };
  panel.show_tab(fd_tab);
  easel.paint(draw);
  panel.find();
  EXPECT_EQ(panel.tab(), 0u) << "the descriptor tables have no search field";
  panel.show_tab(map_tab);
  easel.paint(draw);
  const int columns = panel.map().grid().columns;
  panel.show_tab(0);
  easel.paint(draw);
  panel.zoom_by(3);
  panel.show_tab(map_tab);
  easel.paint(draw);
  EXPECT_EQ(panel.map().grid().columns, columns) << "a table has nothing to zoom";
  panel.zoom_by(3);
  easel.paint(draw);
  EXPECT_NE(panel.map().grid().columns, columns);
}

TEST(SocketsPanel, says_so_when_a_host_has_no_sockets) {
  Desk desk;
  desk.cursor.seek(Time{} + milliseconds(1));
  desk.selection.host = desk.story->bob;
  Easel easel(1112, 500);
  SocketsPanel panel;
  const Image picture = easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, desk.context()); });
  EXPECT_FALSE(panel.listing().note.empty());
  EXPECT_GT(test::count_color(picture, dark_palette().muted), 30u);
}

TEST(SocketsPanel, selects_the_socket_whose_cell_is_clicked) {
  Desk desk;
  desk.seek_accepted();
  desk.selection.host = desk.story->server;
  Easel easel(1200, 700);
  SocketsPanel panel;
  panel.show_tab(map_tab);
  const auto draw = [&](Ui& ui, Rect area) { panel.draw(ui, area, desk.context()); };
  easel.paint(draw);
  EXPECT_EQ(panel.map().grid().most_scroll(), 0);
  desk.wishes.clear();
  const Vec2 at = panel.map().grid().cell(3000).center();
  easel.paint(draw, {mouse_event(InputKind::mouse_move, at.x, at.y)});
  easel.paint(draw, {mouse_event(InputKind::mouse_down, at.x, at.y)});
  easel.paint(draw, {mouse_event(InputKind::mouse_up, at.x, at.y)});
  EXPECT_EQ(panel.map().cursor(), 3000);
  ASSERT_EQ(desk.wishes.size(), 1u);
  EXPECT_EQ(desk.wishes[0].kind, Wish::Kind::select_socket);
  EXPECT_EQ(desk.cursor.state().sockets[desk.wishes[0].id].tuple.local_port, 3000);
}

TEST(SocketsPanel, shows_the_port_of_a_socket_selected_elsewhere_whatever_its_protocol) {
  Desk desk;
  desk.seek_accepted();
  desk.selection.host = desk.story->server;
  Easel easel(1200, 700);
  SocketsPanel panel;
  panel.show_tab(map_tab);
  const auto draw = [&](Ui& ui, Rect area) { panel.draw(ui, area, desk.context()); };
  easel.paint(draw);
  for (std::uint32_t i = 0; i < desk.cursor.state().sockets.end(); ++i) {
    const state::Socket& socket = desk.cursor.state().sockets[i];
    if (socket.host != desk.story->server || socket.tuple.local_port == 0) continue;
    desk.selection.socket = {i};
    easel.paint(draw);
    EXPECT_EQ(panel.map().cursor(), socket.tuple.local_port);
    EXPECT_EQ(panel.map().protocol(), socket.protocol);
  }
}

}  // namespace
}  // namespace fourtuple::viz
