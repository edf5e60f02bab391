// Segments that wait for their acknowledgement; whole captures are compared with tshark in truth_test.cc.
#include "capture/analysis/unacked.h"

#include <gtest/gtest.h>

namespace fourtuple::capture {
namespace {

constexpr SeqNumber start{0xffff'f000};  // numbers wrap on the way

// `count` segments of 100 bytes from `start` on, one a microsecond.
Unacked sent(std::uint32_t count) {
  Unacked unacked;
  for (std::uint32_t i = 0; i < count; ++i) unacked.add(start + 100 * i, start + 100 * (i + 1), 1000 * (i + 1));
  return unacked;
}

TEST(Unacked, every_acknowledgement_of_a_full_window_tells_its_round_trip) {
  constexpr std::uint32_t count = 300;
  Unacked unacked = sent(count);
  EXPECT_EQ(unacked.bytes(), 100 * count);
  for (std::uint32_t i = 2; i <= count; i += 2) {
    EXPECT_EQ(unacked.acknowledge(start + 100 * i, 5'000'000), 5'000'000 - 1000 * i);
    EXPECT_EQ(unacked.bytes(), 100 * (count - i));
  }
}

TEST(Unacked, only_the_exact_end_of_a_segment_tells_a_round_trip) {
  Unacked unacked = sent(3);
  EXPECT_EQ(unacked.acknowledge(start + 150, 9000), Unacked::no_rtt);
  EXPECT_EQ(unacked.bytes(), 150u);
  EXPECT_EQ(unacked.acknowledge(start + 150, 9000), Unacked::no_rtt);
  EXPECT_EQ(unacked.acknowledge(start + 300, 9000), 6000);
  EXPECT_EQ(unacked.bytes(), 0u);
}

TEST(Unacked, the_first_time_of_a_segment_sent_twice_counts) {
  Unacked unacked = sent(8);
  unacked.add(start, start + 100, 20'000);
  EXPECT_EQ(unacked.acknowledge(start + 100, 21'000), 20'000);
  EXPECT_EQ(unacked.bytes(), 700u);
}

TEST(Unacked, a_repetition_with_other_edges_stands_between) {
  Unacked unacked = sent(6);
  unacked.add(start + 100, start + 250, 30'000);
  EXPECT_EQ(unacked.acknowledge(start + 250, 31'000), 1000);
  EXPECT_EQ(unacked.bytes(), 350u);
  unacked.add(start, start + 600, 40'000);
  EXPECT_EQ(unacked.bytes(), 600u) << "it starts before everything";
  EXPECT_EQ(unacked.acknowledge(start + 300, 41'000), 38'000);
  EXPECT_EQ(unacked.bytes(), 300u);
}

TEST(Unacked, no_time_and_a_clock_that_ran_backwards_are_no_round_trip) {
  Unacked unacked = sent(2);
  EXPECT_EQ(unacked.acknowledge(start + 100, 1000), Unacked::no_rtt);
  EXPECT_EQ(unacked.acknowledge(start + 200, 1999), Unacked::no_rtt);
  EXPECT_EQ(unacked.bytes(), 0u);
}

TEST(Unacked, what_is_sent_beyond_the_limit_is_not_followed) {
  Unacked unacked = sent(Unacked::most + 50);
  EXPECT_EQ(unacked.bytes(), 100 * Unacked::most);
  EXPECT_EQ(unacked.acknowledge(start + 100 * (Unacked::most + 50), 20'000'000), Unacked::no_rtt);
  EXPECT_EQ(unacked.bytes(), 0u);
}

}  // namespace
}  // namespace fourtuple::capture
