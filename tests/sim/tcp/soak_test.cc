// Random loss and reordering with fixed seeds: every byte arrives exactly once and both ends finish.
#include <gtest/gtest.h>

#include "tests/sim/tcp/harness.h"

namespace fourtuple::tcp::test {
namespace {

struct Dice {  // xorshift: the tests' own, so that its sequence never changes
  std::uint64_t state;
  std::uint64_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  }
  bool chance(std::uint32_t percent) { return next() % 100 < percent; }
};

// Each payload byte is identified by its offset: the receiver's count must equal the highest offset it can have.
class TcpSoak : public ::testing::TestWithParam<int> {};

TEST_P(TcpSoak, everything_arrives_and_both_ends_finish) {
  const auto seed = static_cast<std::uint64_t>(GetParam());
  Dice dice{seed * 0x9e3779b97f4a7c15ull + 1};
  Harness h(milliseconds(1 + static_cast<std::int64_t>(seed % 40)));
  const auto loss = static_cast<std::uint32_t>(seed % 4 * 5);
  const bool reorders = seed % 3 == 0;
  h.iss[0] = SeqNumber{static_cast<std::uint32_t>(dice.next())};
  h.iss[1] = SeqNumber{0xffffffffu - static_cast<std::uint32_t>(dice.next() % 100'000)};
  h.config[0].offer_timestamps = seed % 5 != 0;
  h.config[1].offer_window_scale = seed % 7 != 0;
  h.config[0].kernel_ticks = seed % 2 == 0;
  h.config[1].receive_buffer = seed % 6 == 0 ? 10'000 : 131'072;
  h.lose = [&](Side, int, const Packet&) { return dice.chance(loss); };
  h.hold = [&](Side, int, const Packet&) {
    return reorders && dice.chance(10) ? milliseconds(static_cast<std::int64_t>(dice.next() % 30)) : Duration{};
  };
  h.connect();
  const std::uint64_t total[2] = {dice.next() % 300'000, dice.next() % 100'000};
  std::uint64_t left[2] = {total[0], total[1]};
  for (int round = 0; round < 4000; ++round) {
    h.run_for(milliseconds(20));
    for (Side side : {Side::client, Side::server}) {
      const auto i = static_cast<int>(side);
      const State state = h.at(side).state;
      if (left[i] == 0 || (state != State::established && state != State::close_wait)) continue;
      const std::uint64_t chunk = std::min(left[i], 1 + dice.next() % 20'000);
      left[i] -= tcp::write(h.at(side), chunk, h.now());
      h.write(side, 0);
      if (left[i] == 0) h.shutdown(side);
    }
  }
  h.run_for(seconds(400));
  EXPECT_EQ(h.failure(Side::client), Failure::none);
  EXPECT_EQ(h.failure(Side::server), Failure::none);
  EXPECT_EQ(h.bytes_read(Side::server), total[0]);
  EXPECT_EQ(h.bytes_read(Side::client), total[1]);
  EXPECT_EQ(h.client().state, State::closed) << name_of(h.client().state);
  EXPECT_EQ(h.server().state, State::closed) << name_of(h.server().state);
}

INSTANTIATE_TEST_SUITE_P(Seeds, TcpSoak, ::testing::Range(1, 61));

}  // namespace
}  // namespace fourtuple::tcp::test
