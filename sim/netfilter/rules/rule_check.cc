#include "sim/netfilter/rules/rule_check.h"

#include <algorithm>
#include <map>

#include "sim/netfilter/nft/parse_selector.h"
#include "sim/netfilter/rules/elements.h"
#include "sim/netfilter/rules/model.h"

namespace fourtuple::netfilter {
namespace {

using nft::Expr;
using nft::ExprKind;
using nft::HookPoint;
using nft::Statement;
using nft::StatementKind;
using nft::Table;
using nft::TableFamily;
using nft::Type;
using nft::VerdictKind;
using Fault = std::optional<RuleFault>;

// A base chain may lead this many chains deep, itself counted (the kernel's jump stack).
constexpr int most_levels = 16;

std::string quoted(std::string_view name) {
  return "'" + std::string(name) + "'";
}

const nft::Set* set_named(const Table& table, std::string_view name) {
  for (const nft::Set& set : table.sets)
    if (set.name == name) return &set;
  return nullptr;
}

bool is_constant_kind(ExprKind kind) {
  return kind == ExprKind::value || kind == ExprKind::prefix || kind == ExprKind::range || kind == ExprKind::list;
}

std::vector<Type> types_of(const Expr& key) {
  std::vector<Type> types;
  if (key.kind == ExprKind::concatenation)
    for (const Expr& part : key.parts) types.push_back(part.type);
  else
    types.push_back(key.type);
  return types;
}

std::string words_for(const std::vector<Type>& types) {
  std::string words;
  for (const Type type : types) words += (words.empty() ? "" : " . ") + std::string(info(type).name);
  return words;
}

// Unknown types (of operations, raw payload) fit everything.
bool types_fit(const std::vector<Type>& wanted, const std::vector<Type>& given) {
  if (wanted.size() != given.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const bool open = wanted[i] == Type::invalid || given[i] == Type::invalid || wanted[i] == Type::integer ||
                      given[i] == Type::integer;
    if (!open && wanted[i] != given[i]) return false;
  }
  return true;
}

// A set or map named where something of `key`'s types is looked up.
Fault check_named(const Table& table, const Expr& named, const Expr& key, bool map) {
  const nft::Set* set = set_named(table, named.text);
  if (set == nullptr) return RuleFault{named.span, "there is no set or map " + quoted(named.text) + " in this table"};
  if (map && !set->is_map) return RuleFault{named.span, quoted(named.text) + " is a set, not a map", "a map"};
  if (!map && set->is_map && set->data_object.empty())
    return RuleFault{named.span, quoted(named.text) + " is a map, not a set", "a set"};
  if (!types_fit(set->key, types_of(key)))
    return RuleFault{named.span, "the keys of " + quoted(named.text) + " are of type " + words_for(set->key),
                     words_for(types_of(key))};
  return std::nullopt;
}

Fault check_elements(const Expr& set, const Expr& key) {
  const std::size_t parts = key.kind == ExprKind::concatenation ? key.parts.size() : 1;
  for (const Expr& element : set.parts) {
    const Expr& own = key_of(element);
    const std::size_t own_parts = own.kind == ExprKind::concatenation ? own.parts.size() : 1;
    if (own.kind != ExprKind::wildcard && own.kind != ExprKind::named && own_parts != parts)
      return RuleFault{own.span, "the set's elements must have " + std::to_string(parts) + " parts"};
  }
  return std::nullopt;
}

Fault check_lookup(const Table& table, const Expr& key, const Expr& set, bool map) {
  if (set.kind == ExprKind::named) return check_named(table, set, key, map);
  if (set.kind == ExprKind::anonymous_set) return check_elements(set, key);
  return std::nullopt;
}

Fault check_expressions(const Table& table, const Statement& statement) {
  Fault fault;
  visit_expressions(statement, [&](const Expr& expression) {
    if (fault) return;
    if (expression.kind == ExprKind::map && expression.parts.size() == 2)
      fault = check_lookup(table, expression.parts[0], expression.parts[1], true);
    if (expression.kind == ExprKind::verdict) fault = check_verdict(table, expression.verdict, expression.span);
  });
  return fault;
}

bool has_object(const Table& table, nft::ObjectKind kind, std::string_view name) {
  return std::any_of(table.objects.begin(), table.objects.end(),
                     [&](const nft::Object& object) { return object.kind == kind && object.name == name; });
}

Fault check_object(const Table& table, const Statement& statement) {
  nft::ObjectKind kind = nft::ObjectKind::counter;
  switch (statement.kind) {
    case StatementKind::counter:
      kind = nft::ObjectKind::counter;
      break;
    case StatementKind::quota:
      kind = nft::ObjectKind::quota;
      break;
    case StatementKind::limit:
      kind = nft::ObjectKind::limit;
      break;
    case StatementKind::object:
      if (statement.what.starts_with("ct helper"))
        kind = nft::ObjectKind::ct_helper;
      else if (statement.what.starts_with("ct timeout"))
        kind = nft::ObjectKind::ct_timeout;
      else if (statement.what.starts_with("ct expectation"))
        kind = nft::ObjectKind::ct_expectation;
      else if (statement.what.starts_with("synproxy"))
        kind = nft::ObjectKind::synproxy;
      else
        return std::nullopt;
      break;
    default:
      return std::nullopt;
  }
  // An object chosen by a map has no name of its own here.
  if (statement.text.empty() || !statement.left.empty() || has_object(table, kind, statement.text)) return std::nullopt;
  return RuleFault{statement.span, "there is no object " + quoted(statement.text) + " in this table"};
}

Fault check_statement(const Table& table, const Statement& statement) {
  if (Fault fault = check_expressions(table, statement)) return fault;
  switch (statement.kind) {
    case StatementKind::match:
      if (statement.left.empty() || statement.right.empty()) return std::nullopt;
      if (statement.left[0].kind == ExprKind::concatenation && is_constant_kind(statement.right[0].kind))
        return RuleFault{statement.span, "concatenations are compared with sets, not with single values"};
      return check_lookup(table, statement.left[0], statement.right[0], false);
    case StatementKind::verdict_map:
      if (statement.left.empty() || statement.right.empty()) return std::nullopt;
      return check_lookup(table, statement.left[0], statement.right[0], true);
    case StatementKind::verdict:
      return check_verdict(table, statement.verdict, statement.span);
    case StatementKind::set_update: {
      const nft::Set* set = set_named(table, statement.text);
      if (set == nullptr)
        return RuleFault{statement.span, "there is no set or map " + quoted(statement.text) + " in this table"};
      if (!statement.left.empty() && !types_fit(set->key, types_of(key_of(statement.left[0]))))
        return RuleFault{statement.span,
                         "the keys of " + quoted(statement.text) + " are of type " + words_for(set->key),
                         words_for(types_of(key_of(statement.left[0])))};
      return std::nullopt;
    }
    default:
      return check_object(table, statement);
  }
}

bool ends_rule(const Statement& statement) {
  switch (statement.kind) {
    case StatementKind::verdict:
      return statement.verdict.kind != VerdictKind::continue_;
    case StatementKind::reject:
    case StatementKind::nat:
      return true;
    default:
      return false;
  }
}

constexpr unsigned bit(HookPoint point) {
  return 1u << static_cast<unsigned>(point);
}

constexpr unsigned any_hook = ~0u;

unsigned selector_hooks(const Expr& selector) {
  const unsigned received = bit(HookPoint::prerouting) | bit(HookPoint::input) | bit(HookPoint::forward);
  const unsigned leaving = bit(HookPoint::output) | bit(HookPoint::postrouting) | bit(HookPoint::forward);
  if (selector.field == nft::Field::rt) return selector.text == "rt mtu" ? leaving : any_hook;
  if (selector.field != nft::Field::fib) return any_hook;
  if (selector.number2 != nft::FibResult::type) return received;
  if ((selector.number & nft::FibKey::iif) != 0) return received;
  return (selector.number & nft::FibKey::oif) != 0 ? leaving : any_hook;
}

// Hooks on which the kernel lets a statement be; `nat`: and only in chains of that type.
unsigned allowed_hooks(const Statement& statement, bool& nat) {
  const unsigned in = bit(HookPoint::input), out = bit(HookPoint::output), forward = bit(HookPoint::forward);
  const unsigned pre = bit(HookPoint::prerouting), post = bit(HookPoint::postrouting);
  nat = statement.kind == StatementKind::nat;
  switch (statement.kind) {
    case StatementKind::reject:
      return pre | in | forward | out;
    case StatementKind::synproxy:
      return in | forward;
    case StatementKind::object:
      return statement.what == "synproxy" ? in | forward : any_hook;
    case StatementKind::tproxy:
      return pre;
    case StatementKind::nat:
      switch (statement.nat) {
        case nft::NatKind::dnat:
        case nft::NatKind::redirect:
          return pre | out;
        case nft::NatKind::snat:
          return post | in;
        case nft::NatKind::masquerade:
          return post;
      }
      return any_hook;
    default:
      break;
  }
  unsigned hooks = any_hook;
  visit_expressions(statement, [&](const Expr& expression) {
    if (expression.kind == ExprKind::selector) hooks &= selector_hooks(expression);
  });
  return hooks;
}

bool is_ip_family(TableFamily family) {
  return family == TableFamily::ip || family == TableFamily::ip6 || family == TableFamily::inet;
}

// Follows every jump of a table from its base chains.
class ChainWalk {
 public:
  explicit ChainWalk(const Table& table) : table_(table) {
    for (std::size_t i = 0; i < table.chains.size(); ++i) chains_.emplace(table.chains[i].name, i);
    visited_.resize(table.chains.size());
  }

