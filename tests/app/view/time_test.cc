// Time in the window: bookmarks, the loop, breakpoints, traces that grow. Driven offscreen by keys and pointer.
#include <algorithm>
#include <chrono>
#include <gtest/gtest.h>
#include <iostream>

#include "app/view/stage.h"
#include "tests/app/support/keys.h"
#include "tests/app/support/places.h"

namespace fourtuple::app {
namespace {

constexpr std::int64_t frame_us = 16'667;

std::unique_ptr<Stage> empty_stage() {
  auto surface = viz::make_offscreen_surface(1024, 768);
  if (!surface) {
    ADD_FAILURE() << surface.error().to_string();
    return nullptr;
  }
  auto stage = Stage::make(std::move(*surface), {1024, 768});
  return stage ? std::move(*stage) : nullptr;
}

std::unique_ptr<Stage> opened_first_run() {
  auto stage = empty_stage();
  if (stage && !stage->open(scenarios + "first_run.yaml")) return nullptr;
  return stage;
}

void drag(Stage& stage, viz::Vec2 from, viz::Vec2 to) {
  stage.frame({viz::mouse_event(viz::InputKind::mouse_move, from.x, from.y)}, 0);
  stage.frame({viz::mouse_event(viz::InputKind::mouse_down, from.x, from.y)}, 0);
  for (int i = 0; i < 2; ++i) stage.frame({viz::mouse_event(viz::InputKind::mouse_move, to.x, to.y)}, 0);
  stage.frame({viz::mouse_event(viz::InputKind::mouse_up, to.x, to.y)}, 0);
}

void play_until_it_pauses(Stage& stage) {
  for (int i = 0; i < 10'000 && stage.viewer().playing(); ++i) stage.frame({}, frame_us);
  EXPECT_FALSE(stage.viewer().playing());
}

TEST(TimeInTheWindow, goes_from_bookmark_to_bookmark) {
  const auto stage = opened_first_run();
  ASSERT_TRUE(stage);
  viz::Viewer& viewer = stage->viewer();
  for (const std::int64_t ms : {200, 700}) {
    viewer.seek(Time{ms * 1'000'000});
    press(*stage, "b", 0);
  }
  ASSERT_EQ(viewer.bookmarks()->marks.size(), 2u);
  EXPECT_FALSE(viewer.bookmarks()->marks[1].name.empty());
  press(*stage, "PageUp", 0);
  EXPECT_EQ(viewer.now(), Time{200'000'000});
  press(*stage, "PageDown", 0);
  EXPECT_EQ(viewer.now(), Time{700'000'000});
  press(*stage, "b", 0);
  EXPECT_EQ(viewer.bookmarks()->marks.size(), 1u);
}

TEST(TimeInTheWindow, plays_a_loop_whose_ends_can_be_dragged) {
  const auto stage = opened_first_run();
  ASSERT_TRUE(stage);
  viz::Viewer& viewer = stage->viewer();
  viewer.seek(Time{1'000'000'000});
  press(*stage, "i", 0);
  viewer.seek(Time{2'000'000'000});
  press(*stage, "o", 0);
  ASSERT_TRUE(viewer.bookmarks()->loop());
  // B stands at two thirds of the strip of three seconds; it goes to half of it.
  drag(*stage, {112 + 888.0F * 2 / 3, 709}, {112 + 888.0F / 2, 709});
  EXPECT_NEAR(static_cast<double>(viewer.bookmarks()->loop()->end.ns), 1.5e9, 1e7);
  press(*stage, "v", 0);
  press(*stage, "Space", 0);
  bool came_round = false;
  Time before = viewer.now();
  for (int i = 0; i < 200; ++i) {
    stage->frame({}, frame_us);
    came_round |= viewer.now() < before;
    before = viewer.now();
    EXPECT_GE(before, viewer.bookmarks()->loop()->begin);
    EXPECT_LE(before, viewer.bookmarks()->loop()->end);
  }
  EXPECT_TRUE(came_round);
  press(*stage, "Shift+O", 0);
  EXPECT_FALSE(viewer.bookmarks()->loop());
}

TEST(TimeInTheWindow, pauses_at_a_drop_in_either_direction_and_shows_it) {
  const auto stage = opened_first_run();
  ASSERT_TRUE(stage);
  viz::Viewer& viewer = stage->viewer();
  press(*stage, "x", 0);
  const Time drop = viewer.now();
  const PacketId packet = viewer.selection().packet;
  press(*stage, "Escape", 0);
  press(*stage, "Home", 0);
  press(*stage, "Shift+x", 0);
  press(*stage, "Space", 0);
  play_until_it_pauses(*stage);
  EXPECT_EQ(viewer.now(), drop);
  EXPECT_EQ(viewer.selection().packet, packet);
  press(*stage, "End", 0);
  press(*stage, "Shift+Space", 0);
  play_until_it_pauses(*stage);
  EXPECT_EQ(viewer.now(), drop);
  // On from there to the end: forward again, and no further drop.
  press(*stage, "Space", 0);
  play_until_it_pauses(*stage);
  EXPECT_GT(viewer.now(), Time{2'900'000'000});
}

// Where a time stands on the strip of first_run's three seconds.
float x_of(Time time) {
  return 112 + 888 * static_cast<float>(time.ns) / 3e9F;
}

TEST(TimeInTheWindow, drags_the_cursor_away_from_a_bookmark_below_its_handle) {
  const auto stage = opened_first_run();
  ASSERT_TRUE(stage);
  viz::Viewer& viewer = stage->viewer();
  const Time marked{1'000'000'000}, other{2'000'000'000};
  viewer.seek(marked);
  press(*stage, "b", 0);
  ASSERT_EQ(viewer.bookmarks()->marks.size(), 1u);
  drag(*stage, {x_of(marked), 640}, {x_of(other), 640});
  EXPECT_NEAR(static_cast<double>(viewer.now().ns), 2e9, 1e7);
  // Its flag takes the click where the handle is not, and hangs below the handle where that is.
  for (const float y : {642.0F, 657.0F}) {
    drag(*stage, {x_of(marked), y}, {x_of(marked), y});
    EXPECT_EQ(viewer.now(), marked) << y;
  }
}

TEST(TimeInTheWindow, goes_to_what_a_mark_stands_for_and_chooses_its_packet) {
  const auto stage = opened_first_run();
  ASSERT_TRUE(stage);
  viz::Viewer& viewer = stage->viewer();
  press(*stage, "x", 0);
  const Time drop = viewer.now();
  const PacketId packet = viewer.selection().packet;
  ASSERT_TRUE(packet.valid());
  press(*stage, "Escape", 0);
  press(*stage, "Home", 0);
  drag(*stage, {x_of(drop), 676}, {x_of(drop), 676});
  EXPECT_EQ(viewer.now(), drop);
  EXPECT_EQ(viewer.selection().packet, packet);
}

TEST(TimeInTheWindow, pauses_where_the_dot_beside_a_lane_says) {
  const auto stage = opened_first_run();
  ASSERT_TRUE(stage);
  const viz::Vec2 dot{19, 676};
  drag(*stage, dot, dot);
  EXPECT_TRUE(stage->viewer().stops()->points.on_drop);
  drag(*stage, dot, dot);
  EXPECT_FALSE(stage->viewer().stops()->points.on_drop);
}

TEST(TimeInTheWindow, shows_a_run_at_once_and_follows_it) {
  using Clock = std::chrono::steady_clock;
  const auto stage = empty_stage();
  ASSERT_TRUE(stage);
  ASSERT_TRUE(stage->open_soon(scenarios + "limits/hundred_thousand_clients.yaml"));
  viz::Viewer& viewer = stage->viewer();
  EXPECT_TRUE(viewer.growing());
  EXPECT_TRUE(viewer.playing());
  std::vector<double> ms;
  const auto begin = Clock::now();
  while (viewer.growing() && Clock::now() - begin < std::chrono::seconds(20)) {
    const auto start = Clock::now();
    stage->frame({}, frame_us);
    ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    if (ms.size() == 30) press(*stage, "Escape", 0);
  }
  const std::size_t frames = ms.size();
  const auto longest = std::max_element(ms.begin(), ms.end());
  std::cout << frames << " frames while it grew, the longest " << *longest << " ms, number " << longest - ms.begin();
  std::nth_element(ms.begin(), ms.begin() + static_cast<std::ptrdiff_t>(frames / 2), ms.end());
  std::cout << ", half of them below " << ms[frames / 2] << " ms\n";
  EXPECT_FALSE(viewer.growing()) << "Escape stops it";
  EXPECT_GE(frames, 30u);
  EXPECT_GT(viewer.now(), Time{0});
  press(*stage, "End", 0);
  EXPECT_GT(viewer.now(), Time{0});
}

// 100,000 connections, both ends: what a frame costs after a step in time, and the next one at the same place. The
// limits are wide: they find what grows with the number of sockets, on a busy machine too.
TEST(TimeInTheWindow, draws_every_panel_of_a_crowd) {
  using Clock = std::chrono::steady_clock;
  const auto stage = empty_stage();
  ASSERT_TRUE(stage);
  ASSERT_TRUE(stage->open(scenarios + "limits/hundred_thousand_clients.yaml"));
  viz::Viewer& viewer = stage->viewer();
  ASSERT_TRUE(viewer.select_host_named("server"));
  viewer.seek(Time{11'000'000'000});
  const auto frame_ms = [&] {
    const auto start = Clock::now();
    stage->frame({}, 0);
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  };
  for (const viz::PanelName& panel : viz::panel_names) {
    viewer.open_panel(panel.kind);
    for (int i = 0; i < 3; ++i) frame_ms();
    viewer.seek(Time{9'900'000'000});
    const double moved = frame_ms();
    const double stands = std::min(frame_ms(), frame_ms());
    std::cout << panel.title << ": " << moved << " ms after a seek, then " << stands << " ms\n";
    EXPECT_LT(moved, 3000) << panel.title;
    EXPECT_LT(stands, 500) << panel.title;
    viewer.seek(Time{11'000'000'000});
  }
}

TEST(TimeInTheWindow, the_end_of_a_followed_packet_lets_go_of_it) {
  const auto stage = opened_first_run();
  ASSERT_TRUE(stage && stage->open(scenarios + "nat/port_forwarding.yaml"));
  viz::Viewer& viewer = stage->viewer();
  press(*stage, "X", 0);
  const Time dropped = viewer.now();
  for (const char* key : {"F", "Right", "Right"}) press(*stage, key, 0);
  EXPECT_GT(viewer.now(), dropped) << "the first tells that the packet ends, the second goes on";
}

TEST(TimeInTheWindow, reads_a_capture_beside_what_is_shown) {
  const auto stage = opened_first_run();
  ASSERT_TRUE(stage);
  viz::Viewer& viewer = stage->viewer();
  const std::string before = viewer.title();
  EXPECT_FALSE(stage->open_soon(scenarios + "no such file.pcap"));
  press(*stage, "Escape", 0);
  ASSERT_TRUE(stage->open_soon(std::string(FT_SOURCE_DIR) + "/tests/captures/nat_inside.pcap"));
  for (int i = 0; i < 2000 && viewer.title() == before; ++i) stage->frame({}, frame_us);
  EXPECT_NE(viewer.title(), before);
}

}  // namespace
}  // namespace fourtuple::app
