#include "app/render/frame_times.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "app/view/documents.h"
#include "sim/replay/indexes.h"
#include "tests/app/support/places.h"

namespace fourtuple::app {
namespace {

class FrameTimes : public testing::Test {
 protected:
  FrameTimes() : document_(*open_document(first_run)), indexes_(*document_.trace) { indexes_.refresh(); }
  Time end() const { return document_.trace->end_time(); }

  viz::Document document_;
  replay::Indexes indexes_;
};

TEST_F(FrameTimes, begin_and_end_with_the_stretch_and_never_go_back) {
  for (const Pace pace : {Pace::hops, Pace::time}) {
    const auto times = frame_times({Time{0}, Time{400'000'000}, pace, 20, 3'000'000}, indexes_.lanes());
    ASSERT_TRUE(times) << times.error().to_string();
    EXPECT_EQ(times->size(), 60u);
    EXPECT_EQ(times->front(), Time{0});
    EXPECT_EQ(times->back(), Time{400'000'000});
    EXPECT_TRUE(std::is_sorted(times->begin(), times->end()));
  }
}

TEST_F(FrameTimes, of_true_time_are_evenly_spaced) {
  const auto times = frame_times({Time{0}, Time{90'000'000}, Pace::time, 10, 1'000'000}, indexes_.lanes());
  ASSERT_TRUE(times);
  ASSERT_EQ(times->size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ((*times)[i].ns, static_cast<std::int64_t>(i) * 10'000'000);
}

TEST_F(FrameTimes, of_equal_hops_last_as_long_as_playing_does) {
  const Time from{200'000'000}, to{300'000'000};
  const auto slow = frame_times({from, to, Pace::hops, 10, {}}, indexes_.lanes());
  const auto fast = frame_times({from, to, Pace::hops, 20, {}}, indexes_.lanes());
  ASSERT_TRUE(slow && fast);
  EXPECT_GT(slow->size(), 5u);
  EXPECT_NEAR(static_cast<double>(fast->size()), 2.0 * static_cast<double>(slow->size()), 4.0);
}

TEST_F(FrameTimes, of_more_than_a_minute_are_refused) {
  const auto times = frame_times({Time{0}, end(), Pace::time, 20, 61'000'000}, indexes_.lanes());
  ASSERT_FALSE(times);
  EXPECT_NE(times.error().to_string().find("longer than 60 s"), std::string::npos);
}

TEST(FrameTime, in_hundredths_adds_up_to_whole_seconds) {
  for (const std::uint32_t fps : {1U, 3U, 7U, 15U, 24U, 30U, 50U}) {
    int sum = 0;
    for (std::size_t i = 0; i < fps; ++i) {
      EXPECT_GE(hundredths_of(i, fps), 2);
      sum += hundredths_of(i, fps);
    }
    EXPECT_EQ(sum, 100) << fps;
  }
}

}  // namespace
}  // namespace fourtuple::app
