#include "viz/panels/rules/rules_model.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

#include "sim/replay/step.h"
#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "sim/trace/expression_words.h"
#include "viz/panels/packet/packet_model.h"

namespace fourtuple::viz {
namespace {

using replay::WalkEntry;
using replay::WalkKind;
using trace::element_words;
using trace::ExpressionResult;
using trace::mismatch_words;
using trace::RulesetInfo;
using trace::RuleVerdict;
using trace::selector_of;
using trace::starts_with_word;
using trace::unquoted;
using trace::wanted_of;

constexpr int search_limit_of_rules = 60000;

// The word a matched rule ends with.
std::string verdict_note(const RulesetInfo& ruleset, const WalkEntry& entry) {
  const bool goes = entry.verdict == RuleVerdict::jump || entry.verdict == RuleVerdict::goto_;
  if (goes && entry.target < ruleset.chains.size())
    return fmt::format("{} {}", name_of(entry.verdict), ruleset.chains[entry.target].name);
  if (entry.verdict == RuleVerdict::continue_) return "next rule";
  const std::string_view telling = telling_statement(ruleset, entry.rule);
  return std::string(telling.empty() ? name_of(entry.verdict) : telling.substr(0, telling.find(' ')));
}

class Marker {
 public:
  Marker(const RulesInput& input, const RulesetInfo& ruleset, RulesModel& model)
      : input_(input), ruleset_(ruleset), model_(model) {
    model_.rules.resize(ruleset.rules.size());
    for (std::size_t i = 0; i < model_.rules.size(); ++i)
      model_.rules[i].expressions.resize(ruleset.rules[i].expression_count);
    model_.policy_notes.resize(ruleset.chains.size());
  }

  void run() {
    const std::uint64_t now = input_.context.cursor.position();
    for (const WalkEntry& entry : input_.walk.entries) {
      if (entry.record >= now) break;
      if (entry.host != input_.host) continue;
      if (entry.kind == WalkKind::step) {
        // One that a rule ended stays where that was.
        if (input_.walk.journey[entry.journey].kind == trace::Kind::packet_dropped) return settle();
        leave();
      } else if (entry.ruleset == model_.ruleset) {
        take(entry);
      }
    }
  }

 private:
  void take(const WalkEntry& entry) {
    switch (entry.kind) {
      case WalkKind::chain:
        settle();
        return enter(entry);
      case WalkKind::rule:
        settle();
        return begin_rule(entry);
      case WalkKind::expression:
        return expression(entry);
      case WalkKind::verdict:
        return verdict(entry);
      case WalkKind::policy:
      case WalkKind::chain_end:
        settle();
        return chain_ends(entry);
      default:
        return;
    }
  }

  // A rule without a verdict that is followed by something else did not match.
  void settle() {
    if (open_ == WalkEntry::none) return;
    RuleMark& mark = model_.rules[open_];
    if (mark.state == RuleState::trying) {
      mark.state = RuleState::failed;
      if (mark.note.empty()) mark.note = "no match";
    }
    open_ = WalkEntry::none;
  }

  // The packet goes on to something that is not a rule.
  void leave() {
    settle();
    model_.stack.clear();
    model_.current = CodeText::nowhere;
    model_.current_rule = WalkEntry::none;
  }

  void point(std::size_t line, std::uint32_t rule) {
    model_.current = line;
    model_.current_rule = rule;
    if (line != CodeText::nowhere) model_.focus = line;
  }

  void enter(const WalkEntry& entry) {
    if (entry.chain >= ruleset_.chains.size()) return;
    auto& stack = model_.stack;
    if (stack.size() > entry.depth) stack.resize(entry.depth);
    const bool jumped = entry.entered == replay::ChainEntry::jump, went = entry.entered == replay::ChainEntry::goto_;
    if (jumped && !stack.empty()) stack.back().remark = "left at " + input_.code.name_of_rule(ruleset_, entry.target);
    const trace::ChainInfo& chain = ruleset_.chains[entry.chain];
    stack.push_back({chain.base ? chain.table + " " + chain.name : chain.name, "entered",
                     went ? "goto from " + input_.code.name_of_rule(ruleset_, entry.target) : std::string()});
    point(input_.code.line_of_chain[entry.chain], WalkEntry::none);
  }

  void begin_rule(const WalkEntry& entry) {
    if (entry.rule >= model_.rules.size()) return;
    RuleMark& mark = model_.rules[entry.rule];
    mark.state = RuleState::trying;
    mark.expressions.assign(mark.expressions.size(), {});
    mark.note.clear();
    mark.record = entry.record;
    open_ = entry.rule;
    stand_at(entry);
  }

