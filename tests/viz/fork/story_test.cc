#include "tests/viz/panels/story.h"

#include <gtest/gtest.h>

#include "viz/fork/choices.h"

namespace fourtuple::viz {
namespace {

TEST(ChangeStory, asks_in_a_persons_words) {
  test::Bench bench;
  const PanelContext context = bench.context();
  const auto question = [&](const std::string& words) { return story_of(context, Time{0}, {words}).question; };
  EXPECT_EQ(question("server: kill httpd"), "What if httpd on server were killed?");
  EXPECT_EQ(question("internet: loss 10 %"), "What if internet lost 10 % of its packets?");
  EXPECT_EQ(question("internet: delay 5 ms"), "What if the delay of internet were 5 ms?");
  EXPECT_EQ(question("internet: loss 10 %, delay 5 ms"), "What if internet had other values: loss 10 %, delay 5 ms?");
  EXPECT_EQ(question("internet: down"), "What if internet were cut?");
  EXPECT_EQ(question("server: set tcp_syn_retries 2"), "What if tcp_syn_retries of server were 2?");
  EXPECT_EQ(question("server: flush rules"), "What if server had no rules?");
  EXPECT_EQ(question("server: nft flush ruleset"), "What if the rules of server were others?");
  EXPECT_EQ(question("server: remove rule 4 of inet filter input"), "What if server had no rule 4?");
  EXPECT_EQ(question("drop packet " + std::to_string(bench.story->bob_syn.value)),
            "What if this were lost: SYN from bob to web server?");
}

TEST(ChangeStory, says_what_b_has_instead) {
  test::Bench bench;
  const ChangeStory story = story_of(bench.context(), Time{0}, {"server: kill httpd"});
  EXPECT_EQ(story.where, "server");
  EXPECT_EQ(story.b_words, "httpd killed");
  ASSERT_EQ(story.lines.size(), 1u);
  EXPECT_EQ(story.lines[0].text, "httpd: ended by SIGKILL");
}

}  // namespace
}  // namespace fourtuple::viz
