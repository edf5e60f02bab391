// iptables-save text: each option against the nft rule that says the same.
#include "sim/netfilter/nft/iptables.h"

#include "sim/netfilter/nft/print.h"
#include "tests/sim/netfilter/nft/read.h"

namespace fourtuple::nft {
namespace {

using test::messages;

std::string in_table(const std::string& line, const std::string& table) {
  return "*" + table + "\n:OWN - [0:0]\n:MORE - [0:0]\n" + line + "\nCOMMIT\n";
}

// The rule as nft prints it, without the counter every rule has.
std::string translated(const std::string& options, const std::string& table = "filter",
                       TableFamily family = TableFamily::ip) {
  const std::string chain = table == "raw" || table == "nat" ? "PREROUTING" : "INPUT";
  const ParseResult result = parse_iptables_save(in_table("-A " + chain + " " + options, table), {}, family);
  EXPECT_EQ(messages(result), "") << options;
  if (result.script.commands.size() != 2) return "";
  for (const Chain& each : result.script.commands[1].table.chains)
    for (const Rule& rule : each.rules) {
      std::string text = print_rule(rule, family);
      if (const std::size_t at = text.find("counter packets 0 bytes 0 "); at != std::string::npos)
        text.erase(at, 26);
      else if (const std::size_t alone = text.find("counter "); alone != std::string::npos)
        text.erase(alone, 8);
      return text;
    }
  return "";
}

struct Row {
  const char* options;
  const char* nft;
};

class Match : public testing::TestWithParam<Row> {};

TEST_P(Match, becomes_the_nft_statement) {
  EXPECT_EQ(translated(std::string(GetParam().options) + " -j DROP"), std::string(GetParam().nft) + " drop");
}

INSTANTIATE_TEST_SUITE_P(
    Headers, Match,
    testing::Values(
        Row{"-s 10.0.0.0/8 -d 192.0.2.1/32", "ip saddr 10.0.0.0/8 ip daddr 192.0.2.1"},
        Row{"! -s 10.0.0.0/255.255.0.0", "ip saddr != 10.0.0.0/16"},
        Row{"-s 10.0.0.1,10.0.0.2", "ip saddr { 10.0.0.1, 10.0.0.2 }"},
        Row{"-i eth+ ! -o wan0", "iifname \"eth*\" oifname != \"wan0\""}, Row{"-p icmp", "ip protocol icmp"},
        Row{"! -p tcp", "ip protocol != tcp"}, Row{"-p tcp -m tcp --dport 22", "tcp dport 22"},
        Row{"-p udp ! --sport 1000:2000", "udp sport != 1000-2000"}, Row{"-p tcp --dport :1023", "tcp dport 0-1023"},
        Row{"-p tcp --syn", "tcp flags syn / fin,syn,rst,ack"},
        Row{"-p tcp ! --tcp-flags SYN,ACK SYN", "tcp flags != syn / syn,ack"},
        Row{"-p tcp --tcp-flags ALL NONE", "tcp flags ! fin,syn,rst,psh,ack,urg"},
        Row{"-p icmp -m icmp --icmp-type 8", "icmp type echo-request"},
        Row{"-p icmp --icmp-type 3/4", "icmp type destination-unreachable icmp code frag-needed"},
        Row{"-p icmp --icmp-type port-unreachable", "icmp type destination-unreachable icmp code port-unreachable"},
        Row{"-f", "ip frag-off & 8191 != 0"}, Row{"-m ttl --ttl-lt 5", "ip ttl < 5"},
        Row{"-m dscp --dscp-class EF", "ip dscp ef"}, Row{"-m length --length 100:200", "meta length 100-200"}));

INSTANTIATE_TEST_SUITE_P(
    Modules, Match,
    testing::Values(Row{"-m conntrack --ctstate NEW,ESTABLISHED", "ct state established,new"},
                    Row{"-m state ! --state INVALID", "ct state ! invalid"},
                    Row{"-m conntrack --ctstate DNAT", "ct status dnat"},
                    Row{"-m conntrack --ctorigdst 10.0.0.1 --ctdir ORIGINAL",
                        "ct original ip daddr 10.0.0.1 ct direction original"},
                    Row{"-p tcp -m multiport --dports 80,443,1000:2000", "tcp dport { 80, 443, 1000-2000 }"},
                    Row{"-p tcp -m multiport --ports 80", "tcp sport . tcp dport { 0-65535 . 80, 80 . 0-65535 }"},
                    Row{"-m limit --limit 5/min", "limit rate 5/minute"}, Row{"-m limit", "limit rate 3/hour"},
                    Row{"-m limit --limit 10/s --limit-burst 20", "limit rate 10/second burst 20 packets"},
                    Row{"-m addrtype --dst-type LOCAL", "fib daddr type local"},
                    Row{"-m addrtype ! --src-type UNICAST --limit-iface-in", "fib saddr . iif type != unicast"},
                    Row{"-m mark --mark 0x1/0xff", "meta mark & 0x000000ff == 0x00000001"},
                    Row{"-m mark ! --mark 5", "meta mark != 0x00000005"},
                    Row{"-m connmark --mark 0x10", "ct mark 0x00000010"},
                    Row{"-m iprange --src-range 10.0.0.1-10.0.0.9", "ip saddr 10.0.0.1-10.0.0.9"},
                    Row{"-m statistic --mode nth --every 3 --packet 1", "numgen inc mod 3 1"},
                    Row{"-m statistic --mode random --probability 0.25", "numgen random mod 2147483648 < 536870912"},
                    Row{"-m owner --uid-owner 1000-2000", "meta skuid 1000-2000"},
                    Row{"-m pkttype --pkt-type broadcast", "meta pkttype broadcast"},
                    Row{"-m rpfilter --invert --loose", "fib saddr oif missing"}));

class Target : public testing::TestWithParam<std::array<const char*, 3>> {};

TEST_P(Target, becomes_the_nft_statement) {
  const auto& [table, options, nft] = GetParam();
  EXPECT_EQ(translated(options, table), nft);
}

INSTANTIATE_TEST_SUITE_P(
    All, Target,
    testing::Values(
        std::array{"filter", "-j ACCEPT", "accept"}, std::array{"filter", "-j RETURN", "return"},
        std::array{"filter", "-j OWN", "jump OWN"}, std::array{"filter", "-g OWN", "goto OWN"},
        std::array{"filter", "-j REJECT --reject-with icmp-host-prohibited", "reject with icmp host-prohibited"},
        std::array{"filter", "-p tcp -j REJECT --reject-with tcp-reset", "ip protocol tcp reject with tcp reset"},
        std::array{"filter", "-j LOG --log-prefix \"in $drop: \" --log-level 7 --log-uid",
                   "log prefix \"in $drop: \" level debug flags skuid"},
        std::array{"filter", "-j NFLOG --nflog-group 3 --nflog-prefix x", "log prefix \"x\" group 3"},
        std::array{"nat", "-p tcp --dport 80 -j DNAT --to-destination 10.0.0.1:8080 --persistent",
                   "tcp dport 80 dnat to 10.0.0.1:8080 persistent"},
        std::array{"nat", "-j SNAT --to-source 10.0.0.1-10.0.0.9 --random-fully",
                   "snat to 10.0.0.1-10.0.0.9 fully-random"},
        std::array{"nat", "-p udp -j MASQUERADE --to-ports 1000-2000 --random",
                   "ip protocol udp masquerade to :1000-2000 random"},
        std::array{"nat", "-p tcp -j REDIRECT --to-ports 8080", "ip protocol tcp redirect to :8080"},
        std::array{"mangle", "-j MARK --set-mark 0x1", "meta mark set 0x00000001"},
        std::array{"mangle", "-j MARK --or-mark 0x4", "meta mark set meta mark | 0x00000004"},
        std::array{"mangle", "-j CONNMARK --save-mark", "ct mark set meta mark"},
        std::array{"mangle", "-j DSCP --set-dscp-class AF11", "ip dscp set af11"},
        std::array{"raw", "-j CT --notrack", "notrack"}, std::array{"raw", "-j NOTRACK", "notrack"}));

TEST(Iptables, chains_have_hooks_policies_and_counters) {
  const ParseResult result = parse_iptables_save(
      "# Generated by iptables-save v1.8.9\n*nat\n:PREROUTING DROP [1:60]\n:OUTPUT ACCEPT [0:0]\n:accept - [0:0]\n"
      "[5:600] -A PREROUTING -m comment --comment \"to the web\" -j accept\n-I PREROUTING -j RETURN\nCOMMIT\n");
  ASSERT_EQ(messages(result), "");
  ASSERT_EQ(result.script.commands.size(), 2u);
  EXPECT_EQ(result.script.commands[0].kind, CommandKind::delete_table);
  EXPECT_TRUE(result.script.commands[0].if_exists);
  const Table& table = result.script.commands[1].table;
  EXPECT_EQ(table.name, "nat");
  EXPECT_EQ(table.chains[0].hook->type, ChainType::nat);
  EXPECT_EQ(table.chains[0].hook->priority, -100);
  EXPECT_FALSE(table.chains[0].hook->accept);
  EXPECT_EQ(table.chains[1].hook->point, HookPoint::output);
  EXPECT_FALSE(table.chains[2].hook.has_value());
  ASSERT_EQ(table.chains[0].rules.size(), 2u);
  EXPECT_EQ(table.chains[0].rules[0].statements[1].verdict.kind, VerdictKind::return_);
  const Rule& rule = table.chains[0].rules[1];
  EXPECT_EQ(rule.comment, "to the web");
  EXPECT_EQ(rule.statements[0].packets, 5u);
  EXPECT_EQ(rule.statements[0].bytes, 600u);
  EXPECT_EQ(rule.statements[1].verdict.chain, "accept");
}

TEST(Iptables, spans_point_to_the_options) {
  const std::string text = in_table("-A INPUT ! -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j DROP", "filter");
  const ParseResult result = parse_iptables_save(text);
  ASSERT_EQ(messages(result), "");
  const Rule& rule = result.script.commands[1].table.chains.back().rules.at(0);
  const auto part = [&](Span span) { return text.substr(span.begin, span.end - span.begin); };
  ASSERT_EQ(rule.statements.size(), 4u);
  EXPECT_EQ(part(rule.statements[0].span), "! -s 10.0.0.0/8");
  EXPECT_EQ(part(rule.statements[1].span), "--dport 22");
  EXPECT_EQ(part(rule.statements[2].span), "-A INPUT");
  EXPECT_EQ(part(rule.statements[3].span), "-j DROP");
}

TEST(Iptables, ipv6_is_said_by_the_first_line_or_the_caller) {
  const ParseResult result = parse_iptables_save(
      "# Generated by ip6tables-save v1.8.9\n*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s fe80::/10 -p ipv6-icmp -m icmp6 "
      "--icmpv6-type 135 -j REJECT --reject-with icmp6-adm-prohibited\nCOMMIT\n");
  ASSERT_EQ(messages(result), "");
  EXPECT_EQ(result.script.commands[1].table.family, TableFamily::ip6);
  EXPECT_EQ(translated("-d 2001:db8::/32 -p tcp --dport 22 -j ACCEPT", "filter", TableFamily::ip6),
            "ip6 daddr 2001:db8::/32 tcp dport 22 accept");
}

TEST(Iptables, what_is_not_simulated_is_warned_of) {
  const ParseResult result =
      parse_iptables_save(in_table("-A INPUT -m mac --mac-source 02:00:00:00:00:01 -j DROP", "filter"));
  ASSERT_EQ(result.script.warnings.size(), 1u);
  EXPECT_EQ(result.script.warnings[0].where.line, 4);
  EXPECT_EQ(result.script.warnings[0].where.column, 17);
  EXPECT_EQ(result.script.warnings[0].message, "ether saddr is not simulated: this part of the rule has no effect");
}

TEST(IptablesErrors, have_their_line_and_column) {
  const auto rule = [](const std::string& line) { return messages(parse_iptables_save(in_table(line, "filter"))); };
  EXPECT_EQ(rule("-A INPUT -m recent --set -j DROP"),
            "4:10: the match 'recent' has no counterpart here; expected one that can be translated\n");
  EXPECT_EQ(rule("-A INPUT -m conntrac --ctstate NEW -j DROP"),
            "4:10: the match 'conntrac' has no counterpart here; expected one that can be translated; did you mean "
            "'conntrack'?\n");
  EXPECT_EQ(rule("-A INPUT -p tcp --dport 99999 -j DROP"),
            "4:17: 99999 is too large for inet_service; expected 0 to 65535\n");
  EXPECT_EQ(rule("-A INPUT --dport 22 -j DROP"),
            "4:10: '--dport' needs a protocol; expected -p tcp or -p udp before it\n");
  EXPECT_EQ(
      rule("-A INPUT -j ACCPT"),
      "4:10: there is no target and no chain 'ACCPT'; expected a chain of this table or a target such as ACCEPT; did "
      "you mean 'ACCEPT'?\n");
  EXPECT_EQ(rule("-A INUT -j DROP"),
            "4:4: there is no chain 'INUT'; expected a line ':INUT - [0:0]' before it; did you mean 'INPUT'?\n");
  EXPECT_EQ(rule("-A INPUT --foo bar -j DROP"),
            "4:10: the option '--foo' has no counterpart here; expected one that can be "
            "translated\n");
  EXPECT_EQ(rule("-A INPUT -j LOG --log-prefix \"x"), "4:30: the quote is never closed; expected '\"'\n");
  EXPECT_EQ(rule("-D INPUT -j DROP"),
            "4:1: a line that iptables-save does not print; expected -A and a chain, or COMMIT\n");
  EXPECT_EQ(rule("-A INPUT -j DROP --foo"), "4:18: unexpected '--foo' after the target\n");
  EXPECT_EQ(messages(parse_iptables_save("*fliter\nCOMMIT\n")),
            "1:1: there is no table 'fliter'; expected filter, nat, mangle, raw or security; did you mean 'filter'?\n"
            "2:1: a line outside a table; expected *filter or another table before it\n");
  EXPECT_EQ(messages(parse_iptables_save("*filter\n:INPUT QUEUE [0:0]\nCOMMIT\n")),
            "2:8: a policy is missing or wrong; expected ACCEPT or DROP\n");
  EXPECT_EQ(messages(parse_iptables_save("*filter\n:INPUT ACCEPT [0:0]\n")),
            "3:1: the table is never finished; expected COMMIT\n");
}

}  // namespace
}  // namespace fourtuple::nft
