// What could be otherwise at the time cursor: rules, processes, networks, the chosen packet. Each with the words that
// make the change. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "viz/panel/context.h"

namespace fourtuple::viz {

enum class ForkMark : std::uint8_t { remove, add, edit };  // the sign before it: − + ~

struct ForkChoice {
  ForkMark mark = ForkMark::edit;
  std::string title;     // "Remove rule 4"
  std::string detail;    // "tcp dport 1004 counter drop"
  std::string place;     // "server, inet filter input"
  std::string words;     // "server: remove rule 4 of inet filter input"
  bool to_fill = false;  // the words are a beginning that a person goes on with
  Time at{0};            // when it is made: the cursor, or earlier where it would come too late
};

// The likeliest first: what the chosen packet met, then the chosen host, then all others.
std::vector<ForkChoice> fork_choices(const PanelContext& context);
// Those that hold every word of `filter`, in any case of letters.
std::vector<ForkChoice> matching_choices(const std::vector<ForkChoice>& choices, const std::string& filter);
// Whether a typed text is a change in words rather than words to look for.
bool is_change_text(const std::string& text);

// The rules that `host` has in `state`; null: none.
const trace::RulesetInfo* ruleset_in(const PanelContext& context, const state::State& state, HostId host);

// The rule that decided a packet's fate, as words name it; empty: no rule did.
struct DecidingRule {
  HostId host;
  std::string chain;         // "inet filter input"
  std::uint32_t number = 0;  // from 1; 0: none, or the policy
  std::string text;
  Time at{0};
};
DecidingRule rule_that_dropped(const PanelContext& context, PacketId packet);

// A change as people read it: one line of the strip that says what is different in B.
struct ChangeLine {
  char mark = ' ';  // + − ~, or a blank for the lines around
  std::string number;
  std::string text;
};
struct ChangeStory {
  std::string question;  // "What if server did without rule 4?"
  std::string where;     // "server, inet filter input"
  std::string b_words;   // "rule 4 removed"
  std::vector<ChangeLine> lines;
};
// `context`: the run as it was; rules are those its host had at `at`.
ChangeStory story_of(const PanelContext& context, Time at, const std::vector<std::string>& changes);

}  // namespace fourtuple::viz
