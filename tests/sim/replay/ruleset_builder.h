// Side tables of rulesets made by hand for tests, and the records of a packet that is judged by them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/trace/ruleset.h"
#include "tests/sim/replay/trace_builder.h"

namespace fourtuple::test {

// Chains in table "inet filter". Rules are added chain after chain.
class RulesetBuilder {
 public:
  struct Statement {
    std::string text, subject;
    std::uint32_t object = 0xffffffffu;
  };

  std::uint32_t base_chain(const std::string& name, const std::string& hook, const std::string& policy) {
    const std::uint32_t chain = this->chain(name);
    trace::ChainInfo& info = ruleset_.chains[chain];
    info.base = true;
    info.type = "filter";
    info.hook = hook;
    info.priority_text = "filter";
    info.policy = policy;
    return chain;
  }
  std::uint32_t chain(const std::string& name) {
    trace::ChainInfo info;
    info.family = "inet";
    info.table = "filter";
    info.name = name;
    info.first_rule = static_cast<std::uint32_t>(ruleset_.rules.size());
    ruleset_.chains.push_back(info);
    return static_cast<std::uint32_t>(ruleset_.chains.size() - 1);
  }
  // A rule of the chain added last.
  std::uint32_t rule(const std::vector<Statement>& statements) {
    trace::ChainInfo& chain = ruleset_.chains.back();
    trace::RuleInfo info;
    info.chain = static_cast<std::uint32_t>(ruleset_.chains.size() - 1);
    info.number = chain.rule_count++;
    info.first_expression = static_cast<std::uint32_t>(ruleset_.expressions.size());
    info.expression_count = static_cast<std::uint32_t>(statements.size());
    for (const Statement& statement : statements) {
      info.text += (info.text.empty() ? "" : " ") + statement.text;
      trace::ExpressionInfo expression;
      expression.text = statement.text;
      expression.subject = statement.subject;
      expression.object = statement.object;
      ruleset_.expressions.push_back(expression);
    }
    ruleset_.rules.push_back(info);
    return static_cast<std::uint32_t>(ruleset_.rules.size() - 1);
  }
  trace::RulesetInfo& info() { return ruleset_; }
  // Gives the ruleset to a host from now on.
  void load(TraceBuilder& to, std::int64_t us, std::uint32_t host) {
    auto& rulesets = to.trace().mutable_tables().rulesets;
    ruleset_.host = {host};
    rulesets.push_back(ruleset_);
    to.add(us, host, trace::RulesetLoaded{static_cast<std::uint32_t>(rulesets.size() - 1)});
  }

 private:
  trace::RulesetInfo ruleset_;
};

// The records about one packet on one host at one instant.
class Judging {
 public:
  Judging(TraceBuilder& to, std::int64_t us, std::uint32_t host, PacketId packet)
      : to_(to), us_(us), host_(host), packet_(packet) {}

  void stage(trace::Stage stage) { to_.add(us_, host_, trace::StageEntered{packet_, stage, {}}); }
  void looked(std::uint32_t rule, std::uint16_t expression, trace::ExpressionResult result,
              const std::vector<std::uint32_t>& words = {}) {
    trace::RuleExpressionEvaluated event{packet_, rule, expression, result, static_cast<std::uint8_t>(words.size()),
                                         {}};
    for (std::size_t i = 0; i < words.size(); ++i) event.words[i] = words[i];
    to_.add(us_, host_, event);
  }
  void verdict(std::uint32_t chain, std::uint32_t rule, trace::RuleVerdict verdict, std::uint32_t target = 0) {
    to_.add(us_, host_,
            trace::RuleVerdictReached{packet_, chain, rule, verdict, trace::CtInfo::fresh,
                                      static_cast<std::uint16_t>(target), 0});
  }
  void policy(std::uint32_t chain, trace::RuleVerdict verdict) {
    this->verdict(chain, trace::RuleVerdictReached::policy, verdict);
  }
  void end(std::uint32_t chain) { verdict(chain, trace::RuleVerdictReached::chain_end, trace::RuleVerdict::return_); }
  void drop(trace::Stage stage, trace::DropReason reason = trace::DropReason::rule) {
    to_.add(us_, host_, trace::PacketDropped{packet_, reason, stage, {}, {}});
  }
  template <class Event>
  void add(const Event& event) {
    to_.add(us_, host_, event);
  }

 private:
  TraceBuilder& to_;
  std::int64_t us_;
  std::uint32_t host_;
  PacketId packet_;
};

}  // namespace fourtuple::test
