#include <gtest/gtest.h>

#include "tests/sim/tcp/harness.h"

namespace fourtuple::tcp::test {
namespace {

TEST(TcpHandshake, three_packets_establish_both_ends) {
  Harness h;
  h.establish();
  EXPECT_EQ(h.transcript(), "c:S s:SA c:A");
  EXPECT_EQ(h.client().state, State::established);
  EXPECT_EQ(h.server().state, State::established);
  EXPECT_EQ(snapshot(h.client()).srtt_us, 20'000u);
  EXPECT_EQ(snapshot(h.server()).srtt_us, 20'000u);
  EXPECT_EQ(snapshot(h.client()).cwnd, 10u);
  EXPECT_EQ(h.client().mss, 1448);
}

TEST(TcpHandshake, syn_carries_the_options_of_linux_without_sack) {
  Harness h;
  h.connect();
  const Packet& syn = h.log()[0].packet;
  EXPECT_EQ(syn.window, 64'240);
  EXPECT_EQ(syn.options, TcpOption::mss | TcpOption::window_scale | TcpOption::timestamps);
  EXPECT_EQ(syn.mss, 1460);
  EXPECT_EQ(syn.window_scale, 10);
  EXPECT_EQ(syn.ack.raw, 0u);
}

TEST(TcpHandshake, peer_without_options_gets_plain_tcp) {
  Harness h;
  h.config[1].offer_timestamps = h.config[1].offer_window_scale = false;
  h.establish();
  EXPECT_EQ(h.client().mss, 1460);
  h.write(Side::client, 100);
  h.run_for(seconds(1));
  EXPECT_EQ(h.log().back().packet.options, 0);
  EXPECT_EQ(h.bytes_read(Side::server), 100u);
}

TEST(TcpHandshake, missing_mss_option_means_536) {
  Connection c;
  Packet syn;
  syn.flags = TcpFlag::syn;
  syn.window = 1000;
  open_passive(c, Config{}, syn, SeqNumber{1}, Time{});
  EXPECT_EQ(c.full_mss, 536);
}

TEST(TcpHandshake, closed_port_refuses) {
  Harness h;
  h.server_listens = false;
  h.connect();
  h.run_for(seconds(1));
  EXPECT_EQ(h.transcript(), "c:S s:RA");
  EXPECT_EQ(h.failure(Side::client), Failure::refused);
  EXPECT_EQ(h.client().state, State::closed);
  EXPECT_TRUE(h.events(Side::client) & Event::failed);
}

TEST(TcpHandshake, unanswered_syn_follows_the_kernels_schedule_and_times_out) {
  Harness h;
  h.lose = [](Side, int, const Packet&) { return true; };
  h.connect();
  h.run_for(seconds(200));
  // kernel/FACTS: 1.0 2.1 3.1 4.1 5.1 7.1 11.3 19.5 s
  const std::int64_t expected_ms[] = {0, 1024, 2048, 3072, 4096, 5120, 7136, 11264, 19456, 35584, 69632};
  ASSERT_EQ(h.log().size(), std::size(expected_ms));
  for (std::size_t i = 0; i < std::size(expected_ms); ++i)
    EXPECT_EQ(h.log()[i].at, Time{} + milliseconds(expected_ms[i]));
  EXPECT_EQ(h.failure(Side::client), Failure::timed_out);
}

TEST(TcpHandshake, exact_timers_double_from_one_second) {
  Harness h;
  h.config[0].kernel_ticks = false;
  h.lose = [](Side, int, const Packet&) { return true; };
  h.connect();
  h.run_for(seconds(200));
  const std::int64_t expected_s[] = {0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67};
  ASSERT_EQ(h.log().size(), std::size(expected_s));
  for (std::size_t i = 0; i < std::size(expected_s); ++i) EXPECT_EQ(h.log()[i].at, Time{} + seconds(expected_s[i]));
}

TEST(TcpHandshake, lost_syn_ack_is_repeated_by_the_server) {
  Harness h;
  h.lose = [](Side side, int n, const Packet&) { return side == Side::server && n == 0; };
  h.connect();
  h.run_for(seconds(3));
  EXPECT_EQ(h.client().state, State::established);
  EXPECT_EQ(h.server().state, State::established);
}

TEST(TcpHandshake, server_gives_up_after_five_repetitions) {
  Harness h;
  h.lose = [](Side side, int, const Packet&) { return side == Side::server; };
  h.connect();
  h.run_for(milliseconds(100));
  tcp::abort(h.client(), h.now());
  h.run_for(seconds(100));
  EXPECT_EQ(h.server().state, State::closed);
  EXPECT_EQ(h.times([](const Sent& s) { return s.from == Side::server; }).size(), 6u);
}

TEST(TcpHandshake, lost_last_ack_is_made_up_by_data) {
  Harness h;
  h.lose = [](Side side, int n, const Packet&) { return side == Side::client && n == 1; };
  h.establish();
  EXPECT_EQ(h.server().state, State::syn_received);
  h.write(Side::client, 10);
  h.run_for(milliseconds(50));
  EXPECT_EQ(h.server().state, State::established);
  EXPECT_EQ(h.bytes_read(Side::server), 10u);
}

TEST(TcpHandshake, simultaneous_open_establishes_both) {
  Harness h;
  h.connect_both();
  h.run_for(seconds(1));
  EXPECT_EQ(h.transcript(), "c:S s:S s:SA c:SA c:A s:A");
  EXPECT_EQ(h.client().state, State::established);
  EXPECT_EQ(h.server().state, State::established);
  h.write(Side::client, 5000);
  h.run_for(seconds(1));
  EXPECT_EQ(h.bytes_read(Side::server), 5000u);
}

TEST(TcpHandshake, syn_sent_answers_a_wrong_ack_with_reset_and_goes_on) {
  Harness h;
  h.lose = [](Side, int, const Packet&) { return true; };
  h.connect();
  Packet p = h.plausible(Side::client, TcpFlag::syn | TcpFlag::ack);
  p.ack = SeqNumber{77};
  EXPECT_EQ(h.inject(Side::client, p).disposition, Disposition::unacceptable_ack);
  EXPECT_EQ(flags_of(h.log().back().packet), "R");
  EXPECT_EQ(h.log().back().packet.seq.raw, 77u);
  EXPECT_EQ(h.client().state, State::syn_sent);
}

TEST(TcpHandshake, syn_sent_ignores_a_reset_that_does_not_acknowledge_the_syn) {
  Harness h;
  h.lose = [](Side, int, const Packet&) { return true; };
  h.connect();
  EXPECT_EQ(h.inject(Side::client, h.plausible(Side::client, TcpFlag::rst)).disposition, Disposition::reset_ignored);
  EXPECT_EQ(h.client().state, State::syn_sent);
}

TEST(TcpHandshake, syn_received_answers_a_wrong_ack_with_reset) {
  Harness h;
  h.lose = [](Side side, int n, const Packet&) { return side == Side::client && n > 0; };
  h.connect();
  h.run_for(milliseconds(15));
  Packet p = h.plausible(Side::server, TcpFlag::ack);
  p.ack = SeqNumber{77};
  EXPECT_EQ(h.inject(Side::server, p).disposition, Disposition::unacceptable_ack);
  EXPECT_EQ(flags_of(h.log().back().packet), "R");
  EXPECT_EQ(h.server().state, State::syn_received);
}

TEST(TcpHandshake, close_in_syn_sent_sends_nothing) {
  Harness h;
  h.lose = [](Side, int, const Packet&) { return true; };
  h.connect();
  h.close(Side::client);
  EXPECT_EQ(h.log().size(), 1u);
  EXPECT_EQ(h.client().state, State::closed);
}

}  // namespace
}  // namespace fourtuple::tcp::test
