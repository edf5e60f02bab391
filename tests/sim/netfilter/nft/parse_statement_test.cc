// Every kind of statement.
#include "tests/sim/netfilter/nft/read.h"

namespace fourtuple::nft {
namespace {

using test::read_rule;
using test::read_statement;

TEST(ParseVerdict, all_of_them) {
  EXPECT_EQ(read_statement("accept").verdict.kind, VerdictKind::accept);
  EXPECT_EQ(read_statement("drop").verdict.kind, VerdictKind::drop);
  EXPECT_EQ(read_statement("return").verdict.kind, VerdictKind::return_);
  EXPECT_EQ(read_statement("continue").verdict.kind, VerdictKind::continue_);
  EXPECT_EQ(read_statement("jump other").verdict.chain, "other");
  EXPECT_EQ(read_statement("goto other").verdict.kind, VerdictKind::goto_);
  EXPECT_EQ(read_statement("jump { tcp dport 22 accept; }").text, "{ tcp dport 22 accept; }");
}

TEST(ParseCounter, with_numbers_and_by_name) {
  const Statement counter = read_statement("counter packets 5 bytes 600");
  EXPECT_EQ(counter.kind, StatementKind::counter);
  EXPECT_EQ(counter.packets, 5u);
  EXPECT_EQ(counter.bytes, 600u);
  EXPECT_EQ(read_statement("counter name \"hits\"").text, "hits");
  EXPECT_EQ(read_statement("counter name tcp dport map { 22 : \"a\", 80 : \"b\" }").left[0].kind, ExprKind::map);
}

TEST(ParseQuota, units_and_what_is_used) {
  const Statement quota = read_statement("quota over 5 mbytes used 2 kbytes");
  EXPECT_EQ(quota.kind, StatementKind::quota);
  EXPECT_TRUE(quota.over);
  EXPECT_EQ(quota.amount, 5u * 1024 * 1024);
  EXPECT_EQ(quota.unit, "mbytes");
  EXPECT_EQ(quota.bytes, 2048u);
  EXPECT_FALSE(read_statement("quota until 5 bytes").over);
  EXPECT_EQ(read_statement("quota name \"q\"").text, "q");
}

TEST(ParseLimit, packets_and_bytes) {
  const Rate packets = read_statement("limit rate over 10/minute burst 3 packets").rate;
  EXPECT_TRUE(packets.over);
  EXPECT_EQ(packets.amount, 10u);
  EXPECT_EQ(packets.period_s, 60u);
  EXPECT_EQ(packets.burst, 3u);
  EXPECT_EQ(packets.unit, RateUnit::packets);
  EXPECT_FALSE(read_statement("limit rate 5/second").rate.burst_given);
  for (const char* rule :
       {"limit rate 500 kbytes/hour burst 2 mbytes", "limit rate 500 kbytes / hour burst 2 mbytes"}) {
    const Rate bytes = read_statement(rule).rate;
    EXPECT_EQ(bytes.amount, 500u * 1024) << rule;
    EXPECT_EQ(bytes.period_s, 3600u) << rule;
    EXPECT_EQ(bytes.burst, 2u * 1024 * 1024) << rule;
    EXPECT_EQ(bytes.unit, RateUnit::bytes) << rule;
  }
  EXPECT_EQ(read_statement("limit rate 1/week").rate.period_s, 604800u);
  EXPECT_EQ(read_statement("limit name l").text, "l");
}

TEST(ParseConnectionLimit, count_and_over) {
  const Statement limit = read_statement("ct count over 20");
  EXPECT_EQ(limit.kind, StatementKind::connection_limit);
  EXPECT_EQ(limit.amount, 20u);
  EXPECT_TRUE(limit.over);
  EXPECT_FALSE(read_statement("ct count 20").over);
}

TEST(ParseLog, every_option) {
  const LogOptions log = read_statement("log flags tcp options,sequence flags skuid prefix \"a b\" level debug").log;
  EXPECT_EQ(log.prefix, "a b");
  EXPECT_EQ(log.level, "debug");
  EXPECT_EQ(log.flags, "tcp sequence,options flags skuid");
  const LogOptions group = read_statement("log group 3 snaplen 5 queue-threshold 4 prefix x").log;
  EXPECT_EQ(group.group, 3u);
  EXPECT_EQ(group.snaplen, 5u);
  EXPECT_EQ(group.queue_threshold, 4u);
  EXPECT_EQ(read_statement("log flags all").log.flags, "all");
}

TEST(ParseReject, every_way) {
  EXPECT_EQ(read_statement("reject").reject, RejectKind::none);
  const Statement icmp = read_statement("reject with icmp type admin-prohibited");
  EXPECT_EQ(icmp.reject, RejectKind::icmp);
  EXPECT_EQ(icmp.reject_code, 13);
  EXPECT_EQ(read_statement("reject with icmpv6 addr-unreachable").reject_code, 3);
  EXPECT_EQ(read_statement("reject with icmpx port-unreachable").reject_code, 1);
  EXPECT_EQ(read_statement("reject with icmp 77").reject_code, 77);
  EXPECT_EQ(read_statement("reject with tcp reset").reject, RejectKind::tcp_reset);
}

TEST(ParseNat, addresses_and_ports) {
  const Statement plain = read_statement("dnat to 10.0.0.1", 0, "ip");
  EXPECT_EQ(plain.kind, StatementKind::nat);
  EXPECT_EQ(plain.nat, NatKind::dnat);
  EXPECT_FALSE(plain.nat_family.has_value());
  EXPECT_EQ(plain.address[0].type, Type::ipv4_addr);
  const Statement both = read_statement("tcp dport 80 dnat ip6 to [2001:db8::1]:8080", 1);
  EXPECT_EQ(both.nat_family, TableFamily::ip6);
  EXPECT_EQ(both.port[0].value, Value(8080));
  const Statement ranges = read_statement("tcp dport 80 snat ip to 10.0.0.1-10.0.0.5:1000-2000 random,persistent", 1);
  EXPECT_EQ(ranges.address[0].kind, ExprKind::range);
  EXPECT_EQ(ranges.port[0].value2, Value(2000));
  EXPECT_EQ(ranges.nat_flags, NatFlag::random | NatFlag::persistent);
  EXPECT_TRUE(read_statement("tcp dport 80 dnat to :8080", 1).address.empty());
}

TEST(ParseNat, the_family_comes_from_the_rule_where_the_table_has_none) {
  EXPECT_EQ(read_statement("ip saddr 10.0.0.1 dnat to 10.0.0.2", 1).nat_family, TableFamily::ip);
  EXPECT_EQ(read_statement("meta nfproto ipv6 snat to 2001:db8::1", 1).nat_family, TableFamily::ip6);
}

TEST(ParseNat, maps_give_addresses_or_addresses_with_ports) {
  const Statement map =
      read_statement("dnat to tcp dport map { 80 : 10.0.0.1 . 8080, 443 : 10.0.0.2 . 8443 }", 0, "ip");
  ASSERT_EQ(map.address[0].kind, ExprKind::map);
  const Expr& data = map.address[0].parts[1].parts[0].parts[1];
  EXPECT_EQ(data.kind, ExprKind::concatenation);
  EXPECT_EQ(data.parts[1].type, Type::inet_service);
  const Statement balanced =
      read_statement("tcp dport 1 dnat to numgen random mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }:80", 1, "ip");
  EXPECT_EQ(balanced.address[0].parts[0].kind, ExprKind::number_generator);
  EXPECT_EQ(balanced.port[0].value, Value(80));
  EXPECT_EQ(read_statement("dnat ip prefix to ip saddr map { 10.0.0.0/24 : 10.1.0.0/24 }").nat_flags,
            NatFlag::netmap_prefix);
  EXPECT_EQ(read_statement("meta l4proto tcp dnat ip addr . port to ip saddr map @m", 1).address[0].parts[1].text, "m");
}

TEST(ParseNat, masquerade_and_redirect) {
  EXPECT_EQ(read_statement("masquerade fully-random").nat_flags, NatFlag::fully_random);
  EXPECT_EQ(read_statement("tcp dport 1 masquerade to :1024-65535 random", 1).port[0].value, Value(1024));
  EXPECT_EQ(read_statement("tcp dport 1 redirect to :8080", 1).nat, NatKind::redirect);
  EXPECT_EQ(read_statement("tcp dport 1 redirect to 8080", 1).port[0].value, Value(8080));
  EXPECT_EQ(read_statement("tcp dport 1 redirect to :tcp dport map { 1 : 2 }", 1).port[0].kind, ExprKind::map);
}

TEST(ParseAssign, marks_headers_and_options) {
  EXPECT_EQ(read_statement("meta mark set 5").right[0].value, Value(5));
  EXPECT_EQ(read_statement("mark set ct mark").right[0].field, Field::ct_mark);
  EXPECT_EQ(read_statement("ct mark set meta mark & 0xff").right[0].kind, ExprKind::bit_and);
  EXPECT_EQ(read_statement("ip dscp set af11").right[0].value, Value(10));
  EXPECT_EQ(read_statement("meta priority set none").right[0].value, Value(0));
  EXPECT_EQ(read_statement("tcp option maxseg size set rt mtu").right[0].field, Field::rt);
  EXPECT_EQ(read_statement("ct event set new,destroy").right[0].value, Value(5));
  const Statement reset = read_statement("reset tcp option sack-perm");
  EXPECT_EQ(reset.kind, StatementKind::assign);
  EXPECT_TRUE(reset.right.empty());
  EXPECT_EQ(reset.left[0].text, "tcp option sack-perm");
}

TEST(ParseSetUpdate, keys_timeouts_statements_and_data) {
  const Statement add =
      read_statement("add @s { ip saddr . tcp dport timeout 1h30m limit rate over 5/second counter }");
  EXPECT_EQ(add.kind, StatementKind::set_update);
  EXPECT_EQ(add.operation, SetOperation::add);
  EXPECT_EQ(add.text, "s");
  EXPECT_EQ(add.left[0].kind, ExprKind::concatenation);
  EXPECT_EQ(add.timeout_ms, 5'400'000u);
  EXPECT_EQ(add.inner.size(), 2u);
  EXPECT_EQ(read_statement("update @m { ip saddr : meta mark }").right[0].field, Field::meta_mark);
  EXPECT_EQ(read_statement("delete @s { ip saddr }").operation, SetOperation::remove);
  EXPECT_EQ(read_statement("set update ip saddr timeout 5s @s").timeout_ms, 5000u);
}

TEST(ParseSetUpdate, constants_have_the_types_of_the_set) {
  const Table table = test::read_table(
      "table ip t { map m { type ipv4_addr : mark; }; chain c { add @m { 10.0.0.1 : 5 }; }; set s { type ipv4_addr; "
      "size 9; }; "
      "chain d { add @s { ip saddr }; }; }\n");
  const Statement& update = table.chains[0].rules[0].statements[0];
  EXPECT_EQ(update.left[0].type, Type::ipv4_addr);
  EXPECT_EQ(update.right[0].type, Type::mark);
  EXPECT_EQ(table.sets[0].size, 65535u);
  EXPECT_EQ(table.sets[1].size, 9u);
  ParseResult later = parse("add rule ip t c add @m { 10.0.0.1 : 7 }\n");
  Statement& open = later.script.commands[0].table.chains[0].rules[0].statements[0];
  EXPECT_EQ(open.right[0].type, Type::invalid);
  EXPECT_TRUE(type_update(later.script, open, table.sets[0]).empty());
  EXPECT_EQ(open.right[0].value, Value(7));
}

TEST(ParseMeter, name_size_key_and_statement) {
  const Statement meter = read_statement("meter m size 100 { ip saddr timeout 5s limit rate over 20/second }");
  EXPECT_EQ(meter.kind, StatementKind::meter);
  EXPECT_EQ(meter.text, "m");
  EXPECT_EQ(meter.size, 100u);
  EXPECT_EQ(meter.timeout_ms, 5000u);
  EXPECT_EQ(meter.inner[0].kind, StatementKind::limit);
  EXPECT_EQ(read_statement("flow table m { ip saddr counter }").kind, StatementKind::meter);
}

TEST(ParseObject, chosen_for_the_packet) {
  const Statement helper = read_statement("ct helper set \"ftp\"");
  EXPECT_EQ(helper.kind, StatementKind::object);
  EXPECT_EQ(helper.what, "ct helper");
  EXPECT_EQ(helper.text, "ftp");
  EXPECT_EQ(read_statement("ct timeout set \"x\"").what, "ct timeout");
  EXPECT_EQ(read_statement("ct expectation set x").what, "ct expectation");
  EXPECT_EQ(read_statement("meta secmark set \"x\"").what, "secmark");
  EXPECT_EQ(read_statement("synproxy name \"x\"").what, "synproxy");
}

TEST(ParseOthers, are_kept_with_their_arguments) {
  EXPECT_EQ(read_statement("notrack").kind, StatementKind::notrack);
  EXPECT_EQ(read_statement("synproxy mss 1460 wscale 7 sack-perm timestamp").what,
            "mss 1460 wscale 7 timestamp sack-perm");
  const SynproxyOptions options = read_statement("synproxy wscale 7 timestamp").synproxy;
  EXPECT_FALSE(options.mss);
  EXPECT_EQ(options.window_scale, 7);
  EXPECT_TRUE(options.timestamp);
  EXPECT_FALSE(options.sack_permitted);
  EXPECT_EQ(read_statement("queue num 1-3 fanout,bypass").what, "flags bypass,fanout to 1-3");
  EXPECT_EQ(read_statement("queue").what, "to 0");
  EXPECT_EQ(read_statement("queue to symhash mod 5").what, "to symhash mod 5");
  EXPECT_EQ(read_statement("flow add @f").text, "f");
  const Statement tproxy = read_statement("tcp dport 80 tproxy ip to 127.0.0.1:50080", 1);
  EXPECT_EQ(tproxy.kind, StatementKind::tproxy);
  EXPECT_EQ(tproxy.port[0].value, Value(50080));
  const Statement dup = read_statement("dup to 10.0.0.1 device \"lo\"", 0, "ip");
  EXPECT_EQ(dup.kind, StatementKind::dup);
  EXPECT_EQ(dup.right[0].text, "lo");
  EXPECT_EQ(read_statement("fwd to \"lo\"", 0, "netdev").left[0].text, "lo");
}

TEST(ParseRule, comment_and_separators) {
  const Rule rule = read_rule("tcp dport 22 \\\n counter accept comment \"a b\"");
  EXPECT_EQ(rule.statements.size(), 3u);
  EXPECT_EQ(rule.comment, "a b");
  const Table table = test::read_table("table ip t { chain c { accept; drop # one\n\n; return\n}\n}\n");
  EXPECT_EQ(table.chains[0].rules.size(), 3u);
}

}  // namespace
}  // namespace fourtuple::nft
