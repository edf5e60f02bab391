#include "sim/netfilter/rules/evaluate.h"

#include <algorithm>

namespace fourtuple::netfilter {
namespace {

using nft::VerdictKind;
using trace::ExpressionResult;
using trace::RuleVerdict;
using trace::RuleVerdictReached;

RuleVerdict trace_verdict(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::accept:
      return RuleVerdict::accept;
    case VerdictKind::drop:
      return RuleVerdict::drop;
    case VerdictKind::jump:
      return RuleVerdict::jump;
    case VerdictKind::goto_:
      return RuleVerdict::goto_;
    case VerdictKind::return_:
      return RuleVerdict::return_;
    case VerdictKind::continue_:
      return RuleVerdict::continue_;
    case VerdictKind::queue:
      return RuleVerdict::queue;
  }
  return RuleVerdict::accept;
}

// `value` is masked already; for ranges `low` and `high` are the ends, else `high` is what is compared with.
template <class T>
bool passes(Test test, const T& value, const T& low, const T& high) {
  if (test == Test::equal) [[likely]]
    return value == high;
  switch (test) {
    case Test::equal:
      break;
    case Test::not_equal:
      return value != high;
    case Test::less:
      return value < high;
    case Test::less_equal:
      return value <= high;
    case Test::greater:
      return value > high;
    case Test::greater_equal:
      return value >= high;
    case Test::any:
      return value != T{};
    case Test::none:
      return value == T{};
    case Test::within:
      return low <= value && value <= high;
    case Test::without:
      return value < low || high < value;
  }
  return false;
}

bool goes_on(ExpressionResult result) {
  return result == ExpressionResult::matched || result == ExpressionResult::done;
}

}  // namespace

Evaluation::Evaluation(Context& c, Walk& walk, nft::HookPoint point)
    : c_(c),
      walk_(walk),
      program_(*c.mine().program),
      view_(c, walk, point),
      point_(point),
      wants_verdicts_(c.trace.wants(trace::Kind::rule_verdict)),
      wants_expressions_(c.trace.wants(trace::Kind::rule_expression)) {}

void Evaluation::remember(nft::Value value, std::uint8_t words) {
  put_words(words_.data(), value, words);
  word_count_ = words;
}

Evaluation::Result Evaluation::match_small(const Op& op) {
  std::uint64_t value;
  if (!view_.has(op.needs) || !view_.read_small(op.field, value)) return Result::absent;
  if (wants_expressions_) [[unlikely]]
    remember(value, op.words);
  const bool range = is_range(op.test);
  return passes(op.test, range ? value : value & op.mask, op.mask, op.value) ? Result::matched : Result::failed;
}

Evaluation::Result Evaluation::match_wide(const Op& op) {
  nft::Value value;
  if (!view_.has(op.needs) || !view_.read_wide(op.field, value)) return Result::absent;
  return match_value(op, value);
}

Evaluation::Result Evaluation::match_value(const Op& op, nft::Value value) {
  if (wants_expressions_) [[unlikely]]
    remember(value, op.words);
  const nft::Value& mask = program_.values[op.a];
  const nft::Value& right = program_.values[op.a + 1];
  return passes(op.test, is_range(op.test) ? value : value & mask, mask, right) ? Result::matched : Result::failed;
}

Evaluation::Result Evaluation::compare(const Op& op) {
  if (op.kind == OpKind::match_small) return match_small(op);
  if (op.kind == OpKind::match_wide) return match_wide(op);
  if (op.kind == OpKind::lookup) return lookup(op);
  nft::Value value;
  return evaluate_term(op.b, value) ? match_value(op, value) : Result::absent;
}

std::uint32_t Evaluation::skip_failing(std::uint32_t rule, std::uint32_t end) {
  const std::uint32_t present = view_.present();
  const GateField* const fields = program_.gate_fields.data();
  for (const Gate* at = &program_.gates[rule]; rule < end; ++rule, ++at) {
    const Gate& gate = *at;
    if ((gate.needs & ~present) != 0) continue;
    std::uint64_t value;
    if (!gate.usable) break;
    if (numbers_.read(view_, fields, gate.slot, value) && gate.passes(value)) break;
  }
  return rule;
}

