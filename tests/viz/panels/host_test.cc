#include <gtest/gtest.h>

#include "tests/viz/panels/pictures.h"
#include "tests/viz/panels/story.h"
#include "viz/panels/host/host_panel.h"

namespace fourtuple::viz {
namespace {

using test::Bench;
using test::Easel;

HostModel model_of(Bench& bench) {
  return build_host_now(bench.context());
}

Image host_picture(Bench& bench, int width, int height, ThemeChoice choice = {}) {
  Easel easel(width, height, choice);
  HostPanel panel;
  return easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); });
}

TEST(HostModel, opens_the_lock_whose_four_values_match) {
  Bench bench;
  bench.seek_end(bench.story->alice_data);
  bench.selection.packet = bench.story->alice_data;
  const HostModel model = model_of(bench);
  EXPECT_EQ(model.name, "web server");
  EXPECT_EQ(model.locks.winner, bench.story->connection);
  ASSERT_EQ(model.locks.classes.size(), 4u);
  const std::vector<Lock>& connections = model.locks.classes[0].locks;
  ASSERT_EQ(connections.size(), 3u);
  EXPECT_EQ(connections[0].row.result, "other address");
  EXPECT_EQ(connections[1].row.result, "other port");
  EXPECT_EQ(connections[2].row.result, "opens: caddy, fd 12");
  EXPECT_EQ(connections[0].row.cells[3].state, CellState::mismatch);
  EXPECT_EQ(connections[0].row.cells[4].state, CellState::skipped);
  EXPECT_EQ(model.locks.classes[1].state, StepState::not_reached);
  ASSERT_FALSE(model.processes.empty());
  EXPECT_EQ(model.processes[0].name, "caddy");
  EXPECT_TRUE(model.processes[0].winner);
}

TEST(HostModel, tries_no_further_than_the_cursor) {
  Bench bench;
  bench.selection.packet = bench.story->alice_data;
  bench.seek_end(bench.story->alice_data);
  const std::optional<Visit> visit = find_visit(bench.context(), bench.story->alice_data, bench.story->server);
  ASSERT_TRUE(visit);
  ASSERT_EQ(visit->lookups.size(), 3u);
  bench.cursor.seek_record(visit->lookups[0].record);
  const HostModel model = model_of(bench);
  EXPECT_EQ(model.locks.tried, 1u);
  EXPECT_FALSE(model.locks.winner.valid());
  EXPECT_EQ(model.stages[4].state, StageState::current);
  EXPECT_EQ(model.stages[5].state, StageState::coming);
}

TEST(HostModel, answers_a_syn_that_fits_no_lock_with_a_reset) {
  Bench bench;
  bench.seek_end(bench.story->bob_syn);
  bench.selection.packet = bench.story->bob_syn;
  const HostModel model = model_of(bench);
  ASSERT_TRUE(model.answer);
  EXPECT_EQ(model.answer->packet, bench.story->reset);
  EXPECT_EQ(model.answer->title, "RST ACK");
  EXPECT_EQ(model.answer->errno_name, "ECONNREFUSED");
  EXPECT_EQ(model.stages[4].state, StageState::dropped);
  EXPECT_EQ(model.locks.classes[1].locks[1].row.result, "only from inside");
  EXPECT_EQ(model.locks.classes[3].state, StepState::miss);
}

TEST(HostModel, gives_a_datagram_a_key_with_two_teeth) {
  Bench bench;
  bench.seek_end(bench.story->datagram);
  bench.selection.packet = bench.story->datagram;
  const HostModel model = model_of(bench);
  EXPECT_EQ(model.locks.key.size(), 3u);
  ASSERT_TRUE(model.answer);
  EXPECT_EQ(model.answer->title, "ICMP port unreachable");
}

TEST(HostModel, works_the_lookup_out_when_the_trace_has_only_facts) {
  Bench bench({trace::Level::facts, trace::Source::capture, true});
  bench.seek_end(bench.story->alice_data);
  bench.selection.packet = bench.story->alice_data;
  const HostModel model = model_of(bench);
  EXPECT_FALSE(model.locks.exact);
  EXPECT_EQ(model.locks.winner, bench.story->connection);
  EXPECT_EQ(model.stages.back().state, StageState::passed);
  EXPECT_TRUE(model.locks.classes[0].locks.front().inferred);
}

