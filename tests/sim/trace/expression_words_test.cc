#include "sim/trace/expression_words.h"

#include <gtest/gtest.h>

#include "sim/trace/describe.h"
#include "tests/sim/replay/trace_builder.h"

namespace fourtuple::trace {
namespace {

using fourtuple::test::TraceBuilder;

ExpressionInfo expression_of(const std::string& text, const std::string& subject) {
  ExpressionInfo info;
  info.text = text;
  info.subject = subject;
  return info;
}

std::string mismatch(const std::string& text, const std::string& subject, const std::string& value) {
  return mismatch_words(expression_of(text, subject), ExpressionResult::failed, value, "");
}

TEST(ExpressionWords, say_why_a_comparison_did_not_hold) {
  EXPECT_EQ(mismatch("tcp dport 8080", "tcp dport", "80"), "80 ≠ 8080");
  EXPECT_EQ(mismatch("iifname \"lan0\"", "iifname", "\"wan\""), "wan ≠ lan0");
  EXPECT_EQ(mismatch("iifname { \"lo\", \"lan\" }", "iifname", "\"wan\""), "\"wan\" not in the set");
  EXPECT_EQ(mismatch("ip saddr @known", "ip saddr", "10.0.0.1"), "10.0.0.1 not in @known");
  EXPECT_EQ(mismatch("tcp dport != 22", "tcp dport", "22"), "it is 22");
  EXPECT_EQ(mismatch("limit rate 1/second", "", ""), "does not hold");
  EXPECT_EQ(mismatch_words(expression_of("tcp dport 80", "tcp dport"), ExpressionResult::absent, "", ""), "not TCP");
}

// Knows one ruleset, whose values are ports.
class OneRule : public Names {
 public:
  explicit OneRule(const ExpressionInfo& info) {
    rules_.rules.resize(1);
    rules_.rules[0].expression_count = 1;
    rules_.expressions.push_back(info);
  }
  const RulesetInfo* ruleset(HostId) const override { return &rules_; }
  std::string value(HostId, const std::vector<std::uint8_t>&, const std::vector<std::uint8_t>&,
                    std::span<const std::uint32_t> words) const override {
    return std::to_string(words.front());
  }

 private:
  RulesetInfo rules_;
};

TEST(ExpressionWords, stand_in_the_line_of_an_event) {
  TraceBuilder builder(Level::expressions, 2);
  const auto line = [&](ExpressionResult result, std::uint8_t words, const std::string& text) {
    RuleExpressionEvaluated event{};
    event.packet = {7};
    event.result = result;
    event.word_count = words;
    event.words[0] = 80;
    return describe_event(builder.trace(), builder.add(1, 0, event), OneRule(expression_of(text, "tcp dport")));
  };
  EXPECT_EQ(line(ExpressionResult::failed, 1, "tcp dport 8080"),
            "packet 7: 'tcp dport 8080' does not match: 80 ≠ 8080");
  EXPECT_EQ(line(ExpressionResult::matched, 1, "tcp dport 80"), "packet 7: 'tcp dport 80' matches");
  EXPECT_EQ(line(ExpressionResult::matched, 1, "tcp dport 1-100"), "packet 7: 'tcp dport 1-100' matches: 80");
  EXPECT_EQ(line(ExpressionResult::absent, 0, "tcp dport 80"), "packet 7: 'tcp dport 80' does not match: not TCP");
  EXPECT_EQ(line(ExpressionResult::done, 0, "counter"), "packet 7: 'counter' is done");
}

}  // namespace
}  // namespace fourtuple::trace
