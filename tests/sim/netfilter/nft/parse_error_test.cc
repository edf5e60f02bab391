// What is wrong, where, and what would be right: exact messages.
#include "tests/sim/netfilter/nft/read.h"

namespace fourtuple::nft {
namespace {

using test::in_chain;
using test::messages;

struct ErrorRow {
  const char* rule;  // in line 3 of a table inet, from column 1
  const char* message;
  friend void PrintTo(const ErrorRow& row, std::ostream* out) { *out << row.rule; }
};

class WrongRule : public testing::TestWithParam<ErrorRow> {};

TEST_P(WrongRule, has_its_message) {
  EXPECT_EQ(messages(parse(in_chain(GetParam().rule))), std::string(GetParam().message) + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Words, WrongRule,
    testing::Values(
        ErrorRow{"acept",
                 "3:1: unknown word 'acept'; expected a statement such as accept, or a selector such as ip saddr; did "
                 "you mean 'accept'?"},
        ErrorRow{"tcp dprot 22",
                 "3:5: unexpected 'dprot'; expected a field of tcp: sport dport sequence ackseq doff reserved "
                 "flags window checksum urgptr; did you mean 'dport'?"},
        ErrorRow{"meta makr 5",
                 "3:6: unexpected 'makr'; expected a key of meta such as mark, l4proto or iifname; did you mean "
                 "'mark'?"},
        ErrorRow{"ct stat new",
                 "3:4: unexpected 'stat'; expected a key of ct such as state, status or mark; did you mean 'state'?"},
        ErrorRow{"ct state establised",
                 "3:10: 'establised' is no ct_state; expected one of: invalid established related new "
                 "untracked; did you mean 'established'?"},
        ErrorRow{"ip dscp cs9",
                 "3:9: 'cs9' is no dscp; expected one of: cs0 cs1 cs2 cs3 cs4 cs5 cs6 cs7 df be lephb af11 …; did "
                 "you mean 'cs0'?"},
        ErrorRow{"tcp dport htpp",
                 "3:11: 'htpp' is no inet_service; expected a port or a service name; did you mean 'http'?"},
        ErrorRow{"reject with icmp prot-unreachabel",
                 "3:18: 'prot-unreachabel' is no icmp_code; expected one of: net-unreachable "
                 "host-unreachable prot-unreachable port-unreachable frag-needed "
                 "net-prohibited host-prohibited admin-prohibited; did you mean "
                 "'prot-unreachable'?"},
        ErrorRow{"log level wran",
                 "3:11: unexpected 'wran'; expected a level: emerg alert crit err warn notice info debug audit; "
                 "did you mean 'warn'?"},
        ErrorRow{"limit rate 5/secnd",
                 "3:14: unexpected 'secnd'; expected second, minute, hour, day or week; did you mean "
                 "'second'?"},
        ErrorRow{"tcp option maxsg size 5",
                 "3:12: unexpected 'maxsg'; expected an option of tcp: echo eol fastopen md5sig mptcp "
                 "maxseg mss nop noop sack-perm sack-permitted timestamp window sack sack0 sack1 sack2 "
                 "sack3; did you mean 'maxseg'?"},
        ErrorRow{"vlan ix 5", "3:6: unexpected 'ix'; expected one of: id cfi dei pcp type; did you mean 'id'?"},
        ErrorRow{"fib daddr tpye local",
                 "3:11: unexpected 'tpye'; expected oif, oifname or type; did you mean 'type'?"},
        ErrorRow{"iifname tcp", "3:9: 'tcp' is a keyword; expected \"tcp\" in quotes"},
        ErrorRow{"jump log", "3:6: 'log' is a keyword; expected the name of a chain"}));

INSTANTIATE_TEST_SUITE_P(
    Values, WrongRule,
    testing::Values(
        ErrorRow{"tcp dport 99999", "3:11: 99999 is too large for inet_service; expected 0 to 65535"},
        ErrorRow{"ip dscp 64", "3:9: 64 is too large for dscp; expected 0 to 63"},
        ErrorRow{"ip saddr 10.0.0.300",
                 "3:10: '10.0.0.300' is no ipv4_addr; expected an IPv4 address such as 192.0.2.1"},
        ErrorRow{"ip saddr ::1",
                 "3:10: '::1' is an address of the other IP version; expected an IPv4 address such as 192.0.2.1"},
        ErrorRow{"ip6 saddr example.org",
                 "3:11: 'example.org' is a host name, and names are not looked up here; expected an IPv6 "
                 "address such as 2001:db8::1"},
        ErrorRow{"ip saddr 10.0.0.0/33", "3:10: the prefix length 33 is too large; expected 0 to 32"},
        ErrorRow{"tcp dport 10-5", "3:11: the range ends before it begins; expected the smaller value first"},
        ErrorRow{"tcp dport 80,443", "3:11: a list of inet_service needs braces; expected { a, b }"},
        ErrorRow{"ct state new-established",
                 "3:10: 'new-established' is no ct_state; expected one of: invalid established related "
                 "new untracked; did you mean 'established'?"},
        ErrorRow{"ct state 1-2", "3:10: a range is not possible for ct_state"},
        ErrorRow{"iifname \"averyverylongname\"",
                 "3:9: the name \"averyverylongname\" is too long; expected at most 15 characters"},
        ErrorRow{"iifname \"*\"", "3:9: '*' alone matches every name; expected at least one letter before it"},
        ErrorRow{"ether saddr 1:2:3", "3:13: '1:2' is no ether_addr; expected an address such as 02:00:00:00:00:01"},
        ErrorRow{"meta mark 0x1ffffffff", "3:11: 0x1ffffffff is too large for mark; expected 0 to 4294967295"},
        ErrorRow{"tcp dport 99999999999999999999",
                 "3:11: '99999999999999999999' is no inet_service; expected a port or a service "
                 "name"},
        ErrorRow{"meta mark 08", "3:11: '08' is no mark; expected a number"}));

INSTANTIATE_TEST_SUITE_P(
    Shapes, WrongRule,
    testing::Values(
        ErrorRow{"ip saddr . tcp dport { 10.0.0.1 }",
                 "3:24: one value where a concatenation belongs; expected ipv4_addr . "
                 "inet_service"},
        ErrorRow{"ip saddr . tcp dport { 10.0.0.1 . 5 . 6 }",
                 "3:24: too many parts; expected ipv4_addr . inet_service"},
        ErrorRow{"ip saddr . tcp dport 10.0.0.1 . 5",
                 "3:22: a concatenation is compared with sets only; expected { … } around the "
                 "value"},
        ErrorRow{"tcp dport { 5 : accept }", "3:17: data in a set that is no map; expected ',' or '}' instead of ':'"},
        ErrorRow{"tcp dport vmap { 5 }", "3:18: an element of a map needs data; expected ':' and the data after it"},
        ErrorRow{"tcp dport vmap { 5 : 6 }", "3:22: '6' cannot stand here"},
        ErrorRow{"meta mark set ip saddr", "3:15: this is a value of type ipv4_addr; expected mark"},
        ErrorRow{"tcp flags syn / ack", "3:20: unexpected end of line; expected ',' and more flags"},
        ErrorRow{"ip saddr ! 10.0.0.1", "3:1: '!' is for flags; expected '!='"},
        ErrorRow{"tcp dport > 5-6",
                 "3:13: smaller and greater need one value; expected == or != for sets, ranges and prefixes"},
        ErrorRow{"tcp dport { 22, 80 accept", "3:20: unexpected 'accept'; expected ',' or '}'"},
        ErrorRow{"tcp dport { 22,\n\n 80 }", "4:1: unexpected end of line; expected a value"},
        ErrorRow{"tcp dport", "3:10: unexpected end of line; expected a value"},
        ErrorRow{"tcp dport 22 80",
                 "3:14: unknown statement '80'; expected a statement such as accept, or a selector such as ip "
                 "saddr"},
        ErrorRow{"counter name", "3:13: unexpected end of line; expected a value or a selector"},
        ErrorRow{"accept comment", "3:15: unexpected end of line; expected a comment in quotes"},
        ErrorRow{"log prefix \"x", "3:12: the quote is never closed; expected '\"'"},
        ErrorRow{"tcp dport 22 \x01 accept",
                 "3:14: unexpected character 0x01; expected a statement such as accept, or a selector "
                 "such as ip saddr"}));

INSTANTIATE_TEST_SUITE_P(
    Meaning, WrongRule,
    testing::Values(
        ErrorRow{"ip6 saddr ::1 ip daddr 10.0.0.1",
                 "3:15: no packet is both ip6 and ip; expected protocols that go together"},
        ErrorRow{"tcp dport 5 udp dport 5", "3:13: no packet is both tcp and udp; expected protocols that go together"},
        ErrorRow{"meta l4proto { tcp, udp } tcp dport 5",
                 "3:27: the packet may be of several protocols here; expected a match of tcp alone, or th for ports"},
        ErrorRow{"dnat to 10.0.0.1", "3:1: the address family is not known here; expected ip or ip6 before 'to'"},
        ErrorRow{"dnat ip to 10.0.0.1:80",
                 "3:21: a port needs a transport protocol; expected a match such as 'meta l4proto tcp' or "
                 "'tcp dport' before it"},
        ErrorRow{"accept drop",
                 "3:8: this is never reached: the rule ends before it; expected a rule of its own for it"},
        ErrorRow{"udp dport 5 reject with tcp reset", "3:13: tcp reset answers TCP only, and this is udp"},
        ErrorRow{"ct saddr 10.0.0.1",
                 "3:4: this key of ct needs a direction; expected 'ct original' or 'ct reply' before it"},
        ErrorRow{"fib saddr . daddr type local", "3:5: fib takes one address; expected saddr or daddr, not both"},
        ErrorRow{"limit rate 0/second", "3:12: a rate of 0; expected 1 or more"},
        ErrorRow{"log group 5 level debug", "3:1: a group takes no level and no flags; expected either group or level"},
        ErrorRow{"ip ttl set ip ttl", "3:12: this field can be set to a constant only"},
        ErrorRow{"add @s4 { ip saddr } { }",
                 "3:22: unexpected '{'; expected a statement such as accept, or a selector such as ip "
                 "saddr"}));

struct Text {
  const char* text;
  const char* message;
  friend void PrintTo(const Text& row, std::ostream* out) { *out << testing::PrintToString(std::string(row.text)); }
};

class WrongText : public testing::TestWithParam<Text> {};

TEST_P(WrongText, has_its_messages) {
  EXPECT_EQ(messages(parse(GetParam().text)), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Blocks, WrongText,
    testing::Values(
        Text{"table ip t { chain c { accept } }\n",
             "1:31: unexpected '}'; expected a newline or ';'\n1:33: unexpected '}'; expected a newline or ';'\n"},
        Text{"talbe ip t { }\n",
             "1:1: unknown command 'talbe'; expected a command such as table, add or flush; did you mean 'table'?\n"},
        Text{"table ip t {\n chian c {\n  accept\n }\n}\n",
             "2:2: unexpected 'chian'; expected chain, set, map or another part of a table; did you mean 'chain'?\n"},
        Text{"table ip t { chain c {\n accept\n", "3:1: unexpected end of the text; expected '}'\n"},
        Text{"table ip t { }\n}\n", "2:1: unexpected '}'; expected a command such as table, add or flush\n"},
        Text{"table ip log { }\n", "1:10: 'log' is a keyword; expected the name of a table\n"},
        Text{"table ip t { chain c { type filter hook inptu priority 0; }; }\n",
             "1:41: unexpected 'inptu'; expected a hook: prerouting input forward output postrouting ingress egress; "
             "did "
             "you mean 'input'?\n"},
        Text{"table ip t { chain c { type filter hook input priority filtr; }; }\n",
             "1:56: 'filtr' is no priority on this hook; expected a number or one of: raw mangle filter security; did "
             "you "
             "mean 'filter'?\n"},
        Text{"table ip t { chain c { type nat hook forward priority 0; }; }\n",
             "1:38: a chain of this type cannot be on the hook forward; expected prerouting, input, output or "
             "postrouting\n"},
        Text{"table ip t { chain c { icmp type echo-request; reject with icmpx no-route; meta nfproto ipv4; }; }\n",
             "1:48: icmpx is for tables that see both IP versions; expected reject with icmp\n"
             "1:76: meta nfproto says nothing in a table of one family; expected a table inet\n"},
        Text{"table ip t { set s { type ipv4_adr; }; set u { elements = { 1.1.1.1 }; }; }\n",
             "1:27: unknown type 'ipv4_adr'; expected a type such as ipv4_addr or inet_service; did you mean "
             "'ipv4_addr'?\n"
             "1:46: the set has no type; expected type and its name\n"},
        Text{"table ip t { set s { type ipv4_addr; elements = { 10.0.0.0/8, 10.1.1.1 timeout 5s }; }; }\n",
             "1:51: prefixes and ranges need a set of intervals; expected 'flags interval' in the set\n"
             "1:63: an element with a timeout needs a set with timeouts; expected 'flags timeout' in the set\n"},
        Text{"table ip t { map m { type ipv4_addr; }; }\n",
             "1:36: unexpected ';'; expected ':' and the type of the data\n"}));

INSTANTIATE_TEST_SUITE_P(
    Commands, WrongText,
    testing::Values(Text{"define a = 5\ndefine a = 6\ntable ip t { chain c { tcp dport $prot; }; }\n",
                         "2:8: the variable 'a' is already defined here; expected another name, or redefine\n"
                         "3:35: unknown variable '$prot'; expected a variable given by define\n"},
                    Text{"define port = 5\ntable ip t { chain c { tcp dport $prot; }; }\n",
                         "2:35: unknown variable '$prot'; expected a variable given by define; did you mean 'port'?\n"},
                    Text{"delete rule ip t c\n", "1:19: unexpected end of line; expected 'handle'\n"},
                    Text{"flush tabel t\n",
                         "1:7: unexpected 'tabel'; expected what to flush: ruleset, table, chain, set, map "
                         "or meter; did you mean 'table'?\n"},
                    Text{"monitor\n", "1:1: unexpected 'monitor'; expected a command that changes rules\n"},
                    Text{"table ip t { } # end", "1:16: a comment on the last line needs a newline after it\n"},
                    Text{"table ip t { }\r\n",
                         "1:15: unexpected carriage return; expected lines that end with a newline only\n"}));

TEST(ParseErrors, every_line_is_read_and_they_come_in_order) {
  const std::string text = in_chain(
      "tcp dprot 22 accept\nip sadr 10.0.0.1 drop\ntcp dport { 22, 80 accept\ncounter\nct state foo\nlog prefix \"x\n"
      "accept drop");
  const ParseResult result = parse(text);
  ASSERT_EQ(result.errors.size(), 6u);
  const int lines[] = {3, 4, 5, 7, 8, 9};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(result.errors[i].where.line, lines[i]);
}

TEST(ParseErrors, more_than_twenty_are_not_collected) {
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += "foo\n";
  EXPECT_EQ(parse(in_chain(lines)).errors.size(), 20u);
  EXPECT_EQ(parse(lines).errors.size(), 20u);
}

}  // namespace
}  // namespace fourtuple::nft
