// A host's ruleset with what one packet met in it up to the cursor: marks of rules and their expressions, the hooks on
// its way, the jump stack, the verdict. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/replay/rule_walk.h"
#include "viz/kit/pipeline.h"
#include "viz/panels/common/names.h"
#include "viz/panels/conntrack/conntrack_model.h"
#include "viz/panels/host/visit.h"
#include "viz/panels/rules/code_text.h"
#include "viz/panels/rules/rule_hits.h"

namespace fourtuple::viz {

enum class RuleState : std::uint8_t { untouched, trying, failed, matched };

struct ExpressionMark {
  bool seen = false;
  trace::ExpressionResult result = trace::ExpressionResult::matched;
  std::string value;         // what the packet had
  std::string remark;        // what else there is to say: "now packets 2 bytes 120"
  std::uint64_t record = 0;  // that tells it
};

// What the packet met at one rule, the last time it was there.
struct RuleMark {
  RuleState state = RuleState::untouched;
  std::vector<ExpressionMark> expressions;
  std::string note;                                            // "80 ≠ 8080", "jump inbound", "accept"
  trace::RuleVerdict verdict = trace::RuleVerdict::continue_;  // when it matched
  std::string hits;          // "9,418"; of its counter, else of its verdicts; "" when neither is known
  bool counter = false;      // hits come from its own counter
  std::uint64_t record = 0;  // the last one about it
};

// One row of the table that takes the current rule apart.
struct ExpressionRow {
  std::string subject, wants, has;
  std::string words;   // "equal", "differs", "done", "not reached"
  std::string detail;  // below an action: what came of it
  bool action = false;
  bool current = false;
  ExpressionMark mark;
};

struct HookStop {
  std::string title, remark, detail;  // detail: for a tooltip
  std::string group;                  // the hook it belongs to; "" outside of hooks
  StageState state = StageState::coming;
  std::uint64_t record = trace::Index::none;  // its first record; none: not known or not yet
  std::uint32_t chain = replay::WalkEntry::none;
};

struct ChainFrame {
  std::string name;
  std::string remark;  // "left at line 20", "at line 25"
  std::string origin;  // "goto from line 101": it stands in the place of a chain that nothing returns to
};

struct RulesModel {
  std::vector<HostId> hosts;  // with rules
  std::vector<std::string> host_names;
  std::size_t host = 0;
  std::uint32_t ruleset = state::no_ruleset;
  bool tracks = false;  // its rules make the kernel track connections
  PacketId packet;
  std::optional<CapsuleModel> capsule;  // with the addresses it has now
  std::string headline;                 // "SYN from carol to home router"
  std::vector<RuleMark> rules;
  std::vector<HookStop> stops;
  std::vector<ChainFrame> stack;
  std::vector<ExpressionRow> expressions;
  std::vector<HeaderChange> header;
  std::size_t focus = CodeText::nowhere;    // line to keep in view
  std::size_t current = CodeText::nowhere;  // line that decides now; nowhere: the packet is not among rules
  std::uint32_t current_rule = replay::WalkEntry::none;
  std::vector<std::string> policy_notes;  // by chain: "drop" when its policy decided
  std::string verdict;                    // "dropped", "accepted", "in fw forward"
  enum class Tone : std::uint8_t { plain, ok, drop } tone = Tone::plain;
  std::string current_title;  // "Line 25, one expression at a time"; "Line 31: policy drop"
  std::string note;           // why there are no marks, or no rules
};

// What is shown and what it was read from; all of it outlives the model.
struct RulesInput {
  const PanelContext& context;
  HostId host;
  PacketId packet;               // none: only the rules
  const replay::RuleWalk& walk;  // of that packet
  const CodeText& code;          // of the host's ruleset
  const RuleHits& hits;
};

// The ruleset the host has at the cursor, else the first it gets; no_ruleset when it never has one.
std::uint32_t ruleset_of(const PanelContext& context, HostId host);
// The selected packet, else the one that last met a rule of the host at or before the cursor, else none.
PacketId choose_judged_packet(const PanelContext& context, HostId host);
RulesModel build_rules(const RulesInput& input);

// The statement of a rule that says more than the accept or drop it ends with: "masquerade", "reject with tcp reset".
std::string_view telling_statement(const trace::RulesetInfo& ruleset, std::uint32_t rule);
// Whether a rule needs connection tracking, which runs only then.
bool needs_tracking(const trace::RulesetInfo& ruleset);
// Part of build_rules, in a file of its own: interfaces, hooks with their chains, routing, in the packet's order.
std::vector<HookStop> build_stops(const RulesInput& input, const trace::RulesetInfo& ruleset, const Visit& visit);

}  // namespace fourtuple::viz
