// What nft and the kernel check of rules beyond their syntax: that names exist and fit, and that every rule stands in a
// chain whose type and hook allow it. Internal to sim/netfilter/rules.
#pragma once

#include <optional>
#include <string>

#include "sim/netfilter/nft/syntax.h"

namespace fourtuple::netfilter {

struct RuleFault {
  nft::Span where;
  std::string message = {}, expected = {}, suggestion = {};
};

// One rule against its table: chains, sets, maps and objects it names.
std::optional<RuleFault> check_rule(const nft::Table& table, const nft::Rule& rule);
// A verdict: its chain exists and is no base chain.
std::optional<RuleFault> check_verdict(const nft::Table& table, const nft::Verdict& verdict, nft::Span where);
// All chains of a table together: no jumps deeper than 16 or in circles, and every statement on a hook it may be on.
std::optional<RuleFault> check_chains(const nft::Table& table);

// Calls `visit(const Expr&)` for every expression of a statement, those inside others too.
template <class Visit>
void visit_expressions(const nft::Expr& expression, const Visit& visit);
template <class Visit>
void visit_expressions(const nft::Statement& statement, const Visit& visit);

template <class Visit>
void visit_expressions(const nft::Expr& expression, const Visit& visit) {
  visit(expression);
  for (const nft::Expr& part : expression.parts) visit_expressions(part, visit);
}

template <class Visit>
void visit_expressions(const nft::Statement& statement, const Visit& visit) {
  for (const auto* list : {&statement.left, &statement.right, &statement.address, &statement.port})
    for (const nft::Expr& expression : *list) visit_expressions(expression, visit);
  for (const nft::Statement& inner : statement.inner) visit_expressions(inner, visit);
}

}  // namespace fourtuple::netfilter
