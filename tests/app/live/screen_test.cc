#include "app/live/screen.h"

#include <gtest/gtest.h>

namespace fourtuple::app {
namespace {

TEST(ScreenTest, a_text_that_fits_stays_as_it_is) {
  EXPECT_EQ(fitted("one\ntwo\n", 2, 3), "one\ntwo\n");
  EXPECT_EQ(fitted("", 2, 3), "");
}

TEST(ScreenTest, lines_are_cut_at_the_edge_and_no_character_is_split) {
  EXPECT_EQ(fitted("a line\nshort\n", 2, 4), "a li\nshor\n");
  EXPECT_EQ(fitted("äöü\n", 1, 2), "äö\n");
}

TEST(ScreenTest, lines_without_room_are_counted) {
  EXPECT_EQ(fitted("1\n2\n3\n4\n", 3, 80), "1\n2\n… 2 more\n");
  EXPECT_EQ(fitted("1\n2\n3\n4\n", 1, 80), "… 4 more\n");
  EXPECT_EQ(fitted("1\n2\n", 1, 4), "… 2 \n");
}

}  // namespace
}  // namespace fourtuple::app
