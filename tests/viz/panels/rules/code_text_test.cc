#include "viz/panels/rules/code_text.h"

#include <gtest/gtest.h>

namespace fourtuple::viz {
namespace {

trace::RulesetInfo two_parts() {
  trace::RulesetInfo ruleset;
  ruleset.text = "table ip nat {\n}\ntable ip filter {\n  chain input {\n    accept\n  }\n}\n";
  ruleset.sources = {{"", 0, 0}, {"home.yaml", 17, 40}};
  ruleset.chains.resize(1);
  ruleset.rules.resize(2);
  const auto at = static_cast<std::uint32_t>(ruleset.text.find("accept"));
  ruleset.rules[0].span = {0, 5, 0, 0};
  ruleset.rules[1].span = {at, at + 6, 42, 5};
  ruleset.rules[1].number = 1;
  return ruleset;
}

TEST(CodeText, counts_lines_in_the_file_of_their_author) {
  const CodeText code = read_code(two_parts());
  ASSERT_EQ(code.lines.size(), 7u);
  EXPECT_EQ(code.lines[0].number, 0u) << "no person wrote it";
  EXPECT_EQ(code.lines[1].number, 0u);
  EXPECT_EQ(code.lines[2].number, 40u);
  EXPECT_EQ(code.lines[4].number, 42u);
}

TEST(CodeText, names_a_rule_by_its_line_or_else_by_its_number_from_1) {
  const trace::RulesetInfo ruleset = two_parts();
  const CodeText code = read_code(ruleset);
  EXPECT_EQ(code.name_of_rule(ruleset, 0), "rule 1");
  EXPECT_EQ(code.name_of_rule(ruleset, 1), "line 42");
}

}  // namespace
}  // namespace fourtuple::viz
