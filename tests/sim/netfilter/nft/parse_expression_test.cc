// Values, sets, operations and comparisons as trees.
#include "tests/sim/netfilter/nft/read.h"

namespace fourtuple::nft {
namespace {

using test::read_statement;

Expr right_of(const std::string& rule) {
  Statement statement = read_statement(rule);
  return statement.right.empty() ? Expr() : std::move(statement.right[0]);
}

Value address(const char* text) {
  return value_of(*IpAddress::parse(text));
}

TEST(ParseValue, numbers_words_and_addresses_become_values) {
  EXPECT_EQ(right_of("tcp dport 22").value, Value(22));
  EXPECT_EQ(right_of("tcp dport 0x16").value, Value(22));
  EXPECT_EQ(right_of("tcp dport 026").value, Value(22));
  EXPECT_EQ(right_of("tcp dport https").value, Value(443));
  EXPECT_EQ(right_of("tcp dport \"https\"").value, Value(443));
  EXPECT_EQ(right_of("ip saddr 192.0.2.1").value, address("192.0.2.1"));
  EXPECT_EQ(right_of("ip6 saddr 2001:db8::1").value, address("2001:db8::1"));
  EXPECT_EQ(right_of("meta l4proto ipv6-icmp").value, Value(58));
  EXPECT_EQ(right_of("icmp type redirect").value, Value(5));
  EXPECT_EQ(right_of("ct status snat").value, Value(0x10));
  EXPECT_EQ(right_of("ether saddr 2:0:0:0:0:1").value, Value(0x020000000001));
  EXPECT_EQ(right_of("meta priority abcd:1").value, Value(0xabcd0001));
  EXPECT_EQ(right_of("ct expiration 1m30s").value, Value(90'000));
  EXPECT_EQ(right_of("ct expiration 30").value, Value(30'000));
  EXPECT_EQ(right_of("ct label 100").value, Value(std::uint64_t{1} << 36, 0));
}

TEST(ParseValue, names_are_left_aligned_and_may_end_in_a_star) {
  const Expr name = right_of("iifname eth0.100");
  EXPECT_EQ(name.kind, ExprKind::value);
  EXPECT_EQ(name.text, "eth0.100");
  EXPECT_EQ(name.value, value_of_name("eth0.100"));
  for (const char* rule : {"iifname \"eth*\"", "iifname eth*"}) {
    const Expr wildcard = right_of(rule);
    EXPECT_EQ(wildcard.kind, ExprKind::prefix);
    EXPECT_EQ(wildcard.length, 24u);
    EXPECT_EQ(wildcard.value, value_of_name("eth"));
  }
  EXPECT_EQ(right_of("iifname \"eth\\*\"").value, value_of_name("eth*"));
  const Expr index = right_of("iif \"lo\"");
  EXPECT_EQ(index.type, Type::iface_index);
  EXPECT_EQ(index.text, "lo");
  EXPECT_EQ(right_of("iif 3").text, "");
}

TEST(ParseValue, prefixes_are_masked_and_ranges_have_two_ends) {
  const Expr prefix = right_of("ip saddr 10.1.2.3/8");
  EXPECT_EQ(prefix.kind, ExprKind::prefix);
  EXPECT_EQ(prefix.length, 8u);
  EXPECT_EQ(prefix.value, address("10.0.0.0"));
  const Expr range = right_of("tcp dport 1024-65535");
  EXPECT_EQ(range.kind, ExprKind::range);
  EXPECT_EQ(range.value, Value(1024));
  EXPECT_EQ(range.value2, Value(65535));
  EXPECT_EQ(right_of("ip6 saddr fe80::1-fe80::5").value2, address("fe80::5"));
}

TEST(ParseValue, hours_over_midnight_are_all_but_those_between) {
  const Statement statement = read_statement("meta hour \"23:00\"-\"05:00\"");
  EXPECT_EQ(statement.comparison, Comparison::not_equal);
  EXPECT_EQ(statement.right[0].value, Value(5 * 3600));
  EXPECT_EQ(statement.right[0].value2, Value(23 * 3600));
}

TEST(ParseSet, elements_are_values_prefixes_ranges_or_concatenations) {
  const Expr set = right_of("ip saddr { 10.0.0.1, 10.1.0.0/16,\n 10.2.0.1-10.2.0.9, }");
  ASSERT_EQ(set.kind, ExprKind::anonymous_set);
  ASSERT_EQ(set.parts.size(), 3u);
  EXPECT_EQ(set.parts[0].kind, ExprKind::value);
  EXPECT_EQ(set.parts[1].kind, ExprKind::prefix);
  EXPECT_EQ(set.parts[2].kind, ExprKind::range);
  const Expr pairs = right_of("ip saddr . tcp dport { 10.0.0.1 . 22, 10.0.0.0/8 . 80-90 }");
  ASSERT_EQ(pairs.parts.size(), 2u);
  ASSERT_EQ(pairs.parts[1].kind, ExprKind::concatenation);
  EXPECT_EQ(pairs.parts[1].parts[0].type, Type::ipv4_addr);
  EXPECT_EQ(pairs.parts[1].parts[1].value2, Value(90));
}

TEST(ParseSet, one_element_alone_is_that_element) {
  EXPECT_EQ(right_of("tcp dport { 22 }").kind, ExprKind::value);
  EXPECT_EQ(right_of("tcp dport != { 5-6 }").kind, ExprKind::range);
  EXPECT_EQ(right_of("ip saddr { 1.1.1.1 timeout 5s }").value, address("1.1.1.1"));
  EXPECT_EQ(right_of("ip saddr . tcp dport { 1.1.1.1 . 5 }").kind, ExprKind::anonymous_set);
}

TEST(ParseSet, sets_inside_sets_are_flat) {
  EXPECT_EQ(right_of("tcp dport { { 1, 2 }, 3 }").parts.size(), 3u);
  EXPECT_EQ(right_of("tcp dport { 1, , 2 }").parts.size(), 2u);
}

TEST(ParseSet, elements_of_maps_have_key_and_data) {
  const Statement statement = read_statement("tcp dport vmap { 22 : accept, 80-90 : jump other, * : drop }");
  EXPECT_EQ(statement.kind, StatementKind::verdict_map);
  const Expr& map = statement.right[0];
  ASSERT_EQ(map.parts.size(), 3u);
  for (const Expr& part : map.parts) ASSERT_EQ(part.kind, ExprKind::element);
  EXPECT_EQ(map.parts[0].parts[1].verdict.kind, VerdictKind::accept);
  EXPECT_EQ(map.parts[1].parts[1].verdict.chain, "other");
  EXPECT_EQ(map.parts[2].parts[0].kind, ExprKind::wildcard);
}

TEST(ParseFlags, a_list_asks_for_any_of_them) {
  const Statement statement = read_statement("ct state established,related");
  EXPECT_EQ(statement.comparison, Comparison::implicit);
  EXPECT_EQ(statement.right[0].kind, ExprKind::list);
  EXPECT_EQ(statement.right[0].value, Value(6));
  EXPECT_EQ(statement.right[0].parts.size(), 2u);
}

TEST(ParseFlags, with_an_operator_a_list_is_one_value) {
  const Statement statement = read_statement("ct state != established,related");
  EXPECT_EQ(statement.comparison, Comparison::not_equal);
  EXPECT_EQ(statement.right[0].kind, ExprKind::value);
  EXPECT_EQ(statement.right[0].value, Value(6));
}

TEST(ParseFlags, forms_the_kernel_does_not_tell_apart_are_one_tree) {
  for (const char* rule : {"tcp flags syn / fin,syn,rst,ack", "tcp flags & (fin|syn|rst|ack) == syn",
                           "tcp flags & (fin|syn|rst|ack) syn"}) {
    const Statement statement = read_statement(rule);
    EXPECT_EQ(statement.comparison, Comparison::equal) << rule;
    ASSERT_EQ(statement.left[0].kind, ExprKind::bit_and) << rule;
    EXPECT_EQ(statement.left[0].parts[0].field, Field::tcp_flags) << rule;
    EXPECT_EQ(statement.left[0].parts[1].value, Value(0x17)) << rule;
    EXPECT_EQ(statement.right[0].value, Value(2)) << rule;
  }
  for (const char* rule : {"tcp flags ! syn,ack", "tcp flags & (syn|ack) == 0"}) {
    const Statement statement = read_statement(rule);
    EXPECT_EQ(statement.comparison, Comparison::equal) << rule;
    EXPECT_EQ(statement.left[0].parts[1].value, Value(0x12)) << rule;
    EXPECT_TRUE(statement.right[0].value.zero()) << rule;
  }
  const Statement any = read_statement("tcp flags & (syn|ack) != 0");
  EXPECT_EQ(any.comparison, Comparison::implicit);
  EXPECT_EQ(any.left[0].kind, ExprKind::selector);
  EXPECT_EQ(any.right[0].value, Value(0x12));
}

TEST(ParseOperation, constants_are_carried_out_and_selectors_kept) {
  EXPECT_EQ(right_of("meta mark 1 | 2 ^ 1 & 3 << 1").value, Value(1 | (2 ^ (1 & (3 << 1)))));
  EXPECT_EQ(right_of("meta mark (1 or 6) xor 4").value, Value(3));
  const Statement mask = read_statement("meta mark and 0xff == 5");
  EXPECT_EQ(mask.left[0].kind, ExprKind::bit_and);
  EXPECT_EQ(mask.left[0].parts[1].value, Value(0xff));
  const Expr set = right_of("meta mark set (meta mark & 0xff) | 0x100");
  EXPECT_EQ(set.kind, ExprKind::bit_or);
  EXPECT_EQ(set.parts[0].kind, ExprKind::bit_and);
  EXPECT_EQ(set.parts[0].parts[0].field, Field::meta_mark);
  EXPECT_EQ(right_of("meta mark set ct mark << 8").kind, ExprKind::shift_left);
  EXPECT_EQ(right_of("meta mark set ct mark rshift 8").kind, ExprKind::shift_right);
}

TEST(ParseComparison, every_operator_in_signs_and_words) {
  const auto comparison = [](const char* rule) { return read_statement(rule).comparison; };
  EXPECT_EQ(comparison("tcp dport 5"), Comparison::implicit);
  EXPECT_EQ(comparison("tcp dport == 5"), Comparison::equal);
  EXPECT_EQ(comparison("tcp dport eq 5"), Comparison::equal);
  EXPECT_EQ(comparison("tcp dport ne 5"), Comparison::not_equal);
  EXPECT_EQ(comparison("tcp dport < 5"), Comparison::less);
  EXPECT_EQ(comparison("tcp dport le 5"), Comparison::less_equal);
  EXPECT_EQ(comparison("tcp dport gt 5"), Comparison::greater);
  EXPECT_EQ(comparison("tcp dport >= 5"), Comparison::greater_equal);
}

TEST(ParseMap, the_data_has_the_type_that_is_set) {
  const Expr map = right_of("meta mark set ip saddr . tcp dport map { 1.1.1.1 . 5 : 6, 2.2.2.2 . 6 : 7 }");
  ASSERT_EQ(map.kind, ExprKind::map);
  EXPECT_EQ(map.parts[0].kind, ExprKind::concatenation);
  EXPECT_EQ(map.parts[1].parts[0].parts[1].type, Type::mark);
  EXPECT_EQ(right_of("meta mark set ip saddr map @m").parts[1].text, "m");
}

TEST(ParseGenerator, numbers_and_hashes_keep_their_arguments) {
  const Expr numgen = right_of("meta mark set numgen inc mod 5 offset 100");
  EXPECT_EQ(numgen.kind, ExprKind::number_generator);
  EXPECT_EQ(numgen.text, "inc");
  EXPECT_EQ(numgen.number, 5u);
  EXPECT_EQ(numgen.number2, 100u);
  const Expr hash = right_of("meta mark set jhash ip saddr . tcp dport mod 7 seed 0xdead offset 1");
  EXPECT_EQ(hash.kind, ExprKind::hash);
  EXPECT_EQ(hash.text, "jhash");
  EXPECT_EQ(hash.parts[0].parts.size(), 2u);
  EXPECT_EQ(hash.value, Value(0xdead));
  EXPECT_EQ(right_of("meta mark set symhash mod 5").text, "symhash");
}

TEST(ParseSpan, a_part_points_to_its_text) {
  const std::string text = test::in_chain("tcp dport { 22, 80 } counter accept comment \"web\"");
  const Script script = test::read(text);
  const Rule& rule = script.commands[0].table.chains[0].rules[0];
  const auto part = [&](Span span) { return script.text.substr(span.begin, span.end - span.begin); };
  EXPECT_EQ(part(rule.span), "tcp dport { 22, 80 } counter accept comment \"web\"");
  EXPECT_EQ(part(rule.statements[0].span), "tcp dport { 22, 80 }");
  EXPECT_EQ(part(rule.statements[0].left[0].span), "tcp dport");
  EXPECT_EQ(part(rule.statements[1].span), "counter");
  EXPECT_EQ(part(script.commands[0].table.chains[0].span).substr(0, 7), "chain c");
}

}  // namespace
}  // namespace fourtuple::nft
