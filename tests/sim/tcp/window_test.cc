#include <gtest/gtest.h>

#include "tests/sim/tcp/harness.h"

namespace fourtuple::tcp::test {
namespace {

class TcpWindow : public ::testing::Test {
 protected:
  TcpWindow() {
    h.auto_read = false;
    h.config[1].receive_buffer = h.config[1].receive_buffer_max = 20'000;
    h.establish();
  }
  Harness h;
};

TEST_F(TcpWindow, a_reader_that_sleeps_closes_it) {
  h.write(Side::client, 100'000);
  h.run_for(seconds(30));
  EXPECT_EQ(snapshot(h.client()).snd_wnd, 0u);
  EXPECT_GE(readable(h.server()), 8000u);
  EXPECT_LE(readable(h.server()), 20'000u);
  EXPECT_EQ(h.client().timer, TimerKind::window_probe);
}

TEST_F(TcpWindow, probes_back_off_and_never_give_up_while_answered) {
  h.write(Side::client, 100'000);
  h.run_for(seconds(3600));
  EXPECT_EQ(h.client().state, State::established);
  const auto probes = h.times([&](const Sent& s) {
    return s.from == Side::client && s.packet.payload_length == 0 && s.packet.seq == h.client().snd_una - 1;
  });
  ASSERT_GT(probes.size(), 12u);
  EXPECT_NEAR(static_cast<double>((probes[2] - probes[1]).ns) / static_cast<double>((probes[1] - probes[0]).ns), 2,
              0.2);
  EXPECT_LE((probes.back() - probes[probes.size() - 2]).ns, seconds(130).ns);
}

TEST_F(TcpWindow, reading_opens_it_with_an_update) {
  h.write(Side::client, 100'000);
  h.run_for(seconds(5));
  const std::size_t before = h.log().size();
  h.read(Side::server, 100'000);
  ASSERT_GT(h.log().size(), before);
  EXPECT_EQ(flags_of(h.log()[before].packet), "A");
  EXPECT_GT(h.log()[before].packet.window, 0);
  h.run_for(milliseconds(50));
  EXPECT_GT(readable(h.server()), 0u);
}

TEST_F(TcpWindow, small_reads_do_not_advertise_a_silly_window) {
  h.write(Side::client, 100'000);
  h.run_for(seconds(5));
  const std::size_t before = h.log().size();
  h.read(Side::server, 100);
  EXPECT_EQ(h.log().size(), before);
}

TEST_F(TcpWindow, lost_update_is_recovered_by_a_probe) {
  h.write(Side::client, 30'000);
  h.run_for(seconds(5));
  h.lose = [](Side side, int, const Packet&) { return side == Side::server; };
  h.read(Side::server, 100'000);
  h.run_for(milliseconds(1));
  h.lose = [](Side, int, const Packet&) { return false; };
  h.auto_read = true;
  h.run_for(seconds(60));
  h.read(Side::server, 100'000);
  EXPECT_EQ(h.bytes_read(Side::server), 30'000u);
}

TEST_F(TcpWindow, unanswered_probes_end_the_connection) {
  h.write(Side::client, 100'000);
  h.run_for(seconds(5));
  h.lose = [](Side, int, const Packet&) { return true; };
  h.run_for(seconds(3600));
  EXPECT_EQ(h.failure(Side::client), Failure::timed_out);
}

TEST(TcpWindowGrowth, a_fast_reader_gets_a_larger_window) {
  Harness h(milliseconds(50));
  h.establish();
  h.write(Side::client, 3'000'000);
  h.run_for(seconds(6));
  EXPECT_EQ(h.bytes_read(Side::server), 3'000'000u);
  EXPECT_GT(snapshot(h.client()).snd_wnd, 300'000u);
}

TEST(TcpWindowGrowth, the_window_never_shrinks) {
  Harness h;
  h.auto_read = false;
  h.establish();
  h.write(Side::client, 300'000);
  h.run_for(seconds(3));
  SeqNumber edge = h.server().irs;
  for (const Sent& s : h.log()) {
    if (s.from != Side::server || s.packet.has(TcpFlag::syn)) continue;
    const SeqNumber now = s.packet.ack + (std::uint32_t{s.packet.window} << 10);
    EXPECT_TRUE(now.at_or_after(edge));
    edge = now;
  }
}

}  // namespace
}  // namespace fourtuple::tcp::test