TEST(HostModel, shows_a_router_as_a_place_without_locks) {
  Bench bench;
  bench.seek_end(bench.story->alice_data);
  bench.selection = {bench.story->alice_data, bench.story->router, {}, 0xffffffffu};
  const HostModel model = model_of(bench);
  EXPECT_TRUE(model.router);
  EXPECT_EQ(model.stages.size(), 6u);
  EXPECT_EQ(model.stages[3].name, "forward");
  EXPECT_TRUE(model.locks.key.empty());
}

TEST(HostModel, lists_the_sockets_before_anything_has_arrived) {
  Bench bench;
  bench.selection.host = bench.story->server;
  bench.cursor.seek(Time{} + milliseconds(1));
  const HostModel model = model_of(bench);
  EXPECT_FALSE(model.visit);
  EXPECT_FALSE(model.note.empty());
  EXPECT_EQ(model.locks.classes[0].locks.size(), 2u);
}

TEST(HostPanel, draws_the_winner_in_both_looks) {
  for (const bool dark : {true, false}) {
    Bench bench;
    bench.seek_end(bench.story->alice_data);
    bench.selection.packet = bench.story->alice_data;
    const Image picture = host_picture(bench, 1440, 696, {dark ? Look::dark : Look::light, 1});
    test::keep(picture, dark ? "panel-host-dark.png" : "panel-host-light.png");
    EXPECT_GT(test::count_color(picture, (dark ? dark_palette() : light_palette()).ok), 1500u);
    EXPECT_GT(test::count_color(picture, flow_color(0)), 15000u);
  }
}

TEST(HostPanel, draws_a_lookup_half_way) {
  Bench bench;
  bench.seek_end(bench.story->alice_data);
  bench.selection.packet = bench.story->alice_data;
  const std::optional<Visit> visit = find_visit(bench.context(), bench.story->alice_data, bench.story->server);
  bench.cursor.seek_record(visit->lookups[1].record);
  const Image picture = host_picture(bench, 1440, 696);
  test::keep(picture, "panel-host-half.png");
  EXPECT_GT(test::count_color(picture, dark_palette().drop), 200u);
}

TEST(HostPanel, draws_misses_at_every_size) {
  struct Case {
    int width, height;
    float scale;
    bool tcp;
    const char* name;
  };
  for (const Case& each :
       {Case{1440, 696, 1, true, "miss"}, Case{1280, 596, 1, false, "miss-udp"}, Case{1024, 564, 1, true, "miss-small"},
        Case{2880, 1392, 2, true, "miss-double"}, Case{1024, 564, 2, true, "miss-presenter"}}) {
    Bench bench;
    const PacketId packet = each.tcp ? bench.story->bob_syn : bench.story->datagram;
    bench.seek_end(packet);
    bench.selection.packet = packet;
    const Image picture = host_picture(bench, each.width, each.height, {Look::dark, each.scale});
    test::keep(picture, std::string("panel-host-") + each.name + ".png");
    EXPECT_GT(test::count_color(picture, dark_palette().drop), 300u);
  }
}

TEST(HostPanel, draws_routers_captures_and_quiet_hosts) {
  {
    Bench bench;
    bench.seek_end(bench.story->alice_data);
    bench.selection = {bench.story->alice_data, bench.story->router, {}, 0xffffffffu};
    test::keep(host_picture(bench, 1440, 696), "panel-host-router.png");
  }
  {
    Bench bench({trace::Level::facts, trace::Source::capture, true});
    bench.seek_end(bench.story->alice_data);
    bench.selection.packet = bench.story->alice_data;
    test::keep(host_picture(bench, 1440, 696), "panel-host-capture.png");
  }
  {
    Bench bench;
    bench.selection.host = bench.story->server;
    bench.cursor.seek(Time{} + milliseconds(1));
    test::keep(host_picture(bench, 1440, 696), "panel-host-quiet.png");
  }
}

}  // namespace
}  // namespace fourtuple::viz
