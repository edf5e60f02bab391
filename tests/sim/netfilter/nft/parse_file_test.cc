// Whole rulesets, hostile texts and the acceptance of the real nft.
#include <filesystem>

#include "tests/sim/netfilter/nft/read.h"

namespace fourtuple::nft {
namespace {

using test::file_text;
using test::messages;

TEST(ParseRulesets, all_that_the_kernel_loads) {
  int read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(FT_SOURCE_DIR) + "/tests/data/rulesets")) {
    if (entry.path().extension() != ".nft") continue;
    ++read;
    EXPECT_EQ(messages(parse(file_text("tests/data/rulesets/" + entry.path().filename().string()))), "")
        << entry.path();
  }
  EXPECT_GE(read, 53);
}

// What nft 1.0.6 takes is taken, what it refuses is refused: tests/data/kernel/nft_rules.tsv.
TEST(ParseAcceptance, is_that_of_nft) {
  const std::string declarations =
      " set s4 { type ipv4_addr; flags dynamic; }\n set st { type ipv4_addr; flags dynamic,timeout; }\n"
      " set s6 { type ipv6_addr; }\n set ports { type inet_service; flags interval; }\n"
      " set cc { type ipv4_addr . inet_service; }\n map m4 { type ipv4_addr : mark; flags dynamic; }\n"
      " chain other { }\n";
  std::istringstream rows(file_text("tests/data/kernel/nft_rules.tsv"));
  std::string row;
  int asked = 0;
  while (std::getline(rows, row)) {
    const std::string rule = row.substr(row.find('\t') + 1);
    const char* families[] = {"inet", "ip", "ip6"};
    for (std::size_t i = 0; i < 3; ++i) {
      if (row[i] == '?') continue;
      ++asked;
      const ParseResult result =
          parse("table " + std::string(families[i]) + " t {\n" + declarations + " chain c {\n" + rule + "\n }\n}\n");
      EXPECT_EQ(result.errors.empty(), row[i] == 'y') << families[i] << ": " << rule << "\n" << messages(result);
    }
  }
  EXPECT_GT(asked, 3400);
}

std::string repeated(const std::string& unit, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += unit;
  return text;
}

// A megabyte of each; the test's time limit is what would catch growth faster than the text.
TEST(ParseHostile, a_megabyte_of_anything_is_read_in_time) {
  constexpr std::size_t size = 1'000'000;
  const std::string chain = "table inet t { chain c { ";
  const std::pair<std::string, std::string> texts[] = {
      {"", "{"},
      {"", "("},
      {"", "#"},
      {"", "\""},
      {"", "\n"},
      {"", "a"},
      {"", "foo bar\n"},
      {"", "# hello\n"},
      {"", "\\\n"},
      {"", "table ip t { chain c { "},
      {"", "add element ip t s { 1.1.1.1 }\n"},
      {chain, "("},
      {chain, "jump { "},
      {chain, "jhash "},
      {chain, "counter "},
      {chain, "vlan id 5\n"},
      {chain, "tcp dport { 1, 2\n"},
      {chain, "meter m { ip saddr "},
      {chain + "tcp dport { ", "1,"},
      {chain + "tcp dport { ", "{"},
      {chain + "tcp dport { 1", ","},
      {chain + "meta mark ", "1|"},
      {chain + "meta mark ", "("},
      {chain + "ct state ", "new,"},
      {chain + "ip saddr ", "1 . "},
      {chain + "tcp dport vmap { ", "1:accept,"},
      {chain + "ip6 saddr ", ":"},
      {chain + "ip6 saddr ", "a:"},
      {chain + "tcp dport ", "1"},
      {chain + "tcp dport ", "$"},
      {"table ip t { set s { type ipv4_addr; elements = { ", "1.1.1.1,"},
      {"table ip t { set s { type ipv4_addr; elements = { ", "1.1.1.999,"}};
  for (const auto& [head, unit] : texts) {
    const ParseResult result = parse(head + repeated(unit, size));
    EXPECT_LE(result.errors.size(), 20u) << head << unit;
    for (const Error& error : result.errors) EXPECT_LT(error.message.size(), 200u) << head << unit;
  }
}

TEST(ParseHostile, nesting_is_limited) {
  const auto nested = [](int depth) {
    return test::in_chain("meta mark " + repeated("(", static_cast<std::size_t>(depth)) + "1" +
                          repeated(")", static_cast<std::size_t>(depth)));
  };
  EXPECT_EQ(messages(parse(nested(14))), "");
  EXPECT_EQ(messages(parse(nested(15))), "3:25: nested more than 16 deep\n");
  EXPECT_EQ(messages(parse(test::in_chain("meta mark " + repeated("1|", 200) + "1"))),
            "3:140: unexpected '|'; expected at most 64 operators in a row\n");
}

// Whatever is too much is one error at one place, however often it goes on.
TEST(ParseHostile, each_limit_gives_one_clear_error) {
  const std::string chain = "table inet t { chain c {\n", end = "\n}\n}\n";
  const std::string braces = repeated("{ ", 200) + "22" + repeated(" }", 200);
  EXPECT_EQ(messages(parse(chain + "tcp dport " + braces + end)), "2:39: nested more than 16 deep\n");
  EXPECT_EQ(messages(parse(chain + "meta mark " + repeated("(", 100) + end)), "2:25: nested more than 16 deep\n");
  ParseOptions options;
  options.include = [](std::string_view path) { return "include \"" + std::string(path) + "\"\n"; };
  EXPECT_EQ(messages(parse("include \"self\"\n", options)), "1:1: files include each other more than 16 deep\n");
  const std::string blanks = repeated(" ", 1'000'000), name = repeated("n", 100'000);
  EXPECT_EQ(messages(parse("table ip t { }" + blanks + "x\n")),
            "1:1000015: unexpected 'x'; expected a newline or ';'\n");
  EXPECT_EQ(messages(parse(chain + "log prefix \"" + name + "\"" + end)),
            "2:12: the prefix is too long; expected at most 127 characters\n");
}

// 100,000 elements are no fault; the one wrong among them has its place.
TEST(ParseHostile, a_huge_set_is_read_and_its_one_fault_found) {
  std::string elements;
  for (int i = 0; i < 100'000; ++i)
    elements += (i == 0 ? "" : ", ") + std::to_string(i / 65536 + 1) + "." + std::to_string(i / 256 % 256) + ".0." +
                std::to_string(i % 256);
  const std::string head = "table ip t {\n set s { type ipv4_addr\n elements = { ";
  const ParseResult good = parse(head + elements + " }\n}\n}\n");
  ASSERT_EQ(messages(good), "");
  EXPECT_EQ(good.script.commands[0].table.sets[0].elements.size(), 100'000u);
  EXPECT_EQ(messages(parse(head + elements + ", 1.2.3.999, 1.1.1.1 }\n}\n}\n")),
            "3:1200685: '1.2.3.999' is no ipv4_addr; expected an IPv4 address such as 192.0.2.1\n");
}

TEST(ParseHostile, variables_do_not_explode) {
  std::string text = "define a = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }\n";
  for (char name = 'b'; name < 'm'; ++name)
    text += std::string("define ") + name + " = { " +
            repeated(std::string("$") + static_cast<char>(name - 1) + ", ", 50) + "1 }\n";
  const ParseResult result = parse(text);
  ASSERT_FALSE(result.errors.empty());
  EXPECT_EQ(result.errors[0].message, "the variables expand to more than a million values");
}

}  // namespace
}  // namespace fourtuple::nft
