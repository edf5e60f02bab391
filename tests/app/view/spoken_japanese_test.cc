// What runs of scenarios make the program say is put into Japanese whole: none of the words that hold English sentences
// together stays.
#include <gtest/gtest.h>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "app/view/documents.h"
#include "sim/replay/causes/causes.h"
#include "sim/replay/causes/event_index.h"
#include "sim/replay/causes/scene.h"
#include "sim/replay/journey.h"
#include "sim/replay/narrator.h"
#include "sim/replay/quiz/question.h"
#include "sim/replay/rule_walk.h"
#include "tests/app/support/places.h"
#include "viz/theme/phrases/phrasebook.h"

namespace fourtuple::app {
namespace {

constexpr int records_of_a_kind = 12, packets_of_a_run = 40;

// Takes sentences in and keeps what stayed English.
class Listener {
 public:
  explicit Listener(const trace::Tables& tables) {
    for (const trace::RulesetInfo& ruleset : tables.rulesets)
      for (const trace::RuleInfo& rule : ruleset.rules) own_.insert(rule.text);
    for (const auto& command : tables.commands) own_.insert(std::string(tables.strings[command.words]));
  }
  void hear(const std::string& english) {
    if (english.empty() || !heard_.insert(english).second) return;
    std::string said(book_.in_japanese(english));
    for (const std::string& text : own_)
      if (const std::size_t at = said.find(text); !text.empty() && at != std::string::npos) said.erase(at, text.size());
    static const std::regex words(
        "\\b(the|an?|is|was|of|by|on|nothing|has|had|it|its|that|this|and|value|after|then|so|but|for|routing|asks|"
        "sent|"
        "created|delivered|listens|packet|connection|program|wakes|called|got|came|did|does|why)\\b");
    if (std::regex_search(said, words)) left_.insert(said);
  }
  const std::set<std::string>& left() const { return left_; }
  std::size_t heard() const { return heard_.size(); }

 private:
  viz::Phrasebook book_;
  std::set<std::string> own_;  // of the author: rules and steps of the timeline
  std::set<std::string> heard_, left_;
};

void hear_chain(Listener& listener, const replay::CauseChain& chain) {
  for (const std::string& text : {chain.title, chain.summary, chain.book, chain.linux_does}) listener.hear(text);
  for (const std::string& text : chain.not_the_reason) listener.hear(text);
  for (const replay::Cause& cause : chain.causes) {
    listener.hear(cause.headline);
    listener.hear(cause.evidence);
  }
}

void hear_question(Listener& listener, const replay::Question& question) {
  listener.hear(question.words);
  listener.hear(question.because);
  for (const replay::Choice& choice : question.choices) listener.hear(choice.words);
}

void hear_records(Listener& listener, const trace::Trace& trace, const replay::Indexes& indexes) {
  const replay::Cursor cursor(trace);
  replay::EventIndex events(trace, indexes.packets());
  while (!events.refresh(indexes.end())) {
  }
  const replay::CauseSources sources{indexes, events, cursor};
  std::map<trace::Kind, int> seen;
  for (std::uint64_t at = indexes.records().position_of(0); at < indexes.end(); at = indexes.records().next(at)) {
    if (++seen[trace.at(at)->kind] > records_of_a_kind) continue;
    hear_chain(listener, replay::causes_of(sources, at));
    if (const auto question = replay::question_at(indexes, cursor, at)) hear_question(listener, *question);
    listener.hear(replay::Scene(sources).event_words(at));
  }
}

void hear_packets(Listener& listener, const trace::Trace& trace, const replay::Indexes& indexes) {
  const replay::Cursor cursor(trace);
  for (std::uint32_t id = 0; id < packets_of_a_run && indexes.packets().packet({id}); ++id) {
    const replay::RuleWalk walk = replay::walk_of(indexes, cursor, {id}, replay::hex_value);
    for (const replay::JourneyStep& step : walk.journey) listener.hear(step.place + ": " + step.words);
    for (const replay::WalkEntry& entry : walk.entries) {
      listener.hear(entry.words);
      listener.hear(entry.remark);
    }
    listener.hear(walk.fate_words);
  }
}

class SpokenJapanese : public testing::TestWithParam<const char*> {};

TEST_P(SpokenJapanese, leaves_no_english) {
  const auto document = open_document(scenarios + GetParam());
  ASSERT_TRUE(document);
  replay::Indexes indexes(*document->trace);
  while (!indexes.refresh()) {
  }
  Listener listener(document->trace->tables());
  hear_records(listener, *document->trace, indexes);
  hear_packets(listener, *document->trace, indexes);
  EXPECT_GT(listener.heard(), 50U);
  for (const std::string& text : listener.left()) ADD_FAILURE() << text;
}

INSTANTIATE_TEST_SUITE_P(OfScenarios, SpokenJapanese,
                         testing::Values("first_run.yaml", "firewall/stateful.yaml", "nat/port_forwarding.yaml",
                                         "os/accept_queue.yaml", "captures/web_page_and_refusal.pcap",
                                         "captures/both_sides_of_a_nat.pcapng"),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace fourtuple::app
