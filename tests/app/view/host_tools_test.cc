// What the window is told of a host's tools is what `show` prints, and the window reaches all of it by keys.
#include "app/view/host_tools.h"

#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "app/view/documents.h"
#include "app/view/stage.h"
#include "app/views/views.h"
#include "sim/replay/columns.h"
#include "sim/replay/cursor.h"
#include "tests/app/support/places.h"
#include "viz/panels/sockets/sockets_panel.h"

namespace fourtuple::app {
namespace {

struct Opened {
  explicit Opened(const std::string& file, Time at)
      : document(*open_document(scenarios + file)), cursor(*document.trace) {
    cursor.refresh();
    cursor.seek(at);
  }
  replay::ToolQuestion question(std::string command, HostId host) const {
    return {document.trace->tables(), cursor.state(), cursor.time(), host, std::move(command)};
  }
  viz::Document document;
  replay::Cursor cursor;
};

TEST(HostTools, tables_say_what_the_tool_prints) {
  const Opened services("ports/well_known.yaml", Time{} + milliseconds(900));
  const Opened local("os/port_or_socket.yaml", Time{} + milliseconds(900));
  for (const std::string_view tab : viz::socket_tabs) {
    const std::string command(tab);
    const Opened& opened = command == "ss -xap" ? local : services;
    if (tab == viz::socket_tabs[viz::fd_tab] || tab == viz::socket_tabs[viz::map_tab]) continue;
    const replay::ToolTable table = opened.document.tools->table(opened.question(command, {1}));
    const auto listing = parse_listing({command});
    ASSERT_TRUE(listing) << command;
    const ViewInput input{opened.document.trace->tables(), opened.cursor.state(), opened.cursor.time(),
                          opened.document.tools->services};
    std::istringstream printed(listing->text(input, {1}));
    std::vector<std::string> lines;
    for (std::string line; std::getline(printed, line);) lines.push_back(line);
    ASSERT_GE(lines.size(), table.rows.size()) << command;
    ASSERT_GE(table.rows.size(), 3u) << command;
    const std::size_t heads = lines.size() - table.rows.size();
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      EXPECT_EQ(table.rows[i].cells.size(), table.columns.size());
      for (const std::string& cell : table.rows[i].cells)
        if (table.columns.size() > 1) {
          EXPECT_NE(lines[heads + i].find(cell.substr(0, cell.find_last_not_of(' ') + 1)), std::string::npos)
              << command << ": '" << cell << "' is not in " << lines[heads + i];
        }
    }
    for (const replay::ToolColumn& column : table.columns) {
      if (column.title == "Port" || column.title.empty()) continue;
      const std::string title = column.title.substr(column.title.find_first_not_of(' '));
      EXPECT_FALSE(replay::column_meaning(table.meanings, title.substr(0, title.find_last_not_of(" :") + 1) +
                                                              (title.ends_with(':') ? ":Port" : ""))
                       .empty())
          << command << " " << title;
    }
  }
}

TEST(HostTools, list_the_first_of_very_many_sockets_and_those_with_a_port) {
  const Opened opened("ports/well_known.yaml", Time{} + milliseconds(900));
  replay::ToolQuestion question = opened.question("ss -tanp", {1});
  const replay::ToolTable all = opened.document.tools->table(question);
  question.most = 4;
  const replay::ToolTable some = opened.document.tools->table(question);
  ASSERT_EQ(some.rows.size(), 4u);
  for (std::size_t i = 0; i < some.rows.size(); ++i) EXPECT_EQ(some.rows[i].cells, all.rows[i].cells);
  EXPECT_GE(some.left_out, all.rows.size() - 4) << "UDP sockets are left out, too";
  question.most = 1000;
  question.port = 443;
  const replay::ToolTable one = opened.document.tools->table(question);
  ASSERT_EQ(one.rows.size(), 1u);
  EXPECT_EQ(one.rows[0].cells[4], "443");
  EXPECT_TRUE(opened.document.tools->table(opened.question("sz -x", {1})).rows.empty()) << "no such tool";
}

TEST(HostTools, know_the_ephemeral_range_of_each_host_and_instant) {
  const Opened opened("os/port_range.yaml", Time{});
  const auto& ranges = opened.document.tools->ephemeral;
  ASSERT_EQ(ranges.size(), 3u);
  EXPECT_EQ(ranges[0].low, 32768);
  EXPECT_EQ(ranges[0].high, 60999);
  EXPECT_EQ(ranges[2].host, HostId{0});
  EXPECT_EQ(ranges[2].from, Time{} + seconds(1));
  EXPECT_EQ(ranges[2].low, 49152);
  EXPECT_EQ(ranges[2].high, 49155);
  const auto again = ephemeral_ranges(opened.document.trace->tables());
  ASSERT_EQ(again.size(), 3u) << "from the text that a saved trace carries";
  EXPECT_EQ(again[2].high, 49155);
}

// --- by keys ---

class SocketsByKeys : public testing::Test {
 protected:
  void open(const std::string& file) {
    auto surface = viz::make_offscreen_surface(1280, 800);
    ASSERT_TRUE(surface);
    auto made = Stage::make(std::move(*surface), {1280, 800});
    ASSERT_TRUE(made);
    stage_ = std::move(*made);
    ASSERT_TRUE(stage_->open(scenarios + file));
    stage_->viewer().seek(Time{} + milliseconds(900));
    stage_->viewer().select_host_named("server");
    stage_->settle();
  }
  void play(const std::string& script) {
    const auto steps = viz::parse_input_script(script, "test");
    ASSERT_TRUE(steps);
    ASSERT_TRUE(stage_->play(*steps));
    stage_->settle();
  }
  const viz::SocketsPanel& panel() { return stage_->viewer().panels().sockets(); }
  const viz::Selection& selection() { return stage_->viewer().selection(); }

