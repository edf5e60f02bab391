// Rules in a trace know the lines of the file that a person wrote.
#include <fstream>
#include <gtest/gtest.h>

#include "app/view/documents.h"

namespace fourtuple::app {
namespace {

std::string line_of(const std::string& file, std::uint32_t number) {
  std::ifstream in(file);
  std::string line;
  for (std::uint32_t i = 0; i < number; ++i) std::getline(in, line);
  return line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
}

TEST(RulesetSource, of_a_block_in_a_scenario_counts_in_the_scenario) {
  const std::string file = std::string(FT_SOURCE_DIR) + "/scenarios/firewall/thirty_rules.yaml";
  const auto document = open_document(file);
  ASSERT_TRUE(document);
  const auto& ruleset = document->trace->tables().rulesets.at(0);
  ASSERT_EQ(ruleset.sources.size(), 1u);
  EXPECT_EQ(line_of(file, ruleset.sources[0].line), ruleset.text.substr(0, ruleset.text.find('\n')));
  for (const trace::RuleInfo& rule : ruleset.rules) {
    const std::string text = ruleset.text.substr(rule.span.begin, rule.span.end - rule.span.begin);
    EXPECT_TRUE(line_of(file, rule.span.line).starts_with(text)) << text;
  }
}

TEST(RulesetSource, tells_what_containers_brought_from_what_a_person_wrote) {
  const std::string file = std::string(FT_SOURCE_DIR) + "/scenarios/nat/docker_and_firewall.yaml";
  const auto document = open_document(file);
  ASSERT_TRUE(document);
  const auto& rulesets = document->trace->tables().rulesets;
  ASSERT_EQ(rulesets.at(0).sources.size(), 2u);
  EXPECT_EQ(rulesets[0].sources[0].line, 0u);
  const trace::TextSource& own = rulesets[0].sources[1];
  EXPECT_TRUE(rulesets[0].text.substr(own.begin).starts_with(line_of(file, own.line)));
  ASSERT_GT(rulesets.size(), 1u);
  EXPECT_EQ(rulesets[1].sources.at(0).name, "nft list ruleset") << "changed by a command, it stands in no file";
}

}  // namespace
}  // namespace fourtuple::app
