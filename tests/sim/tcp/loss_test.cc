#include <gtest/gtest.h>

#include "tests/sim/tcp/harness.h"

namespace fourtuple::tcp::test {
namespace {

bool is_data(const Packet& p) {
  return p.payload_length != 0;
}

// Loses each listed first transmission (by stream offset / 1448) of the client's data.
auto lose_segments(std::vector<std::uint64_t> segments) {
  return [segments](Side side, int, const Packet& p) mutable {
    if (side != Side::client || !is_data(p)) return false;
    const auto hit = std::find(segments.begin(), segments.end(), p.payload_offset / 1448);
    if (hit == segments.end()) return false;
    segments.erase(hit);
    return true;
  };
}

TEST(TcpLoss, timeout_doubles_from_200_milliseconds) {
  Harness h;
  h.config[0].kernel_ticks = false;
  h.establish();
  h.lose = [](Side side, int, const Packet&) { return side == Side::client; };
  h.write(Side::client, 100);
  h.run_for(seconds(10));
  const auto sent = h.times([](const Sent& s) { return s.from == Side::client && is_data(s.packet); });
  ASSERT_GE(sent.size(), 6u);
  const std::int64_t rto_ns = (sent[1] - sent[0]).ns;
  EXPECT_EQ(rto_ns, milliseconds(220).ns);  // a round trip of 20 ms and the floor of 200 ms
  for (std::size_t i = 2; i < sent.size(); ++i) EXPECT_EQ((sent[i] - sent[i - 1]).ns, rto_ns << (i - 1));
}

TEST(TcpLoss, gives_up_after_fifteen_minutes) {
  Harness h;
  h.establish();
  h.lose = [](Side, int, const Packet&) { return true; };
  h.write(Side::client, 100);
  h.run_for(seconds(800));
  EXPECT_EQ(h.client().state, State::established);
  h.run_for(seconds(400));
  EXPECT_EQ(h.failure(Side::client), Failure::timed_out);
  EXPECT_TRUE(h.events(Side::client) & Event::failed);
}

TEST(TcpLoss, three_duplicates_retransmit_before_the_timeout) {
  Harness h;
  h.establish();
  h.lose = lose_segments({2});
  const Time start = h.now();
  h.write(Side::client, 10 * 1448);
  h.run_for(milliseconds(150));
  EXPECT_EQ(h.bytes_read(Side::server), 10u * 1448);
  EXPECT_TRUE(h.events(Side::client) & Event::fast_retransmit);
  EXPECT_FALSE(h.events(Side::client) & Event::retransmission_timeout);
  const auto resent = h.times([&](const Sent& s) { return is_data(s.packet) && s.packet.payload_offset == 2 * 1448; });
  ASSERT_EQ(resent.size(), 2u);
  EXPECT_EQ(resent[1], start + milliseconds(20));
}

TEST(TcpLoss, recovery_halves_the_window) {
  Harness h;
  h.establish();
  h.write(Side::client, 40 * 1448);
  h.run_for(seconds(2));
  const std::uint32_t before = snapshot(h.client()).cwnd;
  h.lose = lose_segments({42});
  h.write(Side::client, 100 * 1448);
  h.run_for(seconds(2));
  EXPECT_EQ(h.bytes_read(Side::server), 140u * 1448);
  const Variables v = snapshot(h.client());
  EXPECT_LT(v.ssthresh, before);
  EXPECT_GE(v.cwnd, v.ssthresh);
  EXPECT_EQ(v.congestion_state, CongestionState::open);
}

TEST(TcpLoss, partial_acks_repair_one_hole_per_round_trip) {
  Harness h;
  h.establish();
  h.lose = lose_segments({1, 3, 5});
  const Time start = h.now();
  h.write(Side::client, 10 * 1448);
  h.run_for(seconds(1));
  EXPECT_EQ(h.bytes_read(Side::server), 10u * 1448);
  EXPECT_FALSE(h.events(Side::client) & Event::retransmission_timeout);
  std::vector<std::int64_t> repaired_ms;
  for (std::uint64_t segment : {1, 3, 5}) {
    const auto times =
        h.times([&](const Sent& s) { return is_data(s.packet) && s.packet.payload_offset == segment * 1448; });
    ASSERT_EQ(times.size(), 2u);
    repaired_ms.push_back((times[1] - start).ns / 1'000'000);
  }
  EXPECT_EQ(repaired_ms, (std::vector<std::int64_t>{20, 40, 60}));
}

TEST(TcpLoss, lost_tail_waits_for_the_timeout) {
  Harness h;
  h.establish();
  h.lose = lose_segments({9});
  h.write(Side::client, 10 * 1448);
  h.run_for(seconds(1));
  EXPECT_EQ(h.bytes_read(Side::server), 10u * 1448);
  EXPECT_TRUE(h.events(Side::client) & Event::retransmission_timeout);
  EXPECT_FALSE(h.events(Side::client) & Event::fast_retransmit);
}

TEST(TcpLoss, timeout_restarts_from_one_segment) {
  Harness h;
  h.establish();
  h.lose = lose_segments({0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  h.write(Side::client, 10 * 1448);
  h.run_for(milliseconds(235));
  EXPECT_EQ(snapshot(h.client()).cwnd, 1u);
  EXPECT_EQ(snapshot(h.client()).congestion_state, CongestionState::loss);
  h.run_for(seconds(2));
  EXPECT_EQ(h.bytes_read(Side::server), 10u * 1448);
}

TEST(TcpLoss, reordering_by_one_needs_no_retransmission) {
  Harness h;
  h.establish();
  h.hold = [](Side side, int, const Packet& p) {
    return side == Side::client && p.payload_offset == 1448 ? microseconds(1) : Duration{};
  };
  h.write(Side::client, 4 * 1448);
  h.run_for(seconds(1));
  EXPECT_EQ(h.bytes_read(Side::server), 4u * 1448);
  EXPECT_EQ(h.times([](const Sent& s) { return is_data(s.packet); }).size(), 4u);
}

TEST(TcpLoss, more_holes_than_kept_still_deliver_everything) {
  Harness h;
  h.establish();
  h.lose = lose_segments({0, 2, 4, 6, 8, 10, 12, 14, 16, 18});
  h.write(Side::client, 20 * 1448);
  h.run_for(seconds(30));
  EXPECT_EQ(h.bytes_read(Side::server), 20u * 1448);
}

TEST(TcpLoss, timestamps_give_a_round_trip_for_retransmissions) {
  Harness h(milliseconds(100));
  h.establish();
  h.lose = lose_segments({0});
  h.write(Side::client, 100);
  h.run_for(seconds(2));
  EXPECT_EQ(snapshot(h.client()).backoff, 0);
}

TEST(TcpLoss, without_timestamps_the_back_off_stays_until_new_data_is_acknowledged) {
  Harness h(milliseconds(100));
  h.config[0].offer_timestamps = false;
  h.establish();
  h.lose = [n = 0](Side side, int, const Packet& p) mutable { return side == Side::client && is_data(p) && n++ == 0; };
  h.write(Side::client, 100);
  h.run_for(seconds(2));
  EXPECT_EQ(snapshot(h.client()).backoff, 1);
  h.write(Side::client, 100);
  h.run_for(seconds(2));
  EXPECT_EQ(snapshot(h.client()).backoff, 0);
}

}  // namespace
}  // namespace fourtuple::tcp::test
