#include "sim/replay/rule_walk.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/replay/narrator.h"
#include "sim/replay/rule_words.h"
#include "sim/trace/codec.h"

namespace fourtuple::replay {
namespace {

using trace::ExpressionResult;
using trace::Kind;
using trace::RulesetInfo;
using trace::RuleVerdict;
using trace::RuleVerdictReached;

constexpr std::uint32_t nothing = WalkEntry::none;
constexpr std::size_t no_entry = ~std::size_t{0};

class Walker {
 public:
  Walker(const Indexes& indexes, NetState state, const ValueText& value, RuleWalk& walk)
      : indexes_(indexes), trace_(indexes.trace()), net_(std::move(state)), value_(value), walk_(walk) {}

  void tell(std::uint64_t position);
  // Steps of the journey that no record of the packet's own tells: the answer to it.
  void finish();

 private:
  // A chain on the jump stack and the rule (in RulesetInfo::rules) that comes next in it.
  struct Frame {
    std::uint32_t chain, next_rule;
  };

  WalkEntry& add(WalkKind kind, std::uint64_t position);
  void leave_chains();
  void steps_until(std::uint64_t position);
  void arrive(std::uint64_t position);
  const trace::ChainInfo* chain_info(std::uint32_t chain) const {
    return rules_ != nullptr && chain < rules_->chains.size() ? &rules_->chains[chain] : nullptr;
  }
  void enter(std::uint64_t position, std::uint32_t chain, ChainEntry how, std::uint32_t rule);
  void reach(std::uint64_t position, std::uint32_t chain, std::uint32_t rule);
  void passed_over(std::uint64_t position, std::uint32_t end);
  void open_rule(std::uint64_t position, std::uint32_t rule);
  void expression(std::uint64_t position, const trace::Slot* slots);
  void verdict(std::uint64_t position, const trace::Slot* slots);
  void rule_ends(std::uint64_t position, const RuleVerdictReached& event);
  void chain_ends(std::uint64_t position, const RuleVerdictReached& event);
  void tracking(WalkKind kind, std::uint64_t position, std::uint32_t flow);
  void rewritten(std::uint64_t position, const trace::Slot* slots);
  void logged(std::uint64_t position, const trace::Slot* slots);

