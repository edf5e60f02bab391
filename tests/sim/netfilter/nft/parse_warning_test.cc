// What is read but has no effect in the simulator: one warning each, with its place, and the statement says so.
#include "tests/sim/netfilter/nft/read.h"

namespace fourtuple::nft {
namespace {

using test::in_chain;
using test::read;

std::string warnings(const Script& script) {
  std::string text;
  for (const Warning& warning : script.warnings)
    text +=
        std::to_string(warning.where.line) + ":" + std::to_string(warning.where.column) + ": " + warning.message + "\n";
  return text;
}

struct WarningRow {
  const char* rule;
  const char* what;
  const char* family = "inet";
};
void PrintTo(const WarningRow& row, std::ostream* out) {
  *out << row.rule;
}

class NotSimulated : public testing::TestWithParam<WarningRow> {};

TEST_P(NotSimulated, is_kept_with_one_warning) {
  const WarningRow& row = GetParam();
  const Script script = read(in_chain(std::string("counter ") + row.rule, row.family));
  EXPECT_EQ(warnings(script),
            std::string("3:9: ") + row.what + " is not simulated: this part of the rule has no effect\n");
  const Rule& rule = script.commands[0].table.chains[0].rules[0];
  EXPECT_EQ(rule.statements[0].not_simulated, "");
  EXPECT_EQ(rule.statements[1].not_simulated, std::string(row.what) + " is not simulated");
}

INSTANTIATE_TEST_SUITE_P(
    Statements, NotSimulated,
    testing::Values(WarningRow{"queue num 1", "queue"}, WarningRow{"ct helper set \"ftp\"", "ct helper"},
                    WarningRow{"dup to 10.0.0.1", "dup", "ip"}, WarningRow{"flow add @f", "flow add"},
                    WarningRow{"ct timeout set \"x\"", "ct timeout"},
                    WarningRow{"ct expectation set \"x\"", "ct expectation"},
                    WarningRow{"meta secmark set \"x\"", "secmark"}, WarningRow{"ct zone set 5", "setting ct zone"},
                    WarningRow{"reset tcp option sack-perm", "reset tcp option sack-perm"},
                    WarningRow{"jump { accept; }", "a chain in braces"},
                    WarningRow{"counter name tcp dport map { 22 : \"a\" }", "an object chosen by a map"}));

INSTANTIATE_TEST_SUITE_P(Selectors, NotSimulated,
                         testing::Values(WarningRow{"socket transparent 1", "socket transparent"},
                                         WarningRow{"exthdr frag exists", "exthdr frag"},
                                         WarningRow{"rt classid 5", "rt classid"}, WarningRow{"vlan id 5", "vlan id"},
                                         WarningRow{"ether type ip", "ether type"},
                                         WarningRow{"osf name \"Linux\"", "osf name"},
                                         WarningRow{"ipsec in reqid 5", "ipsec in reqid"},
                                         WarningRow{"@ll,0,8 5", "@ll,0,8"}, WarningRow{"meta cpu 5", "meta cpu"},
                                         WarningRow{"ip saddr . socket mark vmap @v", "socket mark"}));

TEST(NotSimulatedParts, what_is_simulated_has_no_warning) {
  const Script script = read(in_chain(
      "ct state new limit rate 5/second quota 5 bytes ct count over 5 log notrack\n"
      "meta mark set 5 ct mark set 5 ip dscp set ef meta priority set 1:2\n"
      "ip ttl set 5 tcp option maxseg size set rt mtu meta mark set jhash ip saddr mod 5\n"
      "fib saddr . iif oif missing fib daddr type local\nmeta mark set numgen inc mod 5\nmeter m { ip saddr counter }\n"
      "add @s { ip saddr timeout 5s }\n"
      "tcp dport 80 dnat ip to numgen random mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }\nreject with tcp "
      "reset\nmasquerade"));
  EXPECT_EQ(warnings(script), "");
}

TEST(NotSimulatedParts, a_family_is_one_warning_for_its_table) {
  EXPECT_EQ(warnings(read("table bridge t { chain c { vlan id 5; ether type ip; }; }\nadd rule bridge t c accept\n")),
            "1:7: tables of the family bridge are not simulated: this has no effect\n"
            "2:1: tables of the family bridge are not simulated: this has no effect\n");
}

TEST(NotSimulatedParts, hooks_of_devices_flowtables_and_objects) {
  EXPECT_EQ(warnings(read("table inet t { chain c { type filter hook ingress device \"lo\" priority 0; }\n"
                          " flowtable f { hook ingress priority 0; devices = { lo }; }\n secmark s { \"x\" }\n"
                          " ct timeout o { protocol tcp; }\n ct helper h { type \"ftp\" protocol tcp; }\n}\n")),
            "1:26: the hooks ingress and egress are not simulated: this chain has no effect\n"
            "2:14: flowtables are not simulated: this one has no effect\n"
            "3:12: secmark is not simulated: the object has no effect\n"
            "4:15: ct timeout is not simulated: the object has no effect\n");
}

}  // namespace
}  // namespace fourtuple::nft
