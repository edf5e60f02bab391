#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "tests/app/support/files.h"
#include "tests/app/support/firewall.h"
#include "tests/app/support/sample.h"

namespace fourtuple::app {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class WhyCommand : public ::testing::Test {
 protected:
  Printed asked(const std::string& file, std::optional<std::uint64_t> packet, bool json = false) {
    return printed_by([&] { return why({file, packet, json}); });
  }
  std::string firewall(trace::Level level = trace::Level::expressions) {
    Firewall(level).save(folder_.file("firewall.trace"));
    return folder_.file("firewall.trace");
  }
  TemporaryFolder folder_;
};

TEST_F(WhyCommand, lists_the_dropped_packets_with_the_rule) {
  const Printed printed = asked(firewall(), std::nullopt);
  EXPECT_EQ(printed.code, exit_ok);
  EXPECT_EQ(printed.err, "");
  EXPECT_EQ(printed.out,
            "PACKET        TIME WHERE  WHAT                        FROM → TO                     WHY\n"
            "     0 0.002 000 s server TCP 50432→22 [SYN] seq 100  10.0.0.1:50432 → 10.0.0.2:22  by rule 1 of chain "
            "inet filter input: tcp dport 22 drop\n"
            "     1 0.003 500 s server TCP 50432→443 [SYN] seq 100 10.0.0.1:50432 → 10.0.0.2:443 by the policy of "
            "chain inet filter input: no rule accepted the packet\n"
            "     3 0.006 500 s lan    UDP 5000→53 20 bytes        10.0.0.1:5000 → 10.0.0.2:53   lost on the link\n");
}

TEST_F(WhyCommand, tells_why_each_rule_did_not_match) {
  const Printed printed = asked(firewall(), 1);
  EXPECT_EQ(printed.code, exit_ok);
  EXPECT_EQ(
      printed.out,
      "packet 1: TCP 50432→443 [SYN] seq 100, 10.0.0.1:50432 → 10.0.0.2:443\n"
      "\n"
      "anna\n"
      "  0.002 500 s     created: TCP 50432→443 [SYN] seq 100\n"
      "                  eth0: sent on lan\n"
      "\n"
      "server\n"
      "  0.003 500 s     eth0: received, ttl 64\n"
      "                  input\n"
      "                  chain inet filter input (filter hook input, priority filter, policy drop)\n"
      "                    rule 1: tcp dport 22 — the packet has 443: no match, next rule\n"
      "                    rule 2: ip saddr 10.0.0.1 fits, tcp dport 80 — the packet has 443: no match, next rule\n"
      "                    policy drop: no rule accepted the packet\n"
      "                  dropped by a rule\n"
      "\n"
      "outcome: dropped on server by the policy of chain inet filter input: no rule accepted the packet\n"
      "\n"
      "Why was this SYN dropped?\n"
      "dropped by a rule\n"
      "\n"
      "  0.003 500 s  server  the SYN ended on server\n"
      "                       anna:50432 to server:443\n"
      "  0.003 500 s  server  because the policy of chain inet filter input is drop\n"
      "                       2 rules were looked at, none accepted it\n"
      "\n"
      "  not the reason: the network\n");
}

TEST_F(WhyCommand, tells_what_a_matching_rule_did) {
  EXPECT_THAT(asked(firewall(), 2).out,
              HasSubstr("                    rule 2: ip saddr 10.0.0.1 tcp dport 80 counter accept — matches\n"
                        "                      counter: now packets 1 bytes 60\n"
                        "                      accept: the chain lets the packet pass\n"
                        "                  conntrack entry 0: TCP 10.0.0.1:50432 → 10.0.0.2:80\n"
                        "\noutcome: still under way"));
}

TEST_F(WhyCommand, tells_the_causes_of_an_instant_and_of_a_socket) {
  const std::string file = folder_.write("sample.yaml", sample_scenario);
  const auto causes = [&](std::string at, std::string socket, bool json = false) {
    return printed_by([&] { return why({file, std::nullopt, json, std::move(at), std::move(socket)}); });
  };
  const Printed instant = causes("0.1 s", "");
  EXPECT_EQ(instant.code, exit_ok);
  EXPECT_THAT(instant.out, HasSubstr("because "));
  const Printed socket = causes("0 s", "server:80");
  EXPECT_THAT(socket.out, HasSubstr("Why "));
  const auto json = nlohmann::json::parse(causes("0 s", "server:80", true).out);
  EXPECT_FALSE(json.at("causes").empty());
  EXPECT_EQ(json.at("causes").back().at("root"), "call");
  EXPECT_EQ(causes("0 s", "server:81").code, exit_bad_input);
  EXPECT_THAT(causes("0 s", "server:81").err, HasSubstr("server has no socket on port 81 at that instant"));
  EXPECT_THAT(causes("", "server").err, HasSubstr("'server' names no socket; expected a host and its port"));
  EXPECT_THAT(causes("soon", "").err, HasSubstr("--at"));
}

TEST_F(WhyCommand, reports_as_json) {
  const auto way = nlohmann::json::parse(asked(firewall(), 1, true).out);
  EXPECT_EQ(way.at("fate"), "dropped");
  EXPECT_EQ(way.at("cause"), nlohmann::json::parse(R"({"chain": "inet filter input", "policy": true})"));
  bool compared = false;
  for (const auto& step : way.at("steps"))
    if (step.at("kind") == "expression" && step.at("rule") == 1) {
      EXPECT_EQ(step.at("statement"), "tcp dport 22");
      EXPECT_EQ(step.at("result"), "failed");
      EXPECT_EQ(step.at("value"), "443");
      compared = true;
    }
  EXPECT_TRUE(compared);
  const auto dropped = nlohmann::json::parse(asked(firewall(), std::nullopt, true).out).at("dropped");
  ASSERT_EQ(dropped.size(), 3u);
  EXPECT_EQ(dropped.at(0).at("packet"), 0);
  EXPECT_EQ(dropped.at(0).at("reason"), "rule");
  EXPECT_EQ(dropped.at(2).at("where"), "lan");
}

TEST_F(WhyCommand, says_what_a_trace_does_not_hold) {
  const std::string facts = firewall(trace::Level::facts);
  const Printed printed = asked(facts, 0);
  EXPECT_THAT(printed.out, HasSubstr("outcome: dropped on server by a rule; this trace does not tell which\n"));
  EXPECT_THAT(printed.err, HasSubstr("recorded without the rules packets met; `fourtuple run --level expressions"));
  EXPECT_THAT(asked(firewall(trace::Level::stages), 1).err, HasSubstr("without the statements of rules"));
}

TEST_F(WhyCommand, tells_the_way_of_a_packet_that_met_no_rules) {
  const std::string file = folder_.write("sample.yaml", sample_scenario);
  const Printed list = asked(file, std::nullopt);
  EXPECT_EQ(list.code, exit_ok);
  EXPECT_THAT(list.out, HasSubstr("refused: nothing listens on 81 (RST)"));
  const std::size_t line = list.out.find('\n') + 1;
  const Printed way = asked(file, std::stoul(list.out.substr(line)));
  EXPECT_THAT(way.out, HasSubstr("routing: to this host\n"));
  EXPECT_THAT(way.out, HasSubstr("does not fit TCP *:80: to-port\n"));
  EXPECT_THAT(way.out, HasSubstr("answered: TCP 81→50433 [RST, ACK]"));
  EXPECT_THAT(way.out, HasSubstr("outcome: refused: nothing listens on 81 (RST), on server\n"));
  EXPECT_THAT(way.out, HasSubstr("because no socket of server fits port 81\n"));
  EXPECT_THAT(way.out, HasSubstr("not the reason: a rule, NAT, a full backlog, the network\n"));
  EXPECT_EQ(asked(folder_.write("quiet.yaml", "fourtuple: 1\ntitle: Quiet\nhosts: { a: {} }\n"), std::nullopt).out,
            "no packet was dropped\n");
}

TEST_F(WhyCommand, counts_the_frames_of_a_capture_from_one) {
  RunOptions options;
  options.file = folder_.write("sample.yaml", sample_scenario);
  options.pcap_dir = folder_.file("captures");
  printed_by([&] { return run(options); });
  const std::string capture = folder_.file("captures/client-eth0.pcapng");
  EXPECT_THAT(asked(capture, 1).out, StartsWith("packet 1: TCP 50432→80 [SYN]"));
  const Printed none = asked(capture, 0);
  EXPECT_EQ(none.code, exit_bad_input);
  EXPECT_THAT(none.err, HasSubstr("there is no packet 0; expected a number from 1 to "));
}

TEST_F(WhyCommand, refuses_a_packet_that_is_not_there) {
  const Printed printed = asked(firewall(), 99);
  EXPECT_EQ(printed.code, exit_bad_input);
  EXPECT_EQ(printed.out, "");
  EXPECT_EQ(printed.err,
            "--packet: error: there is no packet 99; expected a number from 0 to 3; without --packet the "
            "dropped ones are listed\n");
  EXPECT_EQ(asked(folder_.file("absent.yaml"), 1).code, exit_bad_input);
}

}  // namespace
}  // namespace fourtuple::app