  const Indexes& indexes_;
  const trace::Trace& trace_;
  NetState net_;
  const ValueText& value_;
  RuleWalk& walk_;
  std::size_t next_step_ = 0;
  HostId host_;
  std::uint32_t ruleset_ = nothing;
  const RulesetInfo* rules_ = nullptr;  // of host_
  std::uint32_t base_ = nothing;        // the base chain being run
  std::vector<Frame> stack_;            // innermost last; empty outside of chains
  std::size_t open_ = no_entry;         // the rule whose statements are being looked at
};

WalkEntry& Walker::add(WalkKind kind, std::uint64_t position) {
  WalkEntry entry;
  entry.kind = kind;
  entry.at = trace_.at(position)->at;
  entry.host = trace_.at(position)->host_id();
  entry.record = position;
  entry.depth = stack_.empty() ? 0 : static_cast<std::uint32_t>(stack_.size() - 1);
  entry.ruleset = ruleset_;
  if (!stack_.empty()) entry.chain = stack_.back().chain;
  walk_.entries.push_back(std::move(entry));
  return walk_.entries.back();
}

void Walker::leave_chains() {
  stack_.clear();
  base_ = nothing;
  open_ = no_entry;
}

// Takes in the steps that belong to records up to this one.
void Walker::steps_until(std::uint64_t position) {
  for (; next_step_ < walk_.journey.size(); ++next_step_) {
    const JourneyStep& step = walk_.journey[next_step_];
    if (step.record > position || step.tone == Tone::answer) return;
    leave_chains();
    WalkEntry& entry = add(WalkKind::step, step.record);
    entry.at = step.at;
    entry.host = step.host;
    entry.ruleset = nothing;
    entry.journey = next_step_;
    entry.words = step.words;
  }
}

void Walker::finish() {
  steps_until(~std::uint64_t{0});
  for (; next_step_ < walk_.journey.size(); ++next_step_) {
    const JourneyStep& step = walk_.journey[next_step_];
    WalkEntry& entry = add(WalkKind::step, step.record);
    entry.journey = next_step_;
    entry.words = step.words;
  }
}

// The host of the record and its rules at that moment.
void Walker::arrive(std::uint64_t position) {
  const HostId host = trace_.at(position)->host_id();
  const auto& loaded = net_.state.rulesets;
  const std::uint32_t ruleset = host.value < loaded.size() ? loaded[host.value] : nothing;
  if (host != host_ || ruleset != ruleset_) leave_chains();
  host_ = host;
  ruleset_ = ruleset;
  rules_ = ruleset < trace_.tables().rulesets.size() ? &trace_.tables().rulesets[ruleset] : nullptr;
}

void Walker::enter(std::uint64_t position, std::uint32_t chain, ChainEntry how, std::uint32_t rule) {
  const trace::ChainInfo* info = chain_info(chain);
  if (info == nullptr) return;
  if (how == ChainEntry::base) {
    leave_chains();
    base_ = chain;
  }
  if (how == ChainEntry::goto_ && !stack_.empty()) stack_.pop_back();
  stack_.push_back({chain, info->first_rule});
  open_ = no_entry;
  WalkEntry& entry = add(WalkKind::chain, position);
  entry.entered = how;
  entry.target = rule;
  entry.words = chain_words(*rules_, entry);
}

// Makes `chain` the innermost one, when `rule` of it is looked at.
void Walker::reach(std::uint64_t position, std::uint32_t chain, std::uint32_t rule) {
  if (!stack_.empty() && stack_.back().chain == chain && rule >= stack_.back().next_rule) return;
  const auto outer = std::find_if(stack_.rbegin(), stack_.rend(),
                                  [&](const Frame& frame) { return frame.chain == chain && rule >= frame.next_rule; });
  if (outer == stack_.rend()) return enter(position, chain, ChainEntry::base, nothing);
  stack_.erase(outer.base(), stack_.end());
  open_ = no_entry;
}

// Rules of the innermost chain before `end` that nobody recorded: they did not match.
void Walker::passed_over(std::uint64_t position, std::uint32_t end) {
  if (stack_.empty()) return;
  Frame& frame = stack_.back();
  const bool recorded = trace_.wants(Kind::rule_expression);
  for (; frame.next_rule < end && frame.next_rule < rules_->rules.size(); ++frame.next_rule) {
    if (recorded) continue;
    WalkEntry& entry = add(WalkKind::rule, position);
    entry.rule = frame.next_rule;
    entry.words = rule_words(*rules_, entry.rule);
  }
}

void Walker::open_rule(std::uint64_t position, std::uint32_t rule) {
  passed_over(position, rule);
  WalkEntry& entry = add(WalkKind::rule, position);
  entry.rule = rule;
  entry.words = rule_words(*rules_, rule);
  open_ = walk_.entries.size() - 1;
  if (!stack_.empty()) stack_.back().next_rule = rule + 1;
}

void Walker::expression(std::uint64_t position, const trace::Slot* slots) {
  const trace::RuleExpressionEvaluated event = trace::unpack_rule_expression(slots);
  if (rules_ == nullptr || event.rule >= rules_->rules.size()) return;
  const trace::RuleInfo& rule = rules_->rules[event.rule];
  const std::uint32_t number = rule.first_expression + event.expression;
  if (event.expression >= rule.expression_count || number >= rules_->expressions.size()) return;
  // The next statement of the same rule, or a rule begins.
  const WalkEntry* last = walk_.entries.empty() ? nullptr : &walk_.entries.back();
  const bool goes_on = open_ != no_entry && walk_.entries[open_].rule == event.rule &&
                       (last->kind != WalkKind::expression || last->expression < number);
  if (!goes_on) {
    reach(position, rule.chain, event.rule);
    open_rule(position, event.rule);
  }
  const trace::ExpressionInfo& info = rules_->expressions[number];
  WalkEntry& entry = add(WalkKind::expression, position);
  entry.rule = event.rule;
  entry.expression = number;
  entry.result = event.result;
  const std::size_t words = std::min<std::size_t>(event.word_count, std::size(event.words));
  if (words != 0) entry.value = value_(host_, info.types, info.widths, {event.words, words});
  if (info.object < net_.state.objects.size()) entry.object = net_.state.objects[info.object];
  const Packet packet = indexes_.packets().packet_at(walk_.packet, position).value_or(Packet{});
  const AddressTable& addresses = trace_.tables().addresses;
  const bool ipv6 =
      packet.source.value < addresses.size() && addresses[packet.source].family == fourtuple::Family::ipv6;
  entry.remark = expression_remark(*rules_, entry, packet, ipv6);
  entry.words = info.text + (entry.remark.empty() ? "" : ": ") + entry.remark;
}

void Walker::rule_ends(std::uint64_t position, const RuleVerdictReached& event) {
  if (open_ == no_entry || walk_.entries[open_].rule != event.rule) {
    reach(position, event.chain, event.rule);
    open_rule(position, event.rule);
  }
  walk_.entries[open_].matched = true;
  WalkEntry& entry = add(WalkKind::verdict, position);
  entry.rule = event.rule;
  entry.verdict = event.verdict;
  entry.ct = event.ct;
  entry.mark = event.mark;
  const bool goes = event.verdict == RuleVerdict::jump || event.verdict == RuleVerdict::goto_;
  if (goes) entry.target = event.target;
  entry.words = verdict_words(*rules_, entry);
  if (event.verdict == RuleVerdict::drop) walk_.cause = static_cast<std::uint32_t>(walk_.entries.size() - 1);
  open_ = no_entry;
  switch (event.verdict) {
    case RuleVerdict::continue_:
      return;
    case RuleVerdict::jump:
    case RuleVerdict::goto_:
      return enter(position, event.target, event.verdict == RuleVerdict::jump ? ChainEntry::jump : ChainEntry::goto_,
                   event.rule);
    case RuleVerdict::return_:
      // The base chain stays until its policy is told.
      if (stack_.size() > 1) stack_.pop_back();
      if (stack_.size() == 1 && entry.depth == 0) stack_.back().next_rule = nothing;
      return;
    default:
      leave_chains();
  }
}

void Walker::chain_ends(std::uint64_t position, const RuleVerdictReached& event) {
  const trace::ChainInfo* info = chain_info(event.chain);
  if (info == nullptr) return;
  const bool policy = event.rule == RuleVerdictReached::policy;
  if (policy && base_ != event.chain) enter(position, event.chain, ChainEntry::base, nothing);
  if (!stack_.empty() && stack_.back().chain == event.chain) passed_over(position, info->first_rule + info->rule_count);
  WalkEntry& entry = add(policy ? WalkKind::policy : WalkKind::chain_end, position);
  entry.chain = event.chain;
  entry.verdict = event.verdict;
  entry.ct = event.ct;
  entry.mark = event.mark;
  entry.words = verdict_words(*rules_, entry);
  if (policy && event.verdict == RuleVerdict::drop) walk_.cause = static_cast<std::uint32_t>(walk_.entries.size() - 1);
  open_ = no_entry;
  if (policy)
    leave_chains();
  else if (!stack_.empty())
    stack_.pop_back();
}

void Walker::verdict(std::uint64_t position, const trace::Slot* slots) {
  const RuleVerdictReached event = trace::unpack_rule_verdict(slots);
  if (rules_ == nullptr) return;
  walk_.cause = nothing;  // only the last decision can be the one that ended it
  if (event.rule == RuleVerdictReached::policy || event.rule == RuleVerdictReached::chain_end)
    return chain_ends(position, event);
  if (event.rule < rules_->rules.size()) rule_ends(position, event);
}

void Walker::tracking(WalkKind kind, std::uint64_t position, std::uint32_t flow) {
  WalkEntry& entry = add(kind, position);
  entry.flow = flow;
  if (net_.state.conntrack.alive(flow)) entry.entry = net_.state.conntrack[flow];
  entry.words = trace::describe_event(trace_, position, StateNames(trace_, indexes_.packets(), net_.state, position));
}

void Walker::rewritten(std::uint64_t position, const trace::Slot* slots) {
  const trace::PacketRewritten event = trace::unpack_packet_rewritten(slots);
  const PacketIndex& packets = indexes_.packets();
  const auto image = [&](std::uint64_t at) {
    return (event.inner ? packets.quoted_at(event.packet, at) : packets.packet_at(event.packet, at)).value_or(Packet{});
  };
  WalkEntry& entry = add(WalkKind::rewritten, position);
  entry.flow = event.entry;
  entry.inner = event.inner;
  entry.before = image(position - 1);
  entry.after = image(position);
  // A rule alone changes the class of traffic or values of the TCP header; the latter synproxy too, for an entry.
  const bool tcp = event.has_tcp && event.entry != nothing;
  const bool translated = entry.before.traffic_class == entry.after.traffic_class && !event.has_tcp;
  entry.words = (tcp ? "synproxy: " : translated ? "NAT: " : "") + rewrite_words(trace_.tables(), entry);
}

void Walker::logged(std::uint64_t position, const trace::Slot* slots) {
  const std::uint32_t rule = trace::unpack_packet_logged(slots).rule;
  WalkEntry& entry = add(WalkKind::logged, position);
  entry.rule = rule;
  entry.words = "logged";
}

void Walker::tell(std::uint64_t position) {
  steps_until(position);
  fold_to(net_, trace_, indexes_.records().next(position));
  const trace::Slot* slots = trace_.at(position);
  arrive(position);
  switch (slots->kind) {
    case Kind::rule_expression:
      return expression(position, slots);
    case Kind::rule_verdict:
      return verdict(position, slots);
    case Kind::conntrack_created:
    case Kind::conntrack_seen:
      return tracking(slots->kind == Kind::conntrack_created ? WalkKind::tracked_new : WalkKind::tracked, position,
                      slots->subject);
    case Kind::packet_rewritten:
      return rewritten(position, slots);
    case Kind::packet_logged:
      return logged(position, slots);
    default:
      return;
  }
}

// Where and why the way ended.
std::string fate_words(const trace::Trace& trace, const RuleWalk& walk) {
  const JourneyStep* end = nullptr;
  for (const JourneyStep& step : walk.journey)
    if (step.tone == Tone::delivered || step.tone == Tone::dropped) end = &step;
  if (end == nullptr) return "still under way";
  if (end->kind != Kind::packet_dropped) return fmt::format("{} on {}", end->words, end->place);
  const trace::PacketDropped event = trace::unpack_packet_dropped(trace.at(end->record));
  if (event.reason != trace::DropReason::rule) return fmt::format("{}, on {}", end->words, end->place);
  if (walk.cause != nothing) {
    const WalkEntry& cause = walk.entries[walk.cause];
    const bool policy = cause.kind == WalkKind::policy;
    return fmt::format("dropped on {} by {}", end->place,
                       cause_words(trace.tables().rulesets[cause.ruleset], cause.chain,
                                   policy ? RuleVerdictReached::policy : cause.rule));
  }
  return fmt::format("dropped on {} by {}", end->place, unknown_cause_words(trace));
}

}  // namespace

std::size_t RuleWalk::at(std::uint64_t boundary) const {
  std::size_t found = entries.size();
  for (std::size_t i = 0; i < entries.size() && entries[i].record < boundary; ++i) found = i;
  return found;
}

RuleWalk walk_of(const Indexes& indexes, const Cursor& cursor, PacketId packet, const ValueText& value) {
  RuleWalk walk;
  walk.packet = packet;
  const std::vector<std::uint64_t> positions = records_of(indexes, packet);
  if (positions.empty()) return walk;
  walk.fate = indexes.packets().fate(packet);
  walk.journey = journey(indexes, cursor, packet);
  Walker walker(indexes, cursor.state_at(positions.front()), value, walk);
  for (const std::uint64_t position : positions) walker.tell(position);
  walker.finish();
  walk.fate_words = fate_words(indexes.trace(), walk);
  return walk;
}

}  // namespace fourtuple::replay