  std::unique_ptr<Stage> stage_;
};

TEST_F(SocketsByKeys, finds_a_service_and_selects_its_socket) {
  open("ports/well_known.yaml");
  play("key Shift+T\nkey /\nwait 50 ms\ntype https");
  EXPECT_EQ(stage_->viewer().panel(), viz::PanelKind::sockets);
  EXPECT_EQ(panel().tab(), viz::map_tab);
  ASSERT_FALSE(panel().map().matches().empty());
  EXPECT_EQ(panel().map().matches()[0].port, 443);
  EXPECT_FALSE(selection().socket.valid());
  play("key Enter\nwait 50 ms");
  EXPECT_EQ(panel().map().cursor(), 443);
  play("key Enter");
  EXPECT_TRUE(selection().socket.valid()) << "the map has the keyboard now";
  play("key Right\nkey Down\nkey PageUp\nkey Home");
  EXPECT_EQ(panel().map().cursor(), 0);
  EXPECT_EQ(stage_->viewer().now(), Time{} + milliseconds(900)) << "arrows move in the map, not in time";
  play("key PageDown");
  EXPECT_EQ(panel().map().cursor(), 21) << "the next port in use";
  play("key =\nkey =\nkey =");
  EXPECT_GT(panel().map().grid().most_scroll(), 0);
  play("key 0");
  EXPECT_EQ(panel().map().grid().most_scroll(), 0);
}

TEST_F(SocketsByKeys, letters_typed_into_the_search_field_are_no_commands) {
  open("ports/well_known.yaml");
  play("key Shift+T\nkey /\nwait 50 ms\nkey m\nkey d\nkey Space\nkey 1");
  EXPECT_EQ(stage_->viewer().panel(), viz::PanelKind::sockets);
  EXPECT_EQ(stage_->viewer().look().look, viz::Look::dark);
  EXPECT_FALSE(stage_->viewer().playing());
  play("key Escape\nkey m");
  EXPECT_EQ(stage_->viewer().panel(), viz::PanelKind::map) << "Escape leaves the field";
}

TEST_F(SocketsByKeys, walks_the_rows_of_a_tool) {
  open("ports/well_known.yaml");
  play("key T\nkey /\nwait 50 ms\ntype nginx\nwait 50 ms\nkey Enter\nwait 50 ms");
  EXPECT_EQ(panel().tab(), 0u) << "the search field of the table";
  ASSERT_EQ(panel().listing().rows.size(), 2u);
  play("key Down\nkey Enter");
  EXPECT_EQ(selection().socket, panel().listing().rows[1].socket);
  play("key Home\nkey Enter");
  EXPECT_EQ(selection().socket, panel().listing().rows[0].socket);
  EXPECT_EQ(stage_->viewer().now(), Time{} + milliseconds(900));
}

TEST_F(SocketsByKeys, goes_from_tab_to_tab_with_the_tab_key_alone) {
  open("ports/well_known.yaml");
  play("key T");
  std::set<std::size_t> seen;
  constexpr int bar = 18;  // the controls of the bar above, which would lead elsewhere
  for (int i = 0; i < 60; ++i) {
    stage_->frame({viz::key_event(viz::InputKind::key_down, {viz::Key::tab, {}})}, 16'667);
    if (i < bar) continue;
    stage_->frame({viz::key_event(viz::InputKind::key_down, {viz::Key::enter, {}})}, 16'667);
    stage_->frame({}, 16'667);
    if (stage_->viewer().panel() == viz::PanelKind::sockets) seen.insert(panel().tab());
  }
  EXPECT_EQ(seen.size(), viz::socket_tabs.size());
}

}  // namespace
}  // namespace fourtuple::app
