// Delayed acknowledgments and the SYN-ACK schedule against tests/data/kernel/tcp_timers.json.
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/tcp/harness.h"

namespace fourtuple::tcp::test {
namespace {

nlohmann::json kernel_case(const std::string& name) {
  std::ifstream file(std::string(FT_SOURCE_DIR) + "/tests/data/kernel/tcp_timers.json");
  const auto all = nlohmann::json::parse(file);
  for (const auto& test : all["cases"])
    if (test["case"] == name) return test;
  ADD_FAILURE() << "no case " << name;
  return {};
}

struct Answer {
  double after;
  std::uint32_t length;
};

// The server's first packet after each of the client's writes.
class TcpDelayedAckAgainstKernel : public ::testing::Test {
 protected:
  TcpDelayedAckAgainstKernel() {
    h.auto_read = false;
    h.establish();
    h.run_until(Time{} + milliseconds(100));
  }
  void request(std::uint64_t bytes) {
    sent_at = h.now();
    logged = h.log().size();
    h.write(Side::client, bytes);
  }
  void note_answer() {
    for (std::size_t i = logged; i < h.log().size(); ++i) {
      if (h.log()[i].from != Side::server) continue;
      answers.push_back({static_cast<double>((h.log()[i].at - sent_at).ns) / 1e9, h.log()[i].packet.payload_length});
      return;
    }
    answers.push_back({-1, 0});
  }
  void expect(const std::string& name) {
    const auto expected = kernel_case(name)["server_ack_after_and_length"];
    ASSERT_EQ(answers.size(), expected.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      EXPECT_NEAR(answers[i].after, expected[i][0].get<double>(), 0.005) << "answer " << i;
      EXPECT_EQ(answers[i].length, expected[i][1].get<std::uint32_t>()) << "answer " << i;
    }
  }

  Harness h{microseconds(30)};
  Time sent_at;
  std::size_t logged = 0;
  std::vector<Answer> answers;
};

TEST_F(TcpDelayedAckAgainstKernel, one_way_flow_uses_up_sixteen_quick_acks) {
  for (int i = 0; i < 30; ++i) {
    request(10);
    h.run_for(milliseconds(50));
    h.read(Side::server, 1000);
    h.run_for(milliseconds(50));
    note_answer();
  }
  expect("delayed_ack_one_way");
}

TEST_F(TcpDelayedAckAgainstKernel, quick_answers_carry_the_ack) {
  for (int i = 0; i < 6; ++i) {
    request(10);
    h.run_for(milliseconds(20));
    h.read(Side::server, 1000);
    h.write(Side::server, 20);
    h.run_for(milliseconds(1));
    h.read(Side::client, 1000);
    h.run_for(milliseconds(199));
    note_answer();
  }
  expect("delayed_ack_request_response");
}

TEST_F(TcpDelayedAckAgainstKernel, slow_answers_do_not) {
  for (int i = 0; i < 6; ++i) {
    request(10);
    h.run_for(milliseconds(100));
    h.read(Side::server, 1000);
    h.write(Side::server, 20);
    h.run_for(milliseconds(1));
    h.read(Side::client, 1000);
    h.run_for(milliseconds(199));
    note_answer();
  }
  expect("delayed_ack_server_slow");
}

TEST(TcpScheduleAgainstKernel, syn_ack_is_repeated_when_the_kernel_does) {
  Harness h(microseconds(30));
  int syns = 0;
  h.lose = [&](Side side, int, const Packet&) { return side == Side::server || syns++ > 0; };
  h.connect();
  h.run_for(seconds(70));
  const auto sent = h.times([](const Sent& s) { return s.from == Side::server; });
  const auto expected = kernel_case("synack_schedule")["seconds_since_first"];
  ASSERT_EQ(sent.size(), expected.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const double want = expected[i];
    EXPECT_NEAR(static_cast<double>((sent[i] - sent[0]).ns) / 1e9, want, 0.004 + want * 0.03);
  }
}

}  // namespace
}  // namespace fourtuple::tcp::test
