#include "app/view/ruleset_trial.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/view/documents.h"

namespace fourtuple::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
const std::string rulesets = FT_SOURCE_DIR "/tests/data/rulesets";

std::string written(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(RulesetTrial, knows_rules_by_name_and_by_first_words) {
  EXPECT_TRUE(is_ruleset(rulesets + "/01-home-basic.nft"));
  EXPECT_TRUE(is_ruleset(written("rules.txt", "# mine\n\ntable inet filter {\n}\n")));
  EXPECT_TRUE(is_ruleset(written("saved", "*filter\n:INPUT DROP [0:0]\nCOMMIT\n")));
  EXPECT_FALSE(is_ruleset(written("text.txt", "hello table\n")));
  EXPECT_FALSE(is_ruleset(FT_SOURCE_DIR "/scenarios/first_run.yaml"));
  EXPECT_FALSE(is_ruleset("/no/such/file"));
}

TEST(RulesetTrial, finds_the_ports_that_rules_name) {
  EXPECT_THAT(ports_named("tcp dport 8080 accept\ntcp dport { 22, 443 } drop; udp dport 53 accept", 8),
              ElementsAre(22, 53, 443, 8080));
  EXPECT_THAT(ports_named("tcp dport ssh accept; dport 99999 dport", 8), ElementsAre());
  EXPECT_THAT(ports_named("dport 1 dport 2 dport 3", 2), ElementsAre(1, 2));
}

TEST(RulesetTrial, runs_every_ruleset_at_hand_as_a_network) {
  for (const auto& entry : std::filesystem::directory_iterator(rulesets)) {
    const std::string path = entry.path().string();
    if (!is_ruleset(path)) continue;
    const auto document = open_document(path);
    ASSERT_TRUE(document) << path << ": " << document.error().front().to_string();
    EXPECT_FALSE(document->trace->tables().rulesets.empty()) << path;
    EXPECT_EQ(document->trace->tables().topology.hosts.size(), 4u) << path;
    EXPECT_GT(document->trace->published(), 100u) << path;
  }
}

TEST(RulesetTrial, tells_the_place_of_a_fault_in_the_rules) {
  const auto document = open_document(written("bad.nft", "table inet filter {\n  chain input {\n    tcp dprot 80\n"));
  ASSERT_FALSE(document);
  const Error& error = document.error().front();
  EXPECT_THAT(error.where.file, HasSubstr("bad.nft"));
  EXPECT_EQ(error.where.line, 3);
}

}  // namespace
}  // namespace fourtuple::app