  void stand_at(const WalkEntry& entry) {
    if (model_.stack.size() > entry.depth + 1) model_.stack.resize(entry.depth + 1);
    if (!model_.stack.empty()) model_.stack.back().remark = "at " + input_.code.name_of_rule(ruleset_, entry.rule);
    point(input_.code.line_of_rule[entry.rule], entry.rule);
  }

  void expression(const WalkEntry& entry) {
    if (entry.rule >= model_.rules.size()) return;
    const trace::RuleInfo& rule = ruleset_.rules[entry.rule];
    RuleMark& mark = model_.rules[entry.rule];
    const std::uint32_t index = entry.expression - rule.first_expression;
    if (index >= mark.expressions.size()) return;
    mark.expressions[index] = {true, entry.result, entry.value, remark_of(entry), entry.record};
    mark.record = entry.record;
    stand_at(entry);
    if (entry.result != ExpressionResult::failed && entry.result != ExpressionResult::absent) return;
    mark.state = RuleState::failed;
    const ExpressionMark& met = mark.expressions[index];
    mark.note = mismatch_words(ruleset_.expressions[entry.expression], met.result, met.value, met.remark);
  }

  // What is said of an expression besides its value, which has a place of its own.
  static std::string remark_of(const WalkEntry& entry) {
    if (!entry.value.empty()) return {};
    std::string words = entry.remark;
    for (const std::string_view known : {"the packet is ", "the connection is "}) {
      if (const std::size_t at = words.find(known); at != std::string::npos) words.erase(at, known.size());
    }
    return words;
  }

  void verdict(const WalkEntry& entry) {
    if (entry.rule >= model_.rules.size()) return;
    RuleMark& mark = model_.rules[entry.rule];
    mark.state = RuleState::matched;
    mark.verdict = entry.verdict;
    mark.note = verdict_note(ruleset_, entry);
    mark.record = entry.record;
    open_ = WalkEntry::none;
    stand_at(entry);
  }

  void chain_ends(const WalkEntry& entry) {
    if (entry.chain >= ruleset_.chains.size()) return;
    if (model_.stack.size() > entry.depth + 1) model_.stack.resize(entry.depth + 1);
    if (entry.kind == WalkKind::policy) {
      model_.policy_notes[entry.chain] = fmt::format("policy {}", name_of(entry.verdict));
      if (!model_.stack.empty()) model_.stack.back().remark = model_.policy_notes[entry.chain];
      return point(input_.code.line_of_policy[entry.chain], WalkEntry::none);
    }
    if (!model_.stack.empty()) model_.stack.back().remark = "ended, goes back";
  }

