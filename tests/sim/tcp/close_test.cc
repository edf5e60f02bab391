#include <gtest/gtest.h>

#include "tests/sim/tcp/harness.h"

namespace fourtuple::tcp::test {
namespace {

TEST(TcpClose, client_first) {
  Harness h;
  h.establish();
  const std::size_t before = h.log().size();
  h.close(Side::client);
  EXPECT_EQ(h.client().state, State::fin_wait_1);
  h.run_for(milliseconds(100));
  EXPECT_EQ(h.client().state, State::fin_wait_2);
  EXPECT_EQ(h.server().state, State::close_wait);
  EXPECT_TRUE(at_end_of_stream(h.server()));
  h.close(Side::server);
  EXPECT_EQ(h.server().state, State::last_ack);
  h.run_for(milliseconds(100));
  EXPECT_EQ(h.client().state, State::time_wait);
  EXPECT_EQ(h.server().state, State::closed);
  EXPECT_EQ(h.transcript(before), "c:FA s:A s:FA c:A");
  h.run_for(seconds(70));
  EXPECT_EQ(h.client().state, State::closed);
  EXPECT_EQ(h.failure(Side::client), Failure::none);
}

TEST(TcpClose, server_first) {
  Harness h;
  h.establish();
  h.close(Side::server);
  h.run_for(milliseconds(100));
  h.close(Side::client);
  h.run_for(milliseconds(100));
  EXPECT_EQ(h.server().state, State::time_wait);
  EXPECT_EQ(h.client().state, State::closed);
}

TEST(TcpClose, an_immediate_answer_joins_ack_and_fin) {
  Harness h(microseconds(100));
  h.establish();
  h.write(Side::client, 10);
  h.run_for(milliseconds(10));
  const std::size_t before = h.log().size();
  h.close(Side::client);
  h.run_for(milliseconds(1));
  h.close(Side::server);
  h.run_for(milliseconds(1));
  EXPECT_EQ(h.transcript(before), "c:FA s:FA c:A");
  EXPECT_EQ(h.client().state, State::time_wait);
}

TEST(TcpClose, simultaneous) {
  Harness h;
  h.establish();
  const std::size_t before = h.log().size();
  h.close(Side::client);
  h.close(Side::server);
  h.run_for(milliseconds(15));
  EXPECT_EQ(h.client().state, State::closing);
  EXPECT_EQ(h.server().state, State::closing);
  h.run_for(milliseconds(100));
  EXPECT_EQ(h.client().state, State::time_wait);
  EXPECT_EQ(h.server().state, State::time_wait);
  EXPECT_EQ(h.transcript(before), "c:FA s:FA s:A c:A");
}

TEST(TcpClose, half_close_lets_the_other_direction_flow) {
  Harness h;
  h.establish();
  h.write(Side::client, 100);
  h.shutdown(Side::client);
  h.run_for(milliseconds(200));
  EXPECT_EQ(h.client().state, State::fin_wait_2);
  h.write(Side::server, 50'000);
  h.run_for(seconds(2));
  EXPECT_EQ(h.bytes_read(Side::client), 50'000u);
  EXPECT_EQ(tcp::write(h.client(), 1, h.now()), 0u);
  h.run_for(seconds(300));  // no limit while the application holds the socket
  EXPECT_EQ(h.client().state, State::fin_wait_2);
  h.close(Side::server);
  h.run_for(milliseconds(100));
  EXPECT_EQ(h.client().state, State::time_wait);
}

TEST(TcpClose, queued_data_goes_before_the_fin) {
  Harness h;
  h.establish();
  h.write(Side::client, 200'000);
  h.close(Side::client);
  h.run_for(seconds(3));
  EXPECT_EQ(h.bytes_read(Side::server), 200'000u);
  EXPECT_EQ(h.server().state, State::close_wait);
}

TEST(TcpClose, lost_fin_is_retransmitted) {
  Harness h;
  h.establish();
  h.lose = [done = false](Side, int, const Packet& p) mutable {
    const bool hit = p.has(TcpFlag::fin) && !done;
    done |= hit;
    return hit;
  };
  h.close(Side::client);
  h.run_for(seconds(1));
  EXPECT_EQ(h.client().state, State::fin_wait_2);
}

TEST(TcpClose, fin_ahead_of_lost_data_waits_for_it) {
  Harness h;
  h.establish();
  h.lose = [done = false](Side side, int, const Packet& p) mutable {
    const bool hit = side == Side::client && p.payload_length != 0 && !done;
    done |= hit;
    return hit;
  };
  h.write(Side::client, 3000);
  h.close(Side::client);
  h.run_for(milliseconds(30));
  EXPECT_EQ(h.server().state, State::established);
  h.run_for(seconds(2));
  EXPECT_EQ(h.bytes_read(Side::server), 3000u);
  EXPECT_EQ(h.server().state, State::close_wait);
}

TEST(TcpClose, orphan_leaves_fin_wait_2_after_a_minute) {
  Harness h;
  h.establish();
  h.close(Side::client);
  h.run_for(seconds(50));
  EXPECT_EQ(h.client().state, State::fin_wait_2);
  h.run_for(seconds(20));
  EXPECT_EQ(h.client().state, State::closed);
  EXPECT_EQ(h.failure(Side::client), Failure::none);
}

TEST(TcpClose, unread_data_makes_close_a_reset) {
  Harness h;
  h.auto_read = false;
  h.establish();
  h.write(Side::client, 100);
  h.run_for(milliseconds(100));
  const std::size_t before = h.log().size();
  h.close(Side::server);
  h.run_for(milliseconds(100));
  EXPECT_EQ(h.transcript(before), "s:RA");
  EXPECT_EQ(h.failure(Side::client), Failure::reset);
  EXPECT_EQ(h.server().state, State::closed);
}

TEST(TcpClose, data_for_a_closed_socket_is_answered_with_reset) {
  Harness h;
  h.establish();
  h.close(Side::server);
  h.run_for(milliseconds(100));
  h.write(Side::client, 10);
  h.run_for(milliseconds(100));
  const Packet& last = h.log().back().packet;
  EXPECT_EQ(flags_of(last), "R");
  EXPECT_EQ(last.seq, h.iss[1] + 2);
  EXPECT_EQ(h.server().state, State::closed);
  EXPECT_EQ(h.failure(Side::client), Failure::broken_pipe);
}

TEST(TcpClose, time_wait_answers_a_repeated_fin_and_starts_again) {
  Harness h;
  h.establish();
  h.close(Side::client);
  h.run_for(milliseconds(100));
  h.lose = [](Side side, int, const Packet&) { return side == Side::client; };
  h.close(Side::server);
  h.run_for(milliseconds(100));
  ASSERT_EQ(h.client().state, State::time_wait);
  const Time first_deadline = next_deadline(h.client());
  h.run_for(seconds(5));
  EXPECT_GT(next_deadline(h.client()), first_deadline);
  h.lose = [](Side, int, const Packet&) { return false; };
  h.run_for(seconds(10));
  EXPECT_EQ(h.server().state, State::closed);
}

TEST(TcpClose, time_wait_gives_way_to_a_newer_syn) {
  Harness h;
  h.establish();
  h.close(Side::client);
  h.run_for(milliseconds(100));
  h.close(Side::server);
  h.run_for(milliseconds(100));
  Packet old_syn = h.plausible(Side::client, TcpFlag::syn);
  old_syn.seq = old_syn.seq - 10;
  EXPECT_EQ(h.inject(Side::client, old_syn).disposition, Disposition::time_wait_segment);
  Packet syn = h.plausible(Side::client, TcpFlag::syn);
  syn.seq = syn.seq + 100'000;
  const SegmentResult r = h.inject(Side::client, syn);
  EXPECT_TRUE(r.has(Event::new_incarnation));
  EXPECT_EQ(succession_of(h.client()).iss, h.iss[0] + 65'539);
}

TEST(TcpClose, a_reset_ends_time_wait) {
  Harness h;
  h.establish();
  h.close(Side::client);
  h.run_for(milliseconds(100));
  h.close(Side::server);
  h.run_for(milliseconds(100));
  EXPECT_TRUE(h.inject(Side::client, h.plausible(Side::client, TcpFlag::rst)).has(Event::closed));
}

}  // namespace
}  // namespace fourtuple::tcp::test