HookResult Evaluation::run(std::uint32_t base_chain) {
  Frame stack[jump_limit];
  std::size_t depth = 0;
  Frame at{base_chain, program_.chains[base_chain].first_rule};
  for (;;) {
    const ChainCode& chain = program_.chains[at.chain];
    bool left = false;  // by goto, or back by return
    const std::uint32_t end_of_chain = chain.first_rule + chain.rule_count;
    while (at.rule < end_of_chain) {
      if (!wants_expressions_) at.rule = skip_failing(at.rule, end_of_chain);
      if (at.rule == end_of_chain) break;
      const std::uint32_t rule = at.rule++;
      const RuleEnd end = run_rule(program_.rules[rule], rule);
      if (end == RuleEnd::failed) continue;
      if (wants_verdicts_) report_rule(at.chain, rule);
      if (end == RuleEnd::complete) continue;
      if (verdict_.kind == VerdictKind::return_) {
        left = true;
        break;
      }
      if (verdict_.kind != VerdictKind::jump && verdict_.kind != VerdictKind::goto_) return result_;
      if (verdict_.kind == VerdictKind::jump) {
        if (depth == jump_limit) return {HookVerdict::drop};  // the model refuses such rulesets
        stack[depth++] = at;
      }
      at = {verdict_.chain, program_.chains[verdict_.chain].first_rule};
      left = true;
      break;
    }
    if (left && verdict_.kind != VerdictKind::return_) continue;
    if (!left && wants_verdicts_ && at.chain != base_chain)
      note(c_, RuleVerdictReached{walk_.packet.id, at.chain, RuleVerdictReached::chain_end, RuleVerdict::return_,
                                  walk_.tracking.info, 0, walk_.mark});
    if (depth == 0) return policy(base_chain);
    at = stack[--depth];
  }
}

Evaluation::RuleEnd Evaluation::run_rule(const RuleCode& rule, std::uint32_t number) {
  rule_ = number;
  decided_ = false;
  if (!view_.has(rule.guard)) {
    word_count_ = 0;
    if (wants_expressions_) report_op(number, rule.guard_op, Result::absent);
    return RuleEnd::failed;
  }
  const Op* const ops = program_.ops.data() + rule.first_op;
  for (std::uint32_t i = 0; i < rule.op_count; ++i) {
    const Op& op = ops[i];
    const Result result = run_op(op);
    if (wants_expressions_) [[unlikely]]
      report_op(number, i, result);
    if (!goes_on(result) && (result != Result::skipped || op.negate)) return RuleEnd::failed;
    if (decided_) return RuleEnd::verdict;
  }
  verdict_ = {VerdictKind::continue_, no_index};
  return RuleEnd::complete;
}

void Evaluation::reach(VerdictCode verdict) {
  verdict_ = verdict;
  decided_ = verdict.kind != VerdictKind::continue_;
  result_ = {verdict.kind == VerdictKind::drop ? HookVerdict::drop : HookVerdict::accept};
}

Evaluation::Result Evaluation::run_op(const Op& op) {
  word_count_ = 0;
  switch (op.kind) {
    case OpKind::skip:
      return Result::skipped;
    case OpKind::match_small:
    case OpKind::match_wide:
    case OpKind::match_term:
    case OpKind::lookup:
      return compare(op);
    case OpKind::lookup_counted:
      return lookup(op);
    case OpKind::verdict:
      reach(program_.verdicts[op.a]);
      return Result::done;
    case OpKind::verdict_map:
      return verdict_map(op);
    case OpKind::counter:
    case OpKind::quota:
    case OpKind::limit:
    case OpKind::connection_limit:
      return run_object(op, op.a);
    case OpKind::log:
      note(c_, trace::PacketLogged{walk_.packet.id, rule_});
      return Result::done;
    case OpKind::notrack:
      // A packet that has its place already (loopback) keeps it.
      if (walk_.tracking.info == trace::CtInfo::none) set_untracked(walk_);
      numbers_.forget();
      return Result::done;
    case OpKind::assign:
      return assign(op);
    case OpKind::reject:
      return reject(op);
    case OpKind::nat:
      return nat(op);
    case OpKind::set_update:
      return set_update(op);
    case OpKind::synproxy:
      return synproxy(op);
  }
  return Result::skipped;
}

HookResult Evaluation::policy(std::uint32_t base_chain) {
  const bool accept = program_.chains[base_chain].accept;
  if (wants_verdicts_)
    note(c_, RuleVerdictReached{walk_.packet.id, base_chain, RuleVerdictReached::policy,
                                accept ? RuleVerdict::accept : RuleVerdict::drop, walk_.tracking.info, 0, walk_.mark});
  return {accept ? HookVerdict::accept : HookVerdict::drop};
}

void Evaluation::report_rule(std::uint32_t chain, std::uint32_t rule) {
  RuleVerdictReached record{walk_.packet.id,     chain, rule,      trace_verdict(verdict_.kind),
                            walk_.tracking.info, 0,     walk_.mark};
  if (decided_ && result_.verdict == HookVerdict::stolen) record.verdict = RuleVerdict::stolen;
  if (verdict_.kind == VerdictKind::jump || verdict_.kind == VerdictKind::goto_)
    record.target = static_cast<std::uint16_t>(verdict_.chain);
  note(c_, record);
}

void Evaluation::report_op(std::uint32_t rule, std::uint32_t op_index, Result result) {
  trace::RuleExpressionEvaluated record;
  record.packet = walk_.packet.id;
  record.rule = rule;
  record.expression = static_cast<std::uint16_t>(op_index);
  record.result = result;
  record.word_count = word_count_;
  std::copy_n(words_.begin(), word_count_, record.words);
  note(c_, record);
}

}  // namespace fourtuple::netfilter
