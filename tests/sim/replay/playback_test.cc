#include "sim/replay/playback.h"

#include <gtest/gtest.h>

#include "sim/replay/indexes.h"
#include "tests/sim/replay/trace_builder.h"

namespace fourtuple::replay {
namespace {

using fourtuple::test::TraceBuilder;

constexpr std::int64_t frame_us = 16'000;

// One packet of 1 ms at 0, one of 20 ms at 10 s.
class PlaybackTest : public ::testing::Test {
 protected:
  PlaybackTest() : indexes_(builder_.trace()) {
    builder_.send(0, 0, 1, builder_.udp(0, 1, 1, 2), 1000);
    builder_.send(10'000'000, 1, 0, builder_.udp(1, 0, 2, 1), 20'000);
    indexes_.refresh();
    playback_.play();
  }
  // Real time until `now` reaches `to`.
  std::int64_t play_to(Time now, Time to) {
    std::int64_t real_us = 0;
    while (now != to && real_us < 100'000'000) {
      now = playback_.advance(now, frame_us, indexes_.lanes(), end_);
      real_us += frame_us;
      if (playback_.reverse() ? now <= to : now >= to) break;
    }
    return real_us;
  }

  TraceBuilder builder_;
  Indexes indexes_;
  Playback playback_;
  const Time end_{10'030'000'000};
};

TEST_F(PlaybackTest, every_hop_takes_the_same_time_on_screen) {
  EXPECT_NEAR(static_cast<double>(play_to(Time{0}, Time{1'000'000})), 800'000, frame_us);
  EXPECT_NEAR(static_cast<double>(play_to(Time{10'000'000'000}, Time{10'020'000'000})), 800'000, frame_us);
  EXPECT_NEAR(static_cast<double>(play_to(Time{1'000'000}, Time{10'000'000'000})), 800'000, frame_us);
}

TEST_F(PlaybackTest, backwards_takes_as_long_as_forwards) {
  const std::int64_t forwards = play_to(Time{0}, end_);
  EXPECT_FALSE(playback_.playing());
  playback_.set_reverse(true);
  playback_.play();
  const std::int64_t backwards = play_to(end_, Time{0});
  EXPECT_NEAR(static_cast<double>(forwards), static_cast<double>(backwards), 4 * frame_us);
  EXPECT_FALSE(playback_.playing());
}

TEST_F(PlaybackTest, a_packet_in_flight_moves_with_every_frame) {
  Time now{0};
  while (now < Time{1'000'000}) {
    const Time next = playback_.advance(now, 1000, indexes_.lanes(), end_);
    ASSERT_GE((next - now).ns, 1249);
    now = next;
  }
}

TEST_F(PlaybackTest, true_time_keeps_fractions) {
  playback_.set_mode(SpeedMode::true_time);
  playback_.set_speed(0);
  EXPECT_EQ(Playback::factor(0).denominator, 10'000u);
  Time now{0};
  for (int i = 0; i < 1000; ++i) now = playback_.advance(now, 3, indexes_.lanes(), end_);
  EXPECT_EQ(now, Time{300});
  playback_.set_speed(Playback::normal_speed);
  EXPECT_EQ(playback_.advance(now, 1000, indexes_.lanes(), end_), Time{1'000'300});
  playback_.set_speed(99);
  EXPECT_EQ(Playback::factor(playback_.speed()).numerator, 1000u);
}

TEST_F(PlaybackTest, idle_time_is_skipped_on_demand) {
  playback_.set_mode(SpeedMode::true_time);
  playback_.set_skip_idle(true);
  EXPECT_NEAR(static_cast<double>(play_to(Time{1'000'000}, Time{10'000'000'000})), 250'000, 2 * frame_us);
  playback_.set_skip_idle(false);
  EXPECT_NEAR(static_cast<double>(play_to(Time{1'000'000}, Time{10'000'000'000})), 9'999'000, 2 * frame_us);
}

TEST_F(PlaybackTest, a_loop_starts_over_in_either_direction) {
  playback_.set_mode(SpeedMode::true_time);
  playback_.set_loop(Time{1'000'000}, Time{3'000'000});
  EXPECT_EQ(playback_.advance(Time{2'500'000}, 1000, indexes_.lanes(), end_), Time{1'500'000});
  playback_.set_reverse(true);
  EXPECT_EQ(playback_.advance(Time{1'500'000}, 1000, indexes_.lanes(), end_), Time{2'500'000});
  EXPECT_TRUE(playback_.playing());
}

TEST_F(PlaybackTest, paused_time_stands_still) {
  playback_.pause();
  EXPECT_EQ(playback_.advance(Time{5}, frame_us, indexes_.lanes(), end_), Time{5});
}

TEST(Playback, gives_the_same_instants_however_busy_the_network) {
  TraceBuilder builder(trace::Level::facts, 40);
  for (int i = 0; i < 20'000; ++i) {
    const auto from = static_cast<std::uint32_t>(i % 40);
    builder.send(i, from, (from + 1) % 40, builder.udp(from, (from + 1) % 40, 1, 2), 5000);
  }
  Indexes indexes(builder.trace());
  indexes.refresh();
  const Time end{25'000'000};
  std::vector<Time> runs[2];
  for (auto& instants : runs) {
    Playback playback;
    playback.play();
    Time now{0};
    for (int i = 0; i < 400 && playback.playing(); ++i) {
      const Time next = playback.advance(now, frame_us, indexes.lanes(), end);
      ASSERT_GT(next, now);
      now = next;
      instants.push_back(now);
    }
  }
  EXPECT_EQ(runs[0], runs[1]);
}

}  // namespace
}  // namespace fourtuple::replay
