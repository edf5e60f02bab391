#include <gtest/gtest.h>
#include <map>

#include "tests/viz/panels/pictures.h"
#include "tests/viz/panels/story.h"
#include "viz/panels/ladder/ladder_panel.h"

namespace fourtuple::viz {
namespace {

using test::Bench;
using test::Easel;

Image ladder_picture(Bench& bench, int width, int height, ThemeChoice choice = {}) {
  Easel easel(width, height, choice);
  LadderPanel panel;
  return easel.paint([&](Ui& ui, Rect area) { panel.draw(ui, area, bench.context()); });
}

TEST(LadderModel, has_a_column_for_every_host_that_takes_part) {
  Bench bench;
  bench.seek_end(bench.story->bob_syn);
  const LadderModel model = build_ladder(bench.context());
  EXPECT_EQ(model.columns.size(), 4u);
  bench.selection.flow = bench.indexes.packets().flow(bench.story->alice_data);
  const LadderModel one = build_ladder(bench.context());
  ASSERT_EQ(one.columns.size(), 3u);
  EXPECT_EQ(one.columns[0].name, "alice");
  EXPECT_EQ(one.columns[0].detail, "firefox");
  EXPECT_EQ(one.columns[2].name, "web server");
  EXPECT_EQ(one.columns[2].detail, "caddy");
}

TEST(LadderModel, keeps_arrows_of_one_lane_apart_and_in_order_of_time) {
  Bench bench;
  bench.seek_end(bench.story->resent_data);
  const LadderModel model = build_ladder(bench.context());
  std::map<std::pair<std::size_t, std::size_t>, float> last;
  for (const LadderArrow& arrow : model.arrows) {
    EXPECT_GE(arrow.y_to, arrow.y_from);
    const auto lane = std::pair{arrow.from, arrow.to};
    if (last.contains(lane)) {
      EXPECT_GE(arrow.y_from, last[lane] + ladder_row);
    }
    last[lane] = arrow.y_from;
  }
  for (std::size_t i = 1; i < model.instants.size(); ++i) {
    EXPECT_LT(model.instants[i - 1].at, model.instants[i].at);
    EXPECT_LE(model.instants[i - 1].y, model.instants[i].y);
  }
}

TEST(LadderModel, folds_what_is_idle_and_says_how_long) {
  Bench bench;
  bench.seek_end(bench.story->bob_syn);
  const LadderModel model = build_ladder(bench.context());
  ASSERT_FALSE(model.folds.empty());
  bool found = false;
  for (const LadderFold& fold : model.folds) found = found || fold.text.ends_with(" ms idle");
  EXPECT_TRUE(found);
}

TEST(LadderModel, counts_sequence_numbers_from_the_start) {
  Bench bench;
  bench.seek_end(bench.story->resent_data);
  const LadderModel model = build_ladder(bench.context());
  std::map<std::uint32_t, std::string> words;
  for (const LadderArrow& arrow : model.arrows) words[arrow.packet.value] = arrow.words;
  EXPECT_EQ(words[bench.story->alice_syn.value], "SYN");
  EXPECT_EQ(words[bench.story->alice_data.value], "1:215");
  EXPECT_EQ(words[bench.story->lost_data.value], "5793:7241");
  EXPECT_EQ(words[bench.story->reset.value], "RST ACK");
}

TEST(LadderModel, ends_a_lost_arrow_before_its_column) {
  Bench bench;
  bench.seek_end(bench.story->resent_data);
  const LadderModel model = build_ladder(bench.context());
  bool lost = false, again = false;
  for (const LadderArrow& arrow : model.arrows) {
    if (arrow.packet == bench.story->lost_data) {
      EXPECT_GT(arrow.lost_at, 0);
      EXPECT_FALSE(arrow.reason.empty());
      lost = true;
    }
    again = again || (arrow.packet == bench.story->resent_data && arrow.again);
  }
  EXPECT_TRUE(lost);
  EXPECT_TRUE(again);
}

TEST(LadderModel, says_so_when_nothing_has_travelled) {
  trace::Trace empty;
  empty.publish();
  replay::Indexes indexes(empty);
  replay::Cursor cursor(empty);
  replay::Playback playback;
  Selection selection;
  FrameBytes bytes;
  std::vector<Wish> wishes;
  const replay::ValueText value_text = replay::hex_value;
  const replay::HostTools tools;
  const LadderModel model =
      build_ladder({empty, indexes, cursor, playback, selection, bytes, true, wishes, value_text, tools});
  EXPECT_FALSE(model.note.empty());
}

TEST(LadderPanel, draws_a_conversation) {
  for (const bool dark : {true, false}) {
    Bench bench;
    bench.seek_end(bench.story->resent_data);
    bench.selection.packet = bench.story->resent_data;
    bench.selection.flow = bench.indexes.packets().flow(bench.story->resent_data);
    const Image picture = ladder_picture(bench, 1112, 696, {dark ? Look::dark : Look::light, 1});
    test::keep(picture, dark ? "panel-ladder-dark.png" : "panel-ladder-light.png");
    EXPECT_GT(test::count_color(picture, flow_color(0)), 3000u);
    EXPECT_GT(test::count_color(picture, (dark ? dark_palette() : light_palette()).drop), 30u);
  }
}

TEST(LadderPanel, draws_all_hosts_and_captures_at_small_sizes) {
  {
    Bench bench;
    bench.cursor.seek(Time{} + milliseconds(1230));
    test::keep(ladder_picture(bench, 1440, 696), "panel-ladder-all.png");
  }
  Bench bench({trace::Level::facts, trace::Source::capture, true});
  bench.cursor.seek(Time{} + milliseconds(290));
  bench.selection.packet = bench.story->alice_data;
  test::keep(ladder_picture(bench, 1024, 564), "panel-ladder-capture.png");
}

}  // namespace
}  // namespace fourtuple::viz
