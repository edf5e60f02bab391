// What the panels show of packets that a filter does not take.
#include <algorithm>
#include <gtest/gtest.h>

#include "sim/replay/filter/parse.h"
#include "tests/viz/panels/story.h"
#include "viz/panels/ladder/ladder_model.h"
#include "viz/panels/map/map_traffic.h"
#include "viz/panels/timeline/match_bars.h"

namespace fourtuple::viz {
namespace {

class Filtered : public ::testing::Test {
 protected:
  void filter(const std::string& text) {
    replay::FilterNames names(bench_.story->trace);
    names.refresh();
    auto parsed = replay::parse_filter(text, names, {});
    ASSERT_TRUE(parsed) << parsed.error().to_string();
    result_ = std::make_unique<replay::FilterResult>(bench_.indexes, std::move(*parsed));
    result_->advance();
  }
  PanelContext context() {
    return {bench_.story->trace, bench_.indexes,     bench_.cursor, bench_.playback,
            bench_.selection,    bench_.frame_bytes, true,          bench_.wishes,
            bench_.value_text,   bench_.tools,       result_.get()};
  }
  std::uint64_t all() const { return bench_.indexes.marks().positions(replay::Mark::packet).size(); }

  test::Bench bench_;
  std::unique_ptr<replay::FilterResult> result_;
};

TEST_F(Filtered, ladder_has_only_arrows_of_packets_that_fit_and_counts_the_others) {
  bench_.cursor.seek(bench_.cursor.end_time());
  const std::size_t before = build_ladder(context()).arrows.size();
  filter("again or reset");
  const LadderModel model = build_ladder(context());
  ASSERT_FALSE(model.arrows.empty());
  EXPECT_LT(model.arrows.size(), before);
  for (const LadderArrow& arrow : model.arrows) EXPECT_TRUE(result_->matches(arrow.packet));
  EXPECT_EQ(model.filtered_out, all() - result_->positions().size());
  filter("flow:1 and not flow:1");
  EXPECT_NE(build_ladder(context()).note.find("The filter hides"), std::string::npos);
}

TEST_F(Filtered, map_shows_what_does_not_fit_as_a_faint_dot_and_keeps_what_is_selected) {
  const replay::Transit hop =
      bench_.indexes.lanes().transit(bench_.indexes.packets().last_hop(bench_.story->alice_syn));
  bench_.cursor.seek(hop.departs + (hop.arrives - hop.departs) / 2);
  MapGeometry geometry;
  for (std::size_t i = 0; i < bench_.story->trace.tables().topology.hosts.size(); ++i)
    geometry.hosts.push_back({static_cast<float>(i) * 300, 100, 100, 80});
  const PacketId packet = bench_.story->alice_syn;
  const auto traffic = [&] {
    const MapSpace space{{0, 0, 1500, 400}, {}, [](const CapsuleLook&) { return Vec2{80, 24}; }, std::nullopt};
    return build_traffic(context(), geometry, space);
  };
  const auto has_capsule = [&](const MapTraffic& shown) {
    return std::any_of(shown.capsules.begin(), shown.capsules.end(),
                       [&](const MapCapsule& one) { return one.packet == packet; });
  };
  EXPECT_TRUE(has_capsule(traffic()));
  filter("reset");
  const MapTraffic left = traffic();
  EXPECT_FALSE(has_capsule(left));
  ASSERT_EQ(left.dots.size(), 1u);
  EXPECT_EQ(left.dots[0].packet, packet);
  bench_.selection.packet = packet;
  EXPECT_TRUE(has_capsule(traffic()));
}

TEST_F(Filtered, timeline_bars_of_matches_stand_on_the_scale_of_all_packets) {
  const Time end = bench_.cursor.end_time();
  const TimelineModel model =
      build_timeline(bench_.indexes.records(), bench_.indexes.marks(), {Time{0}, end, 0, 400}, 4, 8);
  filter("not reset or reset");
  EXPECT_EQ(match_bars(bench_.indexes.records(), result_->positions(), model), model.bars) << "all fit";
  filter("reset");
  const std::vector<float> bars = match_bars(bench_.indexes.records(), result_->positions(), model);
  EXPECT_EQ(std::count_if(bars.begin(), bars.end(), [](float bar) { return bar > 0; }), 1);
  for (std::size_t i = 0; i < bars.size(); ++i) EXPECT_LE(bars[i], model.bars[i]);
}

}  // namespace
}  // namespace fourtuple::viz
