// Types, words and selectors.
#include "sim/netfilter/nft/types.h"

#include <gtest/gtest.h>

#include "sim/netfilter/nft/fields.h"
#include "sim/netfilter/nft/loaded_rule.h"
#include "tests/sim/netfilter/nft/tables.h"

namespace fourtuple::nft {
namespace {

TEST(Types, WordsAreValuesAndValuesAreWords) {
  EXPECT_EQ(constant(Type::ct_state, "established"), Value(2));
  EXPECT_EQ(constant(Type::icmp_type, "echo-request"), Value(8));
  EXPECT_EQ(constant(Type::inet_service, "https"), Value(443));
  EXPECT_EQ(constant(Type::inet_proto, "icmpv6"), Value(58));
  EXPECT_EQ(constant(Type::uid, "www-data"), Value(33));
  EXPECT_FALSE(constant(Type::ct_state, "fresh"));
  EXPECT_EQ(print_value(Type::inet_proto, 58, 8), "ipv6-icmp");
  EXPECT_EQ(print_value(Type::inet_service, 443, 16), "443");
  EXPECT_EQ(print_value(Type::mark, 5, 32), "0x00000005");
  EXPECT_EQ(print_value(Type::ct_state, 0x10a, 32), "established,new,0x100");
  EXPECT_EQ(print_value(Type::tcp_flag, 0, 8), "0x0");
  EXPECT_EQ(print_value(Type::dscp, 2, 6), "0x02");
  EXPECT_EQ(print_value(Type::ether_addr, 0x001122334455, 48), "00:11:22:33:44:55");
  EXPECT_EQ(print_value(Type::ifname, value_of_name("eth*"), 128), "\"eth\\*\"");
}

TEST(Types, DatesHoursAndDurations) {
  EXPECT_EQ(print_value(Type::time, *constant(Type::time, "2024-02-29 12:34:56"), 64), "\"2024-02-29 12:34:56\"");
  EXPECT_EQ(print_value(Type::time, *constant(Type::time, "1970-01-01"), 64), "\"1970-01-01 00:00:00\"");
  EXPECT_FALSE(constant(Type::time, "2024-13-01"));
  EXPECT_EQ(print_value(Type::hour, *constant(Type::hour, "08:30"), 32), "\"08:30\"");
  EXPECT_FALSE(constant(Type::hour, "24:00"));
  EXPECT_EQ(print_duration(93'784'005), "1d2h3m4s5ms");
  EXPECT_EQ(print_number(Type::time, 605'000, 32), "605s");
}

TEST(Types, EveryTypeIsFoundByItsName) {
  for (int i = 1; i <= static_cast<int>(Type::mh_type); ++i)
    EXPECT_EQ(type_named(info(static_cast<Type>(i)).name), static_cast<Type>(i));
  EXPECT_FALSE(type_named("address"));
}

TEST(Fields, SelectorsAreFoundByTheirWords) {
  EXPECT_EQ(field_named("ip", "saddr"), Field::ip_saddr);
  EXPECT_EQ(field_named("iifname"), Field::meta_iifname);
  EXPECT_EQ(field_named("meta", "iifname"), Field::meta_iifname);
  EXPECT_EQ(field_named("ct", "proto-dst", "reply"), Field::ct_reply_dport);
  EXPECT_EQ(field_named("ct", "packets", "original"), Field::ct_packets);
  EXPECT_EQ(field_named("icmpv6", "param-problem"), Field::icmpv6_parameter_problem);
  EXPECT_FALSE(field_named("ct", "saddr"));
  EXPECT_FALSE(field_named("ct", "state", "original"));
  EXPECT_FALSE(field_named("ip", "sadd"));
  for (int i = 1; i <= static_cast<int>(Field::sctp_chunk); ++i) {
    const FieldInfo& field = info(static_cast<Field>(i));
    EXPECT_EQ(static_cast<int>(field.field), i);
    const std::size_t space = field.words.find(' ');
    if (field.words.empty() || field.words.find(' ', space + 1) != std::string_view::npos) continue;
    const auto found = space == std::string_view::npos
                           ? field_named(field.words)
                           : field_named(field.words.substr(0, space), field.words.substr(space + 1));
    EXPECT_EQ(found, field.field) << field.words;
  }
}

std::vector<std::vector<Field>> loaded(const std::string& rule) {
  const test::Built built = test::build_tables("table inet t {\n chain c {\n " + rule + "\n }\n}\n");
  EXPECT_EQ(built.error, "");
  std::vector<std::vector<Field>> fields;
  const LoadedRule loaded(built.tables[0].chains[0].rules[0], TableFamily::inet);
  for (const LoadedRule::Step& step : loaded.steps()) {
    auto& parts = fields.emplace_back();
    for (const Statement* part : step.parts)
      parts.push_back(part->kind == StatementKind::match ? part->left[0].field : Field::none);
  }
  return fields;
}

using Steps = std::vector<std::vector<Field>>;

TEST(LoadedRule, ImpliedTestsStandBeforeTheSelector) {
  EXPECT_EQ(loaded("ip saddr 10.0.0.1 tcp dport 22"),
            (Steps{{Field::meta_nfproto}, {Field::ip_saddr}, {Field::meta_l4proto}, {Field::tcp_dport}}));
  EXPECT_EQ(loaded("counter icmp id 5"),
            (Steps{{Field::none}, {Field::meta_nfproto}, {Field::meta_l4proto}, {Field::icmp_type}, {Field::icmp_id}}));
  EXPECT_EQ(loaded("counter reject with tcp reset"), (Steps{{Field::meta_l4proto}, {Field::none}, {Field::none}}));
  EXPECT_EQ(loaded("meta l4proto tcp tcp dport 22"), (Steps{{Field::meta_l4proto}, {Field::tcp_dport}}));
  EXPECT_EQ(loaded("tcp option maxseg exists"), (Steps{{Field::tcp_option}}));
}

TEST(LoadedRule, NeighboursAreOneComparison) {
  EXPECT_EQ(loaded("tcp dport 80 counter tcp sport 5"),
            (Steps{{Field::meta_l4proto}, {Field::none}, {Field::tcp_sport, Field::tcp_dport}}));
  EXPECT_EQ(loaded("tcp sport 5 counter tcp dport 80"),
            (Steps{{Field::meta_l4proto}, {Field::tcp_sport, Field::tcp_dport}, {Field::none}}));
  EXPECT_EQ(loaded("ip saddr 10.0.0.1 ip daddr 10.0.0.2"),
            (Steps{{Field::meta_nfproto}, {Field::ip_saddr}, {Field::ip_daddr}}));
  EXPECT_EQ(loaded("tcp dport 80 tcp sport { 5, 6 }"),
            (Steps{{Field::meta_l4proto}, {Field::tcp_dport}, {Field::tcp_sport}}));
}

}  // namespace
}  // namespace fourtuple::nft
