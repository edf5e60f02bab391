#include "viz/kit/path.h"

#include <array>
#include <gtest/gtest.h>

#include "viz/kit/labels.h"
#include "viz/kit/table.h"

namespace fourtuple::viz {
namespace {

TEST(Path, keeps_a_constant_speed_along_a_bend) {
  const Path path = Path::bezier({0, 0}, {300, 0}, {0, 200}, {300, 200});
  const float step = path.length() / 20;
  for (int i = 0; i < 20; ++i) {
    const float moved =
        distance(path.point_at(static_cast<float>(i) / 20), path.point_at(static_cast<float>(i + 1) / 20));
    EXPECT_NEAR(moved, step, step * 0.06F);
  }
}

TEST(Path, begins_and_ends_where_it_was_told_and_clamps_beyond) {
  const Path path = Path::link({10, 20}, {110, 220});
  EXPECT_EQ(path.point_at(-1), (Vec2{10, 20}));
  EXPECT_NEAR(path.point_at(2).x, 110, 0.01);
  EXPECT_NEAR(path.direction_at(0).x, 1, 0.05);
}

TEST(Path, shifted_to_the_right_of_travel_lies_below_a_line_to_the_east) {
  const Path path = Path::line({0, 0}, {100, 0}).shifted(8);
  EXPECT_NEAR(path.point_at(0.5F).y, 8, 0.01);
  const auto near = path.nearest({50, 20});
  EXPECT_NEAR(near.distance, 12, 0.1);
  EXPECT_NEAR(near.fraction, 0.5, 0.01);
}

TEST(Path, through_corners_rounds_them_and_goes_on_along_another) {
  const std::array corners = {Vec2{0, 0}, Vec2{100, 0}, Vec2{100, 50}};
  const Path path = Path::through(corners, 8);
  EXPECT_EQ(path.points().front(), corners.front());
  EXPECT_NEAR(path.points().back().y, 50, 0.01);
  EXPECT_LT(path.length(), 150);
  EXPECT_GT(path.length(), 140);
  EXPECT_GT(path.nearest({100, 0}).distance, 1);
  const Path longer = path.then(Path::line({100, 50}, {160, 50}));
  EXPECT_NEAR(longer.length(), path.length() + 60, 2);
  EXPECT_NEAR(longer.point_at(1).x, 160, 0.01);
}

TEST(Path, of_no_length_stays_in_place) {
  const Path path = Path::line({5, 5}, {5, 5});
  EXPECT_NEAR(path.length(), 0, 1e-3);
  EXPECT_NEAR(path.point_at(0.3F).x, 5, 1e-3);
}

TEST(Labels, never_overlap_unless_one_must_show) {
  const Rect bounds{0, 0, 200, 100};
  const std::vector<LabelWish> wishes(12, LabelWish{places_around({100, 50}, {60, 20}, 4)});
  const auto places = place_labels(wishes, {}, bounds);
  int shown = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!places[i]) continue;
    ++shown;
    EXPECT_TRUE(bounds.contains(*places[i]));
    for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(places[j] && places[j]->overlaps(*places[i]));
  }
  EXPECT_GE(shown, 2);
  EXPECT_LT(shown, 12);
  const std::vector<LabelWish> forced = {{{Rect{0, 0, 10, 10}}, true}};
  EXPECT_TRUE(place_labels(forced, {bounds}, bounds)[0].has_value());
}

TEST(Labels, are_led_to_by_a_line_that_crosses_nothing) {
  const Rect below{40, 60, 20, 10}, above{40, 0, 20, 10};
  const std::vector<LabelWish> wishes = {{{below, above}, false, Vec2{50, 30}}};
  EXPECT_EQ(place_labels(wishes, {}, {0, 0, 100, 100})[0], below);
  EXPECT_EQ(place_labels(wishes, {{0, 40, 100, 10}}, {0, 0, 100, 100})[0], above);
  EXPECT_EQ(place_labels(wishes, {{45, 25, 10, 10}}, {0, 0, 100, 100})[0], below) << "it begins there";
}

TEST(HitList, finds_the_topmost) {
  HitList hits;
  hits.add({0, 0, 50, 50}, 1);
  hits.add({10, 10, 10, 10}, 2, 3);
  EXPECT_EQ(hits.at({15, 15}), 2U);
  EXPECT_EQ(hits.at({8, 8}), 2U);
  EXPECT_EQ(hits.at({2, 2}), 1U);
  EXPECT_FALSE(hits.at({60, 60}).has_value());
}

TEST(Columns, share_what_the_fixed_ones_leave) {
  const std::vector<Column> columns = {{"a", 50}, {"b"}, {"c"}};
  const auto cells = column_cells({0, 0, 274, 20}, columns, 1);
  EXPECT_FLOAT_EQ(cells[1].w, 100);
  EXPECT_FLOAT_EQ(cells[2].right(), 274);
}

TEST(Rect, gives_strips_and_never_more_than_it_has) {
  Rect r{0, 0, 100, 30};
  EXPECT_EQ(r.take_top(10), (Rect{0, 0, 100, 10}));
  EXPECT_EQ(r.take_bottom(50), (Rect{0, 10, 100, 20}));
  EXPECT_TRUE(r.empty());
}

}  // namespace
}  // namespace fourtuple::viz
