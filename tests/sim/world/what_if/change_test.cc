#include "sim/world/what_if/change.h"

#include <gtest/gtest.h>

#include "sim/world/scenario/parse.h"

namespace fourtuple::world {
namespace {

constexpr std::string_view change_text = R"(fourtuple: 1
networks: { wan: { delay: 10 ms }, lan: { delay: 1 ms } }
hosts:
  anna:
    interfaces: { eth0: { network: wan, address: 10.0.0.1/24 } }
    processes: { browser: { user: anna, pid: 1204 } }
  server:
    interfaces: { eth0: { network: wan, address: 10.0.0.2/24 }, eth1: { network: lan, address: 10.1.0.2/24 } }
    processes: { httpd: { user: root, listen: "tcp 0.0.0.0:80", program: http }, sshd: { user: root } }
  printer:
    interfaces: { eth0: { network: lan, address: 10.1.0.3/24 } }
)";

class ChangeTest : public testing::Test {
 protected:
  static Change read(std::string_view words) {
    const Outcome<Change> change = parse_change(parsed().scenario, words);
    if (!change) ADD_FAILURE() << change.error().to_string();
    return change.value_or(Change{});
  }
  static std::string fault(std::string_view words) {
    const Outcome<Change> change = parse_change(parsed().scenario, words);
    return change ? "understood" : change.error().to_string();
  }
  static const ParseResult& parsed() {
    static const ParseResult result = parse_scenario(change_text, "t");
    return result;
  }
};

TEST_F(ChangeTest, names_a_rule_by_its_place) {
  const Change removed = read("server: remove rule 4 of inet filter input");
  EXPECT_EQ(removed.kind, Change::Kind::remove_rule);
  EXPECT_EQ(removed.host, 1u);
  EXPECT_EQ(removed.rule.number, 4u);
  EXPECT_EQ(removed.rule.family + " " + removed.rule.table + " " + removed.rule.chain, "inet filter input");
  const Change replaced = read(" server: replace rule 2 of ip nat post:  oifname \"eth0\" snat to 10.0.0.9:4000 ");
  EXPECT_EQ(replaced.kind, Change::Kind::replace_rule);
  EXPECT_EQ(replaced.text, "oifname \"eth0\" snat to 10.0.0.9:4000");
  EXPECT_EQ(read("server: insert rule 1 of inet f c: drop").kind, Change::Kind::insert_rule);
  EXPECT_EQ(read("server: flush rules").text, "flush ruleset");
  EXPECT_EQ(read("server: nft add table ip t").text, "add table ip t");
}

TEST_F(ChangeTest, names_a_process_by_name_or_pid) {
  EXPECT_EQ(read("server: kill sshd").process, 1u);
  EXPECT_EQ(read("anna: kill 1204").process, 0u);
  EXPECT_EQ(fault("server: kill htpd"),
            "'server: kill htpd': error: there is no process of server 'htpd'; expected httpd or sshd; did you mean "
            "'httpd'?");
}

TEST_F(ChangeTest, gives_a_network_several_values_at_once) {
  const Change change = read("wan: loss 10 %, delay 50 ms,rate 1 Mbit/s, queue 5 packets, down");
  EXPECT_EQ(change.network, 0u);
  EXPECT_EQ(change.link.delay->ns, milliseconds(50).ns);
  EXPECT_EQ(change.link.rate_bits_per_s, 1'000'000u);
  EXPECT_EQ(change.link.queue_packets, 5u);
  EXPECT_EQ(change.link.loss->numerator * 10, change.link.loss->denominator);
  EXPECT_EQ(change.link.up, false);
}

TEST_F(ChangeTest, sets_what_a_scenario_may_set) {
  const Change change = read("anna: set ip_local_port_range 40000 40010");
  EXPECT_EQ(change.setting.sysctl, Sysctl::ip_local_port_range);
  EXPECT_EQ(change.setting.value, 40000);
  EXPECT_EQ(change.setting.high, 40010);
  EXPECT_NE(fault("anna: set tcp_syn_retry 2").find("did you mean 'tcp_syn_retries'?"), std::string::npos);
  EXPECT_NE(fault("anna: set tcp_syn_retries many").find("'many' is no value of tcp_syn_retries"), std::string::npos);
}

TEST_F(ChangeTest, takes_a_packet_by_its_number) {
  EXPECT_EQ(read("drop packet 17").packet.value, 17u);
  EXPECT_NE(fault("drop packet first").find("expected its number"), std::string::npos);
}

TEST_F(ChangeTest, says_what_would_have_been_right) {
  EXPECT_EQ(fault("serve: kill httpd"),
            "'serve: kill httpd': error: there is no host 'serve'; expected anna, server or printer; did you mean "
            "'server'?");
  EXPECT_NE(fault("wan: lose 10 %").find("did you mean 'loss'?"), std::string::npos);
  EXPECT_NE(fault("lam: loss 10 %").find("did you mean 'lan'?"), std::string::npos);
  EXPECT_NE(fault("wan: loss much").find("expected a share from 0 % to 100 %"), std::string::npos);
  EXPECT_NE(fault("wan: loss 1 %, jitter 5 ms").find("'jitter'"), std::string::npos);
  EXPECT_NE(fault("server: remove rule 0 of inet filter input").find("'rule 4 of inet filter input'"),
            std::string::npos);
  EXPECT_NE(fault("server: replace rule 1 of inet filter input").find("the new rule is missing"), std::string::npos);
  EXPECT_NE(fault("").find("does not say what is changed"), std::string::npos);
  EXPECT_NE(fault("make it faster").find("drop packet 17"), std::string::npos);
}

}  // namespace
}  // namespace fourtuple::world
