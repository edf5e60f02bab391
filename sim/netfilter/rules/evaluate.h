// Walks one packet through one base chain and the chains it jumps to, as nft_do_chain does: statement by statement,
// with the records of what was compared and decided. Nothing here allocates.
#pragma once

#include <array>

#include "sim/netfilter/conntrack/conntrack.h"
#include "sim/netfilter/conntrack/tuple.h"
#include "sim/netfilter/context.h"
#include "sim/netfilter/rules/packet_view.h"
#include "sim/netfilter/rules/program.h"

namespace fourtuple::netfilter {

class Evaluation {
 public:
  // REQUIRES: the host of `c` has a program.
  Evaluation(Context& c, Walk& walk, nft::HookPoint point);

  // What the base chain decides: its rules', or its policy. For a `nat` chain accept also means "NAT is set up".
  HookResult run(std::uint32_t base_chain);

 private:
  using Result = trace::ExpressionResult;

  static constexpr std::size_t jump_limit = 16;
  struct Frame {
    std::uint32_t chain, rule;
  };
  // What came of a rule.
  enum class RuleEnd : std::uint8_t { failed, complete, verdict };
  struct Element {
    std::uint32_t element = no_element;
    bool in_state = false;
    explicit operator bool() const { return element != no_element; }
  };

  // The first rule from `rule` on, or `end`, whose gate the packet passes. REQUIRES: no records of expressions are
  // wanted.
  std::uint32_t skip_failing(std::uint32_t rule, std::uint32_t end);
  RuleEnd run_rule(const RuleCode& rule, std::uint32_t number);
  // Carries out one statement. When it reached a verdict, verdict_ holds it.
  Result run_op(const Op& op);
  void reach(VerdictCode verdict);
  HookResult policy(std::uint32_t base_chain);
  void report_rule(std::uint32_t chain, std::uint32_t rule);
  void report_op(std::uint32_t rule, std::uint32_t op_index, Result result);

  // comparisons
  Result compare(const Op& op);
  Result match_small(const Op& op);
  Result match_wide(const Op& op);
  Result match_value(const Op& op, nft::Value value);

  // other conditions, and computed values (conditions.cc)
  Result lookup(const Op& op);
  Result verdict_map(const Op& op);
  bool evaluate_term(std::uint32_t index, nft::Value& out);
  bool evaluate_map(const Term& term, nft::Value& out);
  bool evaluate_hash(const Term& term, nft::Value& out);
  bool evaluate_operation(const Term& term, nft::Value& out);
  bool build_key(std::uint32_t key);
  bool build_long_key(const KeyCode& code);
  Element find(const SetCode& set) const;
  Element find_range(const SetCode& set) const;
  // Data of a map's element as words; at most 16, and with ranges as many again for the highest. Returns data_words.
  std::uint8_t read_data(const SetCode& set, Element found, std::uint32_t* words) const;
  bool run_element(const SetCode& set, Element found);
  void remember(nft::Value value, std::uint8_t words);

  // statements (statements.cc)
  Result assign(const Op& op);
  Result reject(const Op& op);
  Result nat(const Op& op);
  bool nat_range(const NatCode& code, NatRange& range);
  bool nat_from_map(const NatCode& code, NatRange& range);
  bool own_address(const NatCode& code, NatRange& range) const;

  Result synproxy(const Op& op);  // synproxy.cc

  // objects.cc: statements with a state of their own, and elements that packets add
  Result run_object(const Op& op, std::uint32_t object);
  Result count(std::uint32_t object);
  Result use_quota(const Op& op, std::uint32_t object);
  Result use_limit(const LimitCode& code, std::uint32_t object);
  Result count_connection(const Op& op, std::uint32_t object);
  bool already_counted(std::vector<CountedConnection>& list, const FlowKey& own);
  Result set_update(const Op& op);
  bool add_element(const SetCode& set, const UpdateCode& update, std::uint32_t& id);
  void collect(const SetCode& set);
  bool run_inner(std::uint32_t first, std::uint32_t count, std::uint32_t object);

  Context& c_;
  Walk& walk_;
  const Program& program_;
  PacketView view_;
  GateValues numbers_;
  nft::HookPoint point_;
  bool wants_verdicts_, wants_expressions_;

  bool decided_ = false;  // this rule reached verdict_
  VerdictCode verdict_;
  HookResult result_;  // what an accept, drop, reject or synproxy gives
  std::uint32_t rule_ = 0;
  std::array<std::uint32_t, 16> words_{};  // the value last compared
  std::uint8_t word_count_ = 0;
};

}  // namespace fourtuple::netfilter
