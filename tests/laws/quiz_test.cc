// Questions hold on every scenario: what a question calls right is what the trace then does, and its choices differ.
#include "sim/replay/quiz/quiz.h"

#include <set>

#include "sim/replay/step.h"
#include "sim/trace/codec.h"
#include "tests/laws/scenarios.h"

namespace fourtuple::app {
namespace {

using replay::Question;
using replay::QuestionKind;
using trace::Kind;

void expect_right(const trace::Trace& trace, const Question& question) {
  const replay::Choice& right = question.choices[question.right];
  const trace::Slot* slot = trace.at(question.answer);
  if (question.kind == QuestionKind::verdict) {
    const std::uint32_t rule = trace::unpack_rule_verdict(slot).rule;
    const bool policy = rule == trace::RuleVerdictReached::policy;
    EXPECT_EQ(right.rule, policy ? replay::Choice::none : rule);
    return;
  }
  const bool delivered = slot->kind == Kind::packet_delivered;
  EXPECT_EQ(right.socket, delivered ? trace::unpack_packet_delivered(slot).socket : SocketId::none());
  // Its keys have not been tried yet.
  for (std::uint64_t at = trace.first(); at < question.pause; at = trace.next(at)) {
    const bool same = trace.at(at)->at == slot->at && trace.at(at)->host_id() == question.host;
    EXPECT_FALSE(same && trace.at(at)->kind == Kind::lookup && PacketId{trace.at(at)->subject} == question.packet);
  }
  // Nothing else befalls the packet on that host between the question and its answer.
  for (std::uint64_t at = question.pause; at < question.answer; at = trace.next(at)) {
    if (replay::packet_of(*trace.at(at)) != question.packet || trace.at(at)->host_id() != question.host) continue;
    EXPECT_NE(trace.at(at)->kind, Kind::packet_delivered);
    EXPECT_NE(trace.at(at)->kind, Kind::packet_dropped);
  }
}

class Questions : public ::testing::TestWithParam<std::string> {};

TEST_P(Questions, are_answered_by_what_happens_next) {
  const world::Scenario scenario = scenario_of(GetParam(), changes_for_tests(GetParam()));
  const ScenarioRun run = run_of(scenario, trace::Level::expressions);
  replay::Indexes indexes(run.trace());
  indexes.refresh();
  replay::Cursor cursor(run.trace());
  cursor.refresh(~std::uint64_t{0});
  replay::Quiz quiz;
  quiz.set_on(true);
  std::uint64_t from = 0;
  // A question after the other, as playback meets them.
  for (int count = 0; count < 300; ++count) {
    const Question* question = quiz.ask(indexes, cursor, from, indexes.end());
    if (question == nullptr) break;
    EXPECT_GE(question->choices.size(), Question::fewest_choices);
    EXPECT_LE(question->choices.size(), Question::most_choices);
    ASSERT_LT(question->right, question->choices.size());
    EXPECT_LE(from, question->pause);
    EXPECT_LE(question->pause, question->answer);
    EXPECT_FALSE(question->because.empty());
    std::set<std::string> words;
    for (const replay::Choice& choice : question->choices)
      EXPECT_TRUE(words.insert(choice.words).second) << choice.words;
    expect_right(run.trace(), *question);
    from = indexes.records().next(question->answer);
    const std::size_t choice = count % 2 == 0 ? question->right : (question->right + 1) % question->choices.size();
    EXPECT_EQ(quiz.answer(choice), count % 2 == 0);
    quiz.dismiss();
  }
  EXPECT_EQ(quiz.right(), (quiz.asked() + 1) / 2);
}

TEST(QuizRound, asks_the_same_thing_once_and_starts_anew_when_switched_on_again) {
  const world::Scenario scenario = scenario_of((scenario_root() / "tuple/lookup_order.yaml").string());
  const ScenarioRun run = run_of(scenario, trace::Level::expressions);
  replay::Indexes indexes(run.trace());
  indexes.refresh();
  const replay::Cursor cursor(run.trace());
  replay::Quiz quiz;
  EXPECT_EQ(quiz.ask(indexes, cursor, 0, indexes.end()), nullptr);  // not on
  quiz.set_on(true);
  const Question* first = quiz.ask(indexes, cursor, 0, indexes.end());
  ASSERT_NE(first, nullptr);
  const std::uint64_t answer = first->answer;
  EXPECT_TRUE(quiz.waits());
  EXPECT_EQ(quiz.ask(indexes, cursor, 0, indexes.end()), nullptr);  // one at a time
  quiz.dismiss();
  ASSERT_NE(quiz.ask(indexes, cursor, 0, indexes.end()), nullptr);  // not answered: asked again
  quiz.answer(quiz.current()->right);
  quiz.dismiss();
  const Question* second = quiz.ask(indexes, cursor, 0, indexes.end());
  ASSERT_NE(second, nullptr);
  EXPECT_GT(second->answer, answer);
  quiz.set_on(true);
  EXPECT_EQ(quiz.asked(), 0u);
  EXPECT_EQ(quiz.ask(indexes, cursor, 0, indexes.end())->answer, answer);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Questions, ::testing::ValuesIn(scenario_files()), scenario_test_name);

}  // namespace
}  // namespace fourtuple::app
