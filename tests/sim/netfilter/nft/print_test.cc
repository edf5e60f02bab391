// The printer against `nft list ruleset` of nftables 1.0.6: tests/data/kernel/nft_listing.json.
#include "sim/netfilter/nft/print.h"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/netfilter/nft/tables.h"

namespace fourtuple::nft {
namespace {

TEST(Print, EveryRulesetListsAsNftListsIt) {
  std::ifstream file(std::string(FT_SOURCE_DIR) + "/tests/data/kernel/nft_listing.json");
  const nlohmann::json cases = nlohmann::json::parse(file);
  ASSERT_GT(cases.size(), 1800u);
  for (const auto& each : cases) {
    const std::string input = each["input"];
    const test::Built built = test::build_tables(input);
    ASSERT_EQ(built.error, "") << input;
    EXPECT_EQ(print_listing(built.tables), each["listing"].get<std::string>()) << input;
  }
}

// What a listing is read as lists the same again.
TEST(Print, ListingsAreReadBack) {
  std::ifstream file(std::string(FT_SOURCE_DIR) + "/tests/data/kernel/nft_listing.json");
  int same = 0, read = 0;
  for (const auto& each : nlohmann::json::parse(file)) {
    const std::string listing = each["listing"];
    const test::Built built = test::build_tables(listing);
    if (!built.error.empty()) continue;  // nft cannot read all that it writes either
    ++read;
    same += print_listing(built.tables) == listing;
  }
  EXPECT_GT(read, 1800);
  EXPECT_GT(same, read - 30);  // a set of one element, left by joined intervals, is read as that element
}

test::Built tables() {
  return test::build_tables(
      "table ip t {\n"
      "  counter hits { packets 3 bytes 40; }\n"
      "  quota most { over 1 mbytes used 512 bytes; }\n"
      "  set s { type ipv4_addr; elements = { 10.0.0.2, 10.0.0.1, 10.0.0.3 } }\n"
      "  chain c {\n"
      "    type filter hook input priority 5; policy drop;\n"
      "    ip saddr @s counter packets 7 bytes 70 quota over 5 kbytes accept comment \"why\"\n"
      "  }\n"
      "}\n");
}

TEST(Print, PiecesLeaveOpenWhatTheStateSupplies) {
  const test::Built built = tables();
  ASSERT_EQ(built.error, "");
  const Statement* counter = &built.tables[0].chains[0].rules[0].statements[1];
  ListingIds ids;
  ids.object_of_statement = [&](const Statement& statement) { return &statement == counter ? 11u : 12u; };
  ids.object_of_object = [](const Table&, const Object& object) { return object.name == "hits" ? 21u : 22u; };
  ids.set = [](const Table&, const Set&) { return 31u; };

  std::string text;
  for (const trace::ListingPiece& piece : print_ruleset(built.tables, ids)) {
    using Kind = trace::ListingPiece::Kind;
    if (piece.kind == Kind::text) text += piece.text;
    if (piece.kind == Kind::counter) text += "<counter " + std::to_string(piece.id) + ">";
    if (piece.kind == Kind::quota_used) text += "<used " + std::to_string(piece.id) + ">";
    if (piece.kind == Kind::elements) text += "<elements " + std::to_string(piece.id) + ">";
  }
  EXPECT_EQ(text,
            "table ip t {\n"
            "\tcounter hits {\n\t\t<counter 21>\n\t}\n\n"
            "\tquota most {\n\t\tover 1 mbytes<used 22>\n\t}\n\n"
            "\tset s {\n\t\ttype ipv4_addr\n<elements 31>\t}\n\n"
            "\tchain c {\n\t\ttype filter hook input priority filter + 5; policy drop;\n"
            "\t\tip saddr @s counter <counter 11> quota over 5 kbytes<used 12> accept comment \"why\"\n\t}\n}\n");

  const auto elements = listed_elements(built.tables, ids);
  ASSERT_EQ(elements.size(), 3u);
  EXPECT_EQ(elements[0].text, "10.0.0.1");
  EXPECT_EQ(elements[0].set, 31u);
  EXPECT_EQ(elements[2].words[0], 0x0a000003u);
}

TEST(Print, RulesAndStatementsComeWithoutNumbers) {
  const test::Built built = tables();
  const Rule& rule = built.tables[0].chains[0].rules[0];
  EXPECT_EQ(print_rule(rule, TableFamily::ip), "ip saddr @s counter quota over 5 kbytes accept");
  EXPECT_EQ(print_statement(rule.statements[1], TableFamily::ip), "counter");
  EXPECT_EQ(print_expression(rule.statements[0].left[0], TableFamily::ip), "ip saddr");
}

TEST(Print, PrioritiesHaveNamesUpToTenAway) {
  ChainHook hook;
  hook.point = HookPoint::prerouting;
  hook.priority = -90;
  EXPECT_EQ(print_priority(hook, TableFamily::ip), "dstnat + 10");
  hook.priority = -89;
  EXPECT_EQ(print_priority(hook, TableFamily::ip), "-89");
  hook.priority = 100;
  EXPECT_EQ(print_priority(hook, TableFamily::ip), "100");
  hook.point = HookPoint::postrouting;
  EXPECT_EQ(print_priority(hook, TableFamily::ip), "srcnat");
  EXPECT_EQ(print_priority(hook, TableFamily::bridge), "100");
}

std::uint8_t type(Type type) {
  return static_cast<std::uint8_t>(type);
}

TEST(Print, WordsOfRecordsAreKeys) {
  const std::uint8_t types[] = {type(Type::ipv4_addr), type(Type::inet_service), type(Type::ct_state)};
  const std::uint8_t widths[] = {32, 16, 32};
  const std::uint32_t words[] = {0xc0000201, 80, 0x0a};
  EXPECT_EQ(print_words(types, widths, words), "192.0.2.1 . 80 . established | new");

  const std::uint8_t six[] = {type(Type::ipv6_addr)}, wide[] = {128};
  const std::uint32_t address[] = {0x20010db8, 0, 0, 1};
  EXPECT_EQ(print_words(six, wide, address), "2001:db8::1");

  const std::uint8_t name[] = {type(Type::ifname)};
  const std::uint32_t lan[] = {0x6c616e00, 0, 0, 0};
  EXPECT_EQ(print_words(name, wide, lan), "\"lan\"");
}

TEST(Print, ElementsWrapByTheKeysType) {
  const std::uint8_t address[] = {type(Type::ipv4_addr)}, port[] = {type(Type::inet_service)};
  const std::vector<std::string> three = {"a", "b", "c"};
  EXPECT_EQ(elements_line(address, three), "\t\telements = { a, b,\n\t\t\t     c }\n");
  EXPECT_EQ(elements_line(port, three), "\t\telements = { a, b, c }\n");
  EXPECT_EQ(elements_line(port, {}), "");
}

TEST(Print, ConcatenationsSortByTheirLastByteFirst) {
  const std::uint8_t types[] = {type(Type::ipv4_addr), type(Type::inet_service)}, widths[] = {32, 16};
  const std::uint32_t a[] = {0x0a000001, 5}, b[] = {0x01020304, 22}, c[] = {0x01020304, 256};
  EXPECT_TRUE(sorts_before(types, widths, a, b));
  EXPECT_FALSE(sorts_before(types, widths, b, a));
  EXPECT_TRUE(sorts_before(types, widths, c, a));  // 256 ends in a zero byte
  const std::uint8_t one[] = {type(Type::ipv4_addr)}, width[] = {32};
  EXPECT_TRUE(sorts_before(one, width, std::span(b).first(1), std::span(a).first(1)));
}

}  // namespace
}  // namespace fourtuple::nft
