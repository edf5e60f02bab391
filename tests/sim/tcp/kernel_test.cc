// Replays the application calls of tests/data/kernel/tcp_lifecycle.json and tcp_timers.json on two simulated endpoints
// and compares every packet with what Linux sent. The path of the recordings has a round trip of about 0.1 ms. Each
// side's packets are compared in order; how the two interleave within a burst depends on the machine.
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/tcp/harness.h"

namespace fourtuple::tcp::test {
namespace {

nlohmann::json load(const std::string& name) {
  std::ifstream file(std::string(FT_SOURCE_DIR) + "/tests/data/kernel/" + name);
  return nlohmann::json::parse(file);
}

struct Line {
  double t;
  std::string text;
};

// The kernel marks the end of each run of segments it hands down at once with PSH; where a run ends depends on how
// quickly ACKs came back, so PSH of full segments is not compared.
std::string line_of(std::string flags, std::uint32_t seq, std::uint32_t ack, std::uint32_t window,
                    std::uint32_t length) {
  if (length >= 1448) std::erase(flags, 'P');
  std::sort(flags.begin(), flags.end());
  return flags + " " + std::to_string(seq) + ":" + std::to_string(ack) + " w" + std::to_string(window) + " l" +
         std::to_string(length);
}

std::vector<Line> kernel_lines(const nlohmann::json& test, const std::string& side) {
  std::vector<Line> lines;
  for (const auto& p : test["packets"]) {
    if (p["from"] != side) continue;
    const std::uint32_t ack = p["ack"].is_string() ? 0 : p["ack"].get<std::uint32_t>();
    lines.push_back({p["t"], line_of(p["flags"], p["seq"], ack, p["win"], p["len"])});
  }
  return lines;
}

std::vector<Line> our_lines(const Harness& h, Side side) {
  std::vector<Line> lines;
  const SeqNumber iss = h.iss[static_cast<int>(side)], irs = h.iss[static_cast<int>(other(side))];
  for (const Sent& s : h.log()) {
    if (s.from != side) continue;
    const std::uint32_t ack = s.packet.has(TcpFlag::ack) ? s.packet.ack.raw - irs.raw : 0;
    lines.push_back({static_cast<double>(s.at.ns) / 1e9, line_of(flags_of(s.packet), s.packet.seq.raw - iss.raw, ack,
                                                                 s.packet.window, s.packet.payload_length)});
  }
  return lines;
}

std::uint64_t number_in(const std::string& call, std::uint64_t otherwise) {
  const std::size_t digit = call.find_first_of("0123456789");
  return digit == std::string::npos ? otherwise : std::stoull(call.substr(digit));
}

void perform(Harness& h, Side side, const std::string& call) {
  if (call.starts_with("connect")) {
    h.connect();
  } else if (call.starts_with("send")) {
    h.write(side, number_in(call, 0));
  } else if (call.starts_with("recv")) {
    h.read(side, number_in(call, 0));
  } else if (call.starts_with("shutdown(SHUT_WR)")) {
    h.shutdown(side);
  } else if (call.starts_with("close")) {
    h.close(side);
  }
}

void compare(const nlohmann::json& test, const Harness& h, Side side) {
  const auto expected = kernel_lines(test, side == Side::client ? "client" : "server");
  const auto ours = our_lines(h, side);
  for (std::size_t i = 0; i < std::max(expected.size(), ours.size()); ++i) {
    ASSERT_LT(i, ours.size()) << "missing: " << expected[i].text;
    ASSERT_LT(i, expected.size()) << "too much: " << ours[i].text;
    EXPECT_EQ(ours[i].text, expected[i].text) << "packet " << i << " at " << expected[i].t;
    EXPECT_NEAR(ours[i].t, expected[i].t, 0.010) << expected[i].text;
  }
}

TEST(TcpAgainstKernel, whole_connections_match_packet_for_packet) {
  int compared = 0;
  const auto file = load("tcp_lifecycle.json");
  for (const auto& test : file["cases"]) {
    const std::string name = test["case"];
    if (test["sack"] != 0 || name.starts_with("simultaneous")) continue;  // those two delay packets by hand
    SCOPED_TRACE(name + (test["timestamps"] == 1 ? ", timestamps" : ""));
    Harness h(microseconds(30));
    h.auto_read = false;
    h.config[0].offer_timestamps = h.config[1].offer_timestamps = test["timestamps"] == 1;
    for (const auto& step : test["steps"]) {
      if (!step.contains("t") || step["who"] == "ss") continue;
      h.run_until(Time{} + nanoseconds(static_cast<std::int64_t>(step["t"].get<double>() * 1e9)));
      perform(h, step["who"] == "client" ? Side::client : Side::server, step["call"]);
    }
    h.run_for(milliseconds(200));
    compare(test, h, Side::client);
    compare(test, h, Side::server);
    ++compared;
  }
  EXPECT_GE(compared, 12);
}

// Replays a case of tcp_timers.json with its script of losses.
const nlohmann::json& find_case(const nlohmann::json& file, const std::string& name) {
  for (const auto& test : file["cases"])
    if (test["case"] == name && test.value("sack", 0) == 0) return test;
  ADD_FAILURE() << "no case " << name;
  return file;
}

TEST(TcpAgainstKernel, retransmission_timeouts_come_when_the_kernels_do) {
  const auto file = load("tcp_timers.json");
  const auto& test = find_case(file, "rto_backoff");
  Harness h(microseconds(30));
  h.establish();
  h.run_until(Time{} + milliseconds(100));
  h.write(Side::client, 100);
  h.run_until(Time{} + milliseconds(321));
  h.lose = [](Side side, int, const Packet&) { return side == Side::client; };
  const Time start = h.now();
  h.write(Side::client, 100);
  h.run_for(seconds(30));
  const auto sent =
      h.times([&](const Sent& s) { return s.from == Side::client && s.at >= start && s.packet.payload_length; });
  const auto& expected = test["seconds_since_first"];
  ASSERT_GE(sent.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double want = expected[i];
    EXPECT_NEAR(static_cast<double>((sent[i] - start).ns) / 1e9, want, 0.004 + want * 0.03);
  }
}

TEST(TcpAgainstKernel, small_segments_are_joined_when_retransmitted) {
  Harness h(microseconds(30));
  h.establish();
  h.write(Side::client, 100);
  h.run_for(milliseconds(200));
  h.lose = [](Side side, int, const Packet&) { return side == Side::client; };
  h.write(Side::client, 100);
  tcp::set_no_delay(h.client(), true);
  h.write(Side::client, 50);
  h.run_for(milliseconds(300));
  EXPECT_EQ(h.log().back().packet.payload_length, 150u);
}

// A single flow over the recorded losses; the kernel's client packets, seq and length.
void expect_same_client_segments(const std::string& name, std::uint64_t bytes, std::vector<int> lost) {
  SCOPED_TRACE(name);
  const auto file = load("tcp_timers.json");
  const auto& test = find_case(file, name);
  Harness h(microseconds(300));
  h.establish();
  h.run_until(Time{} + milliseconds(120));
  int data = 0;
  h.lose = [&](Side side, int, const Packet& p) {
    if (side != Side::client || p.payload_length == 0) return false;
    ++data;
    return std::find(lost.begin(), lost.end(), data) != lost.end();
  };
  // The recording's link passes one packet per 0.6 ms.
  h.hold = [&, free_at = Time{}](Side side, int, const Packet& p) mutable {
    if (side != Side::client || p.payload_length == 0) return Duration{};
    free_at = std::max(free_at, h.now()) + microseconds(600);
    return free_at - h.now();
  };
  h.write(Side::client, bytes);
  h.run_for(seconds(2));
  EXPECT_EQ(h.bytes_read(Side::server), bytes);
  std::vector<std::string> expected, ours;
  for (const auto& p : test["packets"])
    if (p["from"] == "client" && p["len"] != 0)
      expected.push_back(std::to_string(p["seq"].get<std::uint32_t>()) + "+" + std::to_string(p["len"].get<int>()));
  for (const Sent& s : h.log())
    if (s.from == Side::client && s.packet.payload_length != 0)
      ours.push_back(std::to_string(s.packet.seq.raw - h.iss[0].raw) + "+" + std::to_string(s.packet.payload_length));
  EXPECT_EQ(ours, expected);
}

TEST(TcpAgainstKernel, losses_are_repaired_with_the_kernels_segments) {
  expect_same_client_segments("loss_of_segment_3", 20'000, {3});
  expect_same_client_segments("loss_of_segments_3_and_5", 20'000, {3, 5});
  expect_same_client_segments("loss_of_last_segment", 10'136, {7});
  expect_same_client_segments("loss_of_all_but_first", 5'792, {2, 3, 4});
  expect_same_client_segments("loss_of_retransmission", 20'000, {3, 15});
}

}  // namespace
}  // namespace fourtuple::tcp::test
