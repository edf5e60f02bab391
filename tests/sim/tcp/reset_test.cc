// RST and the forged segments of RFC 5961: the cases and answers of tests/data/kernel/tcp_reset.json.
#include <gtest/gtest.h>

#include "tests/sim/tcp/harness.h"

namespace fourtuple::tcp::test {
namespace {

Packet segment(std::uint8_t flags, std::uint32_t payload = 0) {
  Packet p;
  p.protocol = Protocol::tcp;
  p.flags = flags;
  p.seq = SeqNumber{1000};
  p.ack = SeqNumber{2000};
  p.payload_length = payload;
  return p;
}

TEST(TcpResetReply, answers_as_the_kernel_does_for_a_closed_port) {
  struct Case {
    Packet in;
    std::uint8_t flags;
    std::uint32_t seq, ack;
  };
  const std::uint8_t rst_ack = TcpFlag::rst | TcpFlag::ack;
  const Case cases[] = {
      {segment(TcpFlag::syn), rst_ack, 0, 1001},
      {segment(TcpFlag::syn, 5), rst_ack, 0, 1006},
      {segment(TcpFlag::ack), TcpFlag::rst, 2000, 0},
      {segment(TcpFlag::ack | TcpFlag::psh, 5), TcpFlag::rst, 2000, 0},
      {segment(TcpFlag::fin | TcpFlag::ack), TcpFlag::rst, 2000, 0},
      {segment(TcpFlag::fin), rst_ack, 0, 1001},
      {segment(TcpFlag::syn | TcpFlag::ack), TcpFlag::rst, 2000, 0},
      {segment(0), rst_ack, 0, 1000},
      {segment(TcpFlag::syn | TcpFlag::fin), rst_ack, 0, 1002},
  };
  for (const Case& c : cases) {
    Packet reply;
    ASSERT_TRUE(reset_reply(c.in, reply));
    EXPECT_EQ(reply.flags, c.flags);
    EXPECT_EQ(reply.seq.raw, c.seq);
    EXPECT_EQ(reply.ack.raw, c.ack);
    EXPECT_EQ(reply.window, 0);
  }
  Packet reply;
  EXPECT_FALSE(reset_reply(segment(TcpFlag::rst), reply));
  EXPECT_FALSE(reset_reply(segment(rst_ack), reply));
}

class TcpForged : public ::testing::Test {
 protected:
  TcpForged() {
    h.establish();
    h.run_for(seconds(1));
  }
  // The verdict, and what was answered ("" for nothing).
  Disposition forge(std::uint8_t flags, std::int32_t seq_shift, std::int32_t ack_shift = 0, std::uint32_t payload = 0) {
    Packet p = h.plausible(Side::server, flags);
    p.seq.raw += static_cast<std::uint32_t>(seq_shift);
    p.ack.raw += static_cast<std::uint32_t>(ack_shift);
    p.payload_length = payload;
    const std::size_t before = h.log().size();
    const Disposition verdict = h.inject(Side::server, p).disposition;
    answer = h.log().size() > before ? flags_of(h.log()[before].packet) : "";
    h.run_for(milliseconds(700));
    return verdict;
  }
  Harness h;
  std::string answer;
};

TEST_F(TcpForged, syn_is_challenged_wherever_it_lies) {
  EXPECT_EQ(forge(TcpFlag::syn, 0), Disposition::syn_challenged);
  EXPECT_EQ(answer, "A");
  EXPECT_EQ(forge(TcpFlag::syn, 5000), Disposition::syn_challenged);
  EXPECT_EQ(answer, "A");
  EXPECT_EQ(forge(TcpFlag::syn | TcpFlag::ack, 0), Disposition::syn_challenged);
  EXPECT_EQ(answer, "A");
  EXPECT_EQ(h.server().state, State::established);
}

TEST_F(TcpForged, reset_must_hit_the_exact_number) {
  EXPECT_EQ(forge(TcpFlag::rst, 100), Disposition::reset_challenged);
  EXPECT_EQ(answer, "A");
  EXPECT_EQ(forge(TcpFlag::rst, -1), Disposition::reset_ignored);
  EXPECT_EQ(answer, "");
  EXPECT_EQ(forge(TcpFlag::rst, 200'000), Disposition::reset_ignored);
  EXPECT_EQ(answer, "");
  EXPECT_EQ(h.server().state, State::established);
  EXPECT_EQ(forge(TcpFlag::rst, 0), Disposition::reset_accepted);
  EXPECT_EQ(h.failure(Side::server), Failure::reset);
}

TEST_F(TcpForged, impossible_acks_are_challenged) {
  EXPECT_EQ(forge(TcpFlag::ack, 0, 1000), Disposition::ack_of_unsent);
  EXPECT_EQ(answer, "A");
  EXPECT_EQ(forge(TcpFlag::ack, 0, -100'000), Disposition::ack_too_old);
  EXPECT_EQ(answer, "A");
}

TEST_F(TcpForged, old_and_far_data_is_answered_with_an_ack) {
  EXPECT_EQ(forge(TcpFlag::ack | TcpFlag::psh, -10, 0, 5), Disposition::duplicate);
  EXPECT_EQ(answer, "A");
  EXPECT_EQ(forge(TcpFlag::ack | TcpFlag::psh, 200'000, 0, 5), Disposition::outside_window);
  EXPECT_EQ(answer, "A");
}

TEST_F(TcpForged, segments_without_ack_are_ignored) {
  EXPECT_EQ(forge(TcpFlag::fin, 0), Disposition::no_ack_flag);
  EXPECT_EQ(answer, "");
  EXPECT_EQ(forge(0, 0, 0, 5), Disposition::no_ack_flag);
  EXPECT_EQ(answer, "");
  EXPECT_EQ(h.bytes_read(Side::server), 0u);
}

TEST_F(TcpForged, challenges_are_limited_to_two_a_second) {
  Packet p = h.plausible(Side::server, TcpFlag::syn);
  const std::size_t before = h.log().size();
  for (int i = 0; i < 10; ++i) h.inject(Side::server, p);
  EXPECT_EQ(h.log().size(), before + 1);
}

TEST_F(TcpForged, old_timestamp_is_rejected) {
  h.write(Side::client, 10);
  h.run_for(milliseconds(100));
  Packet p = h.plausible(Side::server, TcpFlag::ack | TcpFlag::psh);
  p.payload_length = 5;
  p.options = TcpOption::timestamps;
  p.ts_value = h.server().ts_recent - 1;
  EXPECT_EQ(h.inject(Side::server, p).disposition, Disposition::old_timestamp);
  EXPECT_EQ(h.bytes_read(Side::server), 10u);
}

TEST(TcpAbort, sends_a_reset_with_the_current_numbers) {
  Harness h;
  h.establish();
  h.write(Side::client, 10);
  h.run_for(milliseconds(100));
  h.abort(Side::client);
  const Packet& rst = h.log().back().packet;
  EXPECT_EQ(flags_of(rst), "RA");
  EXPECT_EQ(rst.seq, h.iss[0] + 11);
  EXPECT_EQ(rst.ack, h.iss[1] + 1);
  h.run_for(milliseconds(100));
  EXPECT_EQ(h.failure(Side::server), Failure::reset);
}

}  // namespace
}  // namespace fourtuple::tcp::test
