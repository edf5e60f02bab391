#include "viz/panels/timeline/bookmarks.h"

#include <gtest/gtest.h>

namespace fourtuple::viz {
namespace {

TEST(Bookmarks, are_set_and_cleared_at_one_instant) {
  Bookmarks bookmarks;
  EXPECT_TRUE(bookmarks.toggle(Time{30}, "drop"));
  EXPECT_TRUE(bookmarks.toggle(Time{10}, "start"));
  ASSERT_EQ(bookmarks.marks.size(), 2u);
  EXPECT_EQ(bookmarks.marks[0].name, "start");
  EXPECT_EQ(bookmarks.at(Time{30})->name, "drop");
  EXPECT_EQ(bookmarks.at(Time{29}), nullptr);
  EXPECT_FALSE(bookmarks.toggle(Time{30}, "again"));
  EXPECT_EQ(bookmarks.marks.size(), 1u);
}

TEST(Bookmarks, lead_to_the_next_and_the_one_before) {
  Bookmarks bookmarks;
  for (const std::int64_t at : {10, 20, 30}) bookmarks.toggle(Time{at}, {});
  EXPECT_EQ(bookmarks.after(Time{20})->at, Time{30});
  EXPECT_EQ(bookmarks.after(Time{19})->at, Time{20});
  EXPECT_EQ(bookmarks.after(Time{30}), nullptr);
  EXPECT_EQ(bookmarks.before(Time{20})->at, Time{10});
  EXPECT_EQ(bookmarks.before(Time{10}), nullptr);
}

TEST(Bookmarks, make_a_loop_of_two_ends_in_any_order) {
  Bookmarks bookmarks;
  EXPECT_FALSE(bookmarks.loop());
  bookmarks.loop_begin = Time{50};
  EXPECT_FALSE(bookmarks.loop());
  bookmarks.loop_end = Time{50};
  EXPECT_FALSE(bookmarks.loop());
  bookmarks.loop_end = Time{20};
  ASSERT_TRUE(bookmarks.loop());
  EXPECT_EQ(bookmarks.loop()->begin, Time{20});
  EXPECT_EQ(bookmarks.loop()->end, Time{50});
  bookmarks.clear_loop();
  EXPECT_FALSE(bookmarks.loop());
}

}  // namespace
}  // namespace fourtuple::viz