  Fault walk() {
    for (const nft::Chain& chain : table_.chains) {
      if (!chain.hook) continue;
      std::fill(visited_.begin(), visited_.end(), 0);
      hook_ = &*chain.hook;
      if (Fault fault = visit(chain, 1)) return fault;
    }
    return std::nullopt;
  }

 private:
  // A chain reached again no deeper than before has been looked at; a circle gets deeper until the limit.
  Fault visit(const nft::Chain& chain, int level) {
    int& seen = visited_[chains_.at(chain.name)];
    if (seen >= level) return std::nullopt;
    const bool first = seen == 0;
    seen = level;
    for (const nft::Rule& rule : chain.rules)
      for (const Statement& statement : rule.statements) {
        if (first)
          if (Fault fault = check_place(statement)) return fault;
        if (Fault fault = follow(statement, level)) return fault;
      }
    return std::nullopt;
  }

  Fault check_place(const Statement& statement) const {
    bool nat = false;
    const unsigned hooks = allowed_hooks(statement, nat);
    if (!is_ip_family(table_.family) || !statement.not_simulated.empty()) return std::nullopt;
    if (nat && hook_->type != nft::ChainType::nat)
      return RuleFault{statement.span, "NAT statements are for chains of type nat only"};
    if ((hooks & bit(hook_->point)) == 0)
      return RuleFault{statement.span, "this statement cannot be used on hook " + std::string(name_of(hook_->point))};
    return std::nullopt;
  }