  const RulesInput& input_;
  const RulesetInfo& ruleset_;
  RulesModel& model_;
  std::uint32_t open_ = WalkEntry::none;
};

void fill_hits(const RulesInput& input, const RulesetInfo& ruleset, RulesModel& model) {
  const state::State& state = input.context.cursor.state();
  const std::uint64_t now = input.context.cursor.position();
  const bool recorded = input.context.trace.wants(trace::Kind::rule_verdict);
  for (std::uint32_t i = 0; i < model.rules.size(); ++i) {
    RuleMark& mark = model.rules[i];
    const trace::RuleInfo& rule = ruleset.rules[i];
    if (recorded) mark.hits = grouped(input.hits.count(model.ruleset, i, now));
    for (std::uint32_t e = 0; e < rule.expression_count; ++e) {
      const trace::ExpressionInfo& info = ruleset.expressions[rule.first_expression + e];
      if (!starts_with_word(info.text, "counter") || info.object == 0xffffffffu) continue;
      const bool known = info.object < state.objects.size();
      mark.hits = grouped(known ? state.objects[info.object].first : 0);
      mark.counter = true;
    }
  }
}

bool is_set_lookup(std::string_view wants) {
  return wants.starts_with('{') || wants.starts_with('@') || starts_with_word(wants, "vmap") ||
         starts_with_word(wants, "map");
}

// One value that the packet must have; not a range, a set or a negation.
bool is_plain(std::string_view wants) {
  return !wants.empty() && wants.find_first_of(" -/,<>!*") == std::string_view::npos && !is_set_lookup(wants);
}

std::string result_words(const ExpressionMark& mark, std::string_view wants) {
  if (!mark.seen) return "not reached";
  switch (mark.result) {
    case ExpressionResult::matched:
      return is_set_lookup(wants) ? "found" : is_plain(wants) ? "equal" : wants.empty() ? "holds" : "fits";
    case ExpressionResult::failed:
      return is_set_lookup(wants) ? "not found"
             : is_plain(wants)    ? "differs"
             : wants.empty()      ? "no match"
                                  : "does not fit";
    case ExpressionResult::absent:
      return "no such field";
    case ExpressionResult::done:
      return "done";
    case ExpressionResult::skipped:
      return "not simulated";
  }
  return {};
}

// "Line 31: policy drop", where the marked line holds no rule.
void tell_chain_line(const RulesInput& input, RulesModel& model) {
  const CodeLine& line = input.code.lines[model.current];
  const std::string what = model.stack.empty() ? std::string() : model.stack.back().remark;
  const bool policy = what.starts_with("policy ");
  std::string chain = model.stack.empty() ? std::string() : model.stack.back().name;
  const std::string words = policy ? what : fmt::format("chain {} begins", chain.substr(chain.rfind(' ') + 1));
  model.current_title = line.number == 0 ? words : fmt::format("Line {}: {}", line.number, words);
  if (model.current_title.front() != 'L')
    model.current_title.front() =
        static_cast<char>(std::toupper(static_cast<unsigned char>(model.current_title.front())));
  if (!policy) return;
  ExpressionRow row;
  row.action = row.mark.seen = true;
  const bool drops = what.ends_with("drop");
  row.mark.result = drops ? ExpressionResult::failed : ExpressionResult::done;
  row.subject = what;
  row.detail = drops ? "no rule accepted the packet" : "no rule decided";
  row.words = drops ? "dropped" : "accepted";
  model.expressions.push_back(std::move(row));
}

// The rule that is taken apart: the current one, else the last that decided.
void fill_expressions(const RulesInput& input, const RulesetInfo& ruleset, RulesModel& model) {
  std::uint32_t rule = model.current_rule;
  if (rule == WalkEntry::none && model.current != CodeText::nowhere) return tell_chain_line(input, model);
  if (rule == WalkEntry::none) {
    std::uint64_t last = 0;
    for (std::uint32_t i = 0; i < model.rules.size(); ++i) {
      if (model.rules[i].state == RuleState::untouched || model.rules[i].record < last) continue;
      last = model.rules[i].record;
      rule = i;
    }
  }
  if (rule >= ruleset.rules.size()) return;
  const trace::RuleInfo& info = ruleset.rules[rule];
  const RuleMark& mark = model.rules[rule];
  model.current_title = input.code.name_of_rule(ruleset, rule) + ", one expression at a time";
  model.current_title.front() =
      static_cast<char>(std::toupper(static_cast<unsigned char>(model.current_title.front())));
  std::size_t latest = mark.expressions.size();
  for (std::size_t i = 0; i < mark.expressions.size(); ++i) {
    if (mark.expressions[i].seen) latest = i;
  }
  for (std::size_t i = 0; i < mark.expressions.size(); ++i) {
    const trace::ExpressionInfo& expression = ruleset.expressions[info.first_expression + i];
    ExpressionRow row;
    row.mark = mark.expressions[i];
    row.wants = unquoted(wanted_of(expression));
    row.action = row.wants.empty();
    row.subject = row.action ? expression.text : std::string(selector_of(expression));
    if (row.action && row.mark.seen)
      row.detail = row.mark.value.empty()                        ? row.mark.remark
                   : row.mark.result == ExpressionResult::failed ? element_words(expression, row.mark.value)
                                                                 : row.mark.value;
    // Bits without a name are the kernel's own.
    row.has = unquoted(row.mark.value.substr(0, row.mark.value.find(" | 0x")));
    row.words = result_words(row.mark, row.wants);
    row.current = i == latest && rule == model.current_rule && mark.state != RuleState::matched;
    model.expressions.push_back(std::move(row));
  }
}

// How far the packet is with these rules, in a few words for a badge.
void fill_verdict(const RulesInput& input, const std::optional<Visit>& visit, RulesModel& model) {
  const std::uint64_t now = input.context.cursor.position();
  if (visit && visit->end < now) {
    const bool dropped = visit->dropped && visit->dropped->reason == trace::DropReason::rule;
    model.verdict = dropped ? "dropped" : visit->dropped ? "let through, then refused" : "let through";
    model.tone = dropped ? RulesModel::Tone::drop : visit->dropped ? RulesModel::Tone::plain : RulesModel::Tone::ok;
    return;
  }
  if (model.current == CodeText::nowhere && model.current_rule == WalkEntry::none) return;
  if (model.current_rule != WalkEntry::none) {
    const RuleMark& mark = model.rules[model.current_rule];
    if (mark.state == RuleState::matched) {
      const bool ends = mark.verdict == RuleVerdict::drop;
      const bool passes = mark.verdict == RuleVerdict::accept;
      model.tone = ends ? RulesModel::Tone::drop : passes ? RulesModel::Tone::ok : RulesModel::Tone::plain;
      model.verdict = mark.note;
      return;
    }
    model.verdict = mark.state == RuleState::failed ? "no match, next rule" : "comparing";
    return;
  }
  if (model.stack.empty()) return;
  model.verdict = model.stack.back().remark;
  if (model.verdict == "policy drop") model.tone = RulesModel::Tone::drop;
  if (model.verdict == "policy accept") model.tone = RulesModel::Tone::ok;
}

bool judged_here(const RulesInput& input, std::uint32_t ruleset) {
  const auto& entries = input.walk.entries;
  return std::any_of(entries.begin(), entries.end(), [&](const WalkEntry& entry) {
    return entry.host == input.host && entry.ruleset == ruleset && entry.kind == WalkKind::chain;
  });
}

std::string note_for(const RulesInput& input, const RulesModel& model) {
  if (!input.context.trace.wants(trace::Kind::rule_verdict))
    return "This trace holds only facts: what rules decided was not recorded.";
  if (!model.packet.valid()) return "No packet has met these rules yet. Play on, or step by rule.";
  if (!judged_here(input, model.ruleset)) return "This packet does not meet the rules of this host.";
  return {};
}

}  // namespace

std::string_view telling_statement(const RulesetInfo& ruleset, std::uint32_t rule) {
  if (rule >= ruleset.rules.size()) return {};
  const trace::RuleInfo& info = ruleset.rules[rule];
  for (std::uint32_t i = 0; i < info.expression_count; ++i) {
    const std::string_view text = ruleset.expressions[info.first_expression + i].text;
    for (const std::string_view word : {"dnat", "snat", "masquerade", "redirect", "reject"}) {
      if (starts_with_word(text, word)) return text;
    }
  }
  return {};
}

std::uint32_t ruleset_of(const PanelContext& context, HostId host) {
  const state::State& state = context.cursor.state();
  const auto& rulesets = context.trace.tables().rulesets;
  if (host.value < state.rulesets.size() && state.rulesets[host.value] < rulesets.size())
    return state.rulesets[host.value];
  for (std::uint32_t i = 0; i < rulesets.size(); ++i) {
    if (rulesets[i].host == host) return i;
  }
  return state::no_ruleset;
}

PacketId choose_judged_packet(const PanelContext& context, HostId host) {
  if (context.selection.packet.valid()) return context.selection.packet;
  const trace::Index& index = context.indexes.records();
  std::uint64_t at = index.previous(std::min(context.cursor.position(), index.end()));
  for (int count = 0; count < search_limit_of_rules && at != trace::Index::none; ++count, at = index.previous(at)) {
    const trace::Slot* record = context.trace.at(at);
    const bool judged = record->kind == trace::Kind::rule_verdict || record->kind == trace::Kind::rule_expression;
    if (judged && record->host_id() == host) return replay::packet_of(*record);
  }
  return PacketId::none();
}

RulesModel build_rules(const RulesInput& input) {
  RulesModel model;
  const PanelContext& context = input.context;
  const trace::Tables& tables = context.trace.tables();
  model.hosts = hosts_with_rules(context.trace);
  for (std::size_t i = 0; i < model.hosts.size(); ++i) {
    model.host_names.emplace_back(trace::host_name(tables, model.hosts[i]));
    if (model.hosts[i] == input.host) model.host = i;
  }
  model.ruleset = ruleset_of(context, input.host);
  if (model.ruleset >= tables.rulesets.size()) {
    model.note = "No host here has rules. Give one an nft ruleset in the scenario and its text appears here.";
    return model;
  }
  const RulesetInfo& ruleset = tables.rulesets[model.ruleset];
  model.packet = input.packet;
  model.tracks = needs_tracking(ruleset);
  Marker(input, ruleset, model).run();
  fill_hits(input, ruleset, model);
  fill_expressions(input, ruleset, model);
  model.note = note_for(input, model);
  if (!model.packet.valid()) return model;
  const std::uint64_t now = context.cursor.position();
  const replay::PacketIndex& packets = context.indexes.packets();
  if (const std::optional<Packet> packet = packets.packet_at(model.packet, now == 0 ? 0 : now - 1)) {
    model.capsule = capsule_of(packets, model.packet, *packet);
    if (model.capsule->shape == PacketShape::icmp) model.capsule->text.clear();  // the headline says it
    model.headline = packet_title(context, *packets.packet(model.packet));
  }
  const std::optional<Visit> visit = find_visit(context, model.packet, input.host);
  fill_verdict(input, visit, model);
  if (visit) model.stops = build_stops(input, ruleset, *visit);
  model.header = header_changes(context, model.packet, input.host);
  return model;
}

}  // namespace fourtuple::viz
