#include <gtest/gtest.h>

#include "tests/sim/tcp/harness.h"

namespace fourtuple::tcp::test {
namespace {

TEST(TcpTransfer, data_flows_both_ways) {
  Harness h;
  h.establish();
  h.write(Side::client, 100'000);
  h.write(Side::server, 50'000);
  h.run_for(seconds(2));
  EXPECT_EQ(h.bytes_read(Side::server), 100'000u);
  EXPECT_EQ(h.bytes_read(Side::client), 50'000u);
  EXPECT_EQ(snapshot(h.client()).flight, 0u);
}

TEST(TcpTransfer, payload_offsets_are_positions_in_the_stream) {
  Harness h;
  h.establish();
  h.write(Side::client, 3000);
  h.run_for(seconds(1));
  std::uint64_t next = 0;
  for (const Sent& s : h.log()) {
    if (s.from != Side::client || s.packet.payload_length == 0) continue;
    EXPECT_EQ(s.packet.payload_offset, next);
    EXPECT_EQ(s.packet.payload_kind, PayloadKind::stream);
    next += s.packet.payload_length;
  }
  EXPECT_EQ(next, 3000u);
}

TEST(TcpTransfer, slow_start_sends_ten_then_twenty_segments) {
  Harness h(milliseconds(50));
  h.establish();
  const Time start = h.now();
  h.write(Side::client, 1'000'000);
  h.run_for(milliseconds(340));
  const auto in_round = [&](int round) {
    const auto from = start + milliseconds(100 * round), to = from + milliseconds(100);
    return h
        .times([&](const Sent& s) {
          return s.from == Side::client && s.packet.payload_length && s.at >= from && s.at < to;
        })
        .size();
  };
  EXPECT_EQ(in_round(0), 10u);
  EXPECT_EQ(in_round(1), 20u);
  EXPECT_EQ(in_round(2), 40u);
}

TEST(TcpTransfer, survives_wrap_of_sequence_numbers) {
  Harness h;
  h.iss[0] = SeqNumber{0xffffffffu - 3000};
  h.iss[1] = SeqNumber{0xffffffffu};
  h.establish();
  h.write(Side::client, 200'000);
  h.write(Side::server, 200'000);
  h.run_for(seconds(3));
  h.close(Side::client);
  h.run_for(seconds(1));
  h.close(Side::server);
  h.run_for(seconds(1));
  EXPECT_EQ(h.bytes_read(Side::server), 200'000u);
  EXPECT_EQ(h.bytes_read(Side::client), 200'000u);
  EXPECT_EQ(h.client().state, State::time_wait);
  EXPECT_EQ(h.server().state, State::closed);
}

TEST(TcpTransfer, nagle_holds_the_second_small_write_until_the_first_is_acknowledged) {
  Harness h;
  h.establish();
  const std::size_t before = h.log().size();
  h.write(Side::client, 10);
  h.write(Side::client, 20);
  h.write(Side::client, 30);
  h.run_for(milliseconds(500));
  std::vector<std::uint32_t> lengths;
  for (std::size_t i = before; i < h.log().size(); ++i)
    if (h.log()[i].packet.payload_length) lengths.push_back(h.log()[i].packet.payload_length);
  EXPECT_EQ(lengths, (std::vector<std::uint32_t>{10, 50}));
}

TEST(TcpTransfer, no_delay_sends_each_write) {
  Harness h;
  h.config[0].no_delay = true;
  h.establish();
  const std::size_t before = h.log().size();
  h.write(Side::client, 10);
  h.write(Side::client, 20);
  EXPECT_EQ(h.transcript(before), "c:PA10 c:PA20");
}

TEST(TcpTransfer, write_takes_no_more_than_the_send_buffer) {
  Harness h;
  h.config[0].send_buffer = 5000;
  h.establish();
  h.lose = [](Side, int, const Packet&) { return true; };
  EXPECT_EQ(tcp::write(h.client(), 8000, h.now()), 5000u);
  EXPECT_EQ(tcp::write(h.client(), 1, h.now()), 0u);
  EXPECT_EQ(writable(h.client()), 0u);
}

TEST(TcpTransfer, cwnd_restarts_after_idle) {
  Harness h;
  h.establish();
  h.write(Side::client, 500'000);
  h.run_for(seconds(3));
  EXPECT_GT(snapshot(h.client()).cwnd, 40u);
  h.run_for(seconds(10));
  h.write(Side::client, 1);
  EXPECT_EQ(snapshot(h.client()).cwnd, 10u);
}

TEST(TcpTransfer, path_mtu_shrinks_the_segments_in_flight) {
  Harness h;
  h.establish();
  const std::size_t before = h.log().size();
  h.lose = [&](Side side, int, const Packet& p) { return side == Side::client && p.payload_length > 988; };
  h.write(Side::client, 20'000);
  h.run_for(milliseconds(20));
  tcp::on_path_mtu(h.client(), 1000, h.now());
  h.run_for(seconds(5));
  EXPECT_EQ(h.bytes_read(Side::server), 20'000u);
  EXPECT_EQ(h.client().mss, 988);
  EXPECT_GT(h.log().size(), before);
}

TEST(TcpTransfer, time_to_delay_an_ack_is_forty_milliseconds_after_quick_acks_are_used_up) {
  Harness h(microseconds(100));
  h.config[0].no_delay = true;
  h.config[0].kernel_ticks = h.config[1].kernel_ticks = false;
  h.auto_read = false;
  h.establish();
  for (int i = 0; i < 16; ++i) {
    h.write(Side::client, 100);
    h.run_for(milliseconds(5));
  }
  const std::size_t before = h.log().size();
  const Time sent = h.now();
  h.write(Side::client, 100);
  h.run_for(milliseconds(100));
  ASSERT_EQ(h.transcript(before), "c:PA100 s:A");
  const Duration delay = h.log().back().at - sent;
  EXPECT_GE(delay, milliseconds(20));
  EXPECT_LE(delay, milliseconds(45));
}

TEST(TcpTransfer, first_segments_are_acknowledged_at_once) {
  Harness h(microseconds(100));
  h.establish();
  const std::size_t before = h.log().size();
  const Time sent = h.now();
  h.write(Side::client, 100);
  h.run_for(milliseconds(100));
  EXPECT_EQ(h.transcript(before), "c:PA100 s:A");
  EXPECT_LT(h.log().back().at - sent, milliseconds(1));
}

TEST(TcpTransfer, an_answer_carries_the_ack_once_the_exchange_is_interactive) {
  Harness h(microseconds(100));
  h.establish();
  for (int i = 0; i < 3; ++i) {
    h.write(Side::client, 10);
    h.run_for(milliseconds(1));
    h.write(Side::server, 20);
    h.run_for(milliseconds(1));
  }
  const std::size_t before = h.log().size();
  h.write(Side::client, 10);
  h.run_for(milliseconds(1));
  h.write(Side::server, 20);
  h.run_for(milliseconds(5));
  EXPECT_EQ(h.transcript(before), "c:PA10 s:PA20");
}

}  // namespace
}  // namespace fourtuple::tcp::test