  Fault follow(const Statement& statement, int level) {
    if (statement.kind == StatementKind::verdict) return jump(statement.verdict, statement.span, level);
    Fault fault;
    const auto look = [&](const Expr& expression) {
      if (fault) return;
      if (expression.kind == ExprKind::verdict) fault = jump(expression.verdict, statement.span, level);
      if (expression.kind != ExprKind::named) return;
      const nft::Set* set = set_named(table_, expression.text);
      if (set == nullptr || !set->is_map) return;
      for (const Expr& element : set->elements)
        if (const Expr* data = data_of(element); !fault && data != nullptr && data->kind == ExprKind::verdict)
          fault = jump(data->verdict, statement.span, level);
    };
    visit_expressions(statement, look);
    return fault;
  }

  Fault jump(const nft::Verdict& verdict, nft::Span where, int level) {
    if (verdict.kind != VerdictKind::jump && verdict.kind != VerdictKind::goto_) return std::nullopt;
    const auto target = chains_.find(verdict.chain);
    if (target == chains_.end()) return std::nullopt;
    if (level == most_levels) return RuleFault{where, "jumps more than 15 chains deep, or in a circle"};
    return visit(table_.chains[target->second], level + 1);
  }

  const Table& table_;
  const nft::ChainHook* hook_ = nullptr;
  std::map<std::string, std::size_t, std::less<>> chains_;
  std::vector<int> visited_;
};

}  // namespace

std::optional<RuleFault> check_verdict(const Table& table, const nft::Verdict& verdict, nft::Span where) {
  const bool jump = verdict.kind == VerdictKind::jump || verdict.kind == VerdictKind::goto_;
  // A chain without name is one in braces, which is not simulated.
  if (!jump || verdict.chain.empty()) return std::nullopt;
  for (const nft::Chain& chain : table.chains) {
    if (chain.name != verdict.chain) continue;
    if (!chain.hook) return std::nullopt;
    return RuleFault{where, quoted(verdict.chain) + " is a base chain: rules cannot jump to it",
                     "a chain without hook"};
  }
  return RuleFault{where, "there is no chain " + quoted(verdict.chain) + " in this table"};
}

std::optional<RuleFault> check_rule(const Table& table, const nft::Rule& rule) {
  for (std::size_t i = 0; i < rule.statements.size(); ++i) {
    const Statement& statement = rule.statements[i];
    if (i > 0 && ends_rule(rule.statements[i - 1]))
      return RuleFault{statement.span, "a statement after one that ends the rule has no effect"};
    if (Fault fault = check_statement(table, statement)) return fault;
  }
  return std::nullopt;
}

std::optional<RuleFault> check_chains(const Table& table) {
  return ChainWalk(table).walk();
}

}  // namespace fourtuple::netfilter
