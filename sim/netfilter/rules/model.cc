#include "sim/netfilter/rules/model.h"

#include <algorithm>

#include "sim/netfilter/nft/parse.h"
#include "sim/netfilter/rules/model_apply.h"
#include "sim/netfilter/rules/rule_check.h"

namespace fourtuple::netfilter {

using nft::Chain;
using nft::ChainType;
using nft::CommandKind;
using nft::HookPoint;
using nft::Rule;
using nft::Table;
using nft::TableFamily;

namespace {

constexpr std::int32_t priority_of_conntrack = -200;

// Hooks that chains of a family and type may have, as the kernel registers them.
bool hook_allowed(TableFamily family, const nft::ChainHook& hook) {
  const bool ip_hook = hook.point <= HookPoint::postrouting;
  switch (family) {
    case TableFamily::netdev:
      return hook.type == ChainType::filter && !ip_hook;
    case TableFamily::arp:
      return hook.type == ChainType::filter && (hook.point == HookPoint::input || hook.point == HookPoint::output);
    case TableFamily::bridge:
      return hook.type == ChainType::filter && ip_hook;
    case TableFamily::inet:
      if (hook.point == HookPoint::ingress) return hook.type == ChainType::filter;
      break;
    case TableFamily::ip:
    case TableFamily::ip6:
      break;
  }
  if (!ip_hook) return false;
  if (hook.type == ChainType::route) return hook.point == HookPoint::output;
  return hook.type == ChainType::filter || hook.point != HookPoint::forward;
}

// Sets that nft makes on the side for a rule; each takes a handle before the rule's own.
std::uint64_t hidden_sets(const Rule& rule) {
  std::uint64_t count = 0;
  for (const nft::Statement& statement : rule.statements) {
    if (statement.kind == nft::StatementKind::meter) ++count;
    const bool plain = statement.kind == nft::StatementKind::match;
    visit_expressions(statement, [&](const nft::Expr& expression) {
      if (expression.kind == nft::ExprKind::anonymous_set) {
        const bool one = expression.parts.size() == 1 &&
                         key_of(expression.parts[0]).kind != nft::ExprKind::concatenation &&
                         data_of(expression.parts[0]) == nullptr;
        count += plain && one ? 0 : 1;
      }
      if (expression.kind == nft::ExprKind::selector &&
          (expression.field == nft::Field::icmp_id || expression.field == nft::Field::icmp_sequence ||
           expression.field == nft::Field::icmpv6_id || expression.field == nft::Field::icmpv6_sequence))
        ++count;
    });
  }
  return count;
}

template <class Change>
void change_verdicts(nft::Expr& expression, const Change& change) {
  change(expression.verdict);
  for (nft::Expr& part : expression.parts) change_verdicts(part, change);
}
template <class Change>
void change_verdicts(nft::Statement& statement, const Change& change) {
  for (nft::Expr& expression : statement.right) change_verdicts(expression, change);
}

}  // namespace

Outcome<Model> apply_script(const Model& before, const nft::Script& script, const ElementExists& exists) {
  ScriptApplier applier(before, script, exists);
  if (!applier.run()) return tl::unexpected<Error>(applier.error());
  return applier.take();
}

ScriptApplier::ScriptApplier(Model model, const nft::Script& script, const ElementExists& exists)
    : model_(std::move(model)), script_(script), exists_(exists) {
  model_.changes.clear();
  model_.of_one_script = model_.tables.empty();
}

bool ScriptApplier::fail(nft::Span where, std::string message, std::string expected, std::string suggestion) {
  error_ = {nft::position(script_, where.begin), std::move(message), std::move(expected), std::move(suggestion)};
  return false;
}

bool ScriptApplier::run() {
  for (const Command& command : script_.commands)
    if (!run(command)) return false;
  for (const Table& table : model_.tables)
    if (const auto fault = check_chains(table)) return fail(fault->where, fault->message, fault->expected);
  settle_elements();
  return true;
}

bool ScriptApplier::run(const Command& command) {
  switch (command.kind) {
    case CommandKind::flush_ruleset: {
      for (std::size_t i = model_.tables.size(); i-- > 0;)
        if (!command.only_family || model_.tables[i].family == *command.only_family) erase_table(i);
      model_.of_one_script = model_.of_one_script || model_.tables.empty();
      return true;
    }
    case CommandKind::list:
      return true;
    case CommandKind::reset:
      reset(command);
      return true;
    case CommandKind::table:
      return choose_table(command, true) && merge_table(command);
    case CommandKind::delete_table:
      return delete_table(command);
    default:
      break;
  }
  if (!choose_table(command, false)) return command.if_exists && error_.message.empty();
  switch (command.kind) {
    case CommandKind::chain:
    case CommandKind::rule:
    case CommandKind::set:
    case CommandKind::object:
    case CommandKind::element:
      return merge_table(command);
    case CommandKind::delete_chain:
      return delete_chain(command);
    case CommandKind::delete_rule:
      return delete_rule(command);
    case CommandKind::rename_chain:
      return rename_chain(command);
    case CommandKind::delete_set:
      return delete_set(command);
    case CommandKind::delete_object:
      return delete_object(command);
    case CommandKind::delete_element:
      return delete_elements(command);
    case CommandKind::flush_table:
    case CommandKind::flush_chain:
      return flush(command);
    case CommandKind::flush_set:
      return flush_set(command);
    default:
      return true;
  }
}

bool ScriptApplier::choose_table(const Command& command, bool make) {
  const auto same = [&](const Table& table) {
    return table.family == command.table.family && table.name == command.table.name;
  };
  const auto found = std::find_if(model_.tables.begin(), model_.tables.end(), same);
  table_ = static_cast<std::size_t>(found - model_.tables.begin());
  if (found != model_.tables.end()) {
    if (command.kind == CommandKind::table && command.create)
      return fail(command.span, "table " + quoted(title()) + " exists already");
    if (!command.table.flags.empty()) found->flags = command.table.flags;
    return true;
  }
  if (!make) {
    if (command.if_exists) return false;
    return fail(command.span,
                "there is no table " + quoted(std::string(name_of(command.table.family)) + " " + command.table.name));
  }
  Table& made = model_.tables.emplace_back();
  made.family = command.table.family;
  made.name = command.table.name;
  made.comment = command.table.comment;
  made.flags = command.table.flags;
  made.span = command.table.span;
  model_.states.emplace_back().serial = model_.next_serial++;
  return true;
}

std::string ScriptApplier::title() const {
  return std::string(name_of(table().family)) + " " + table().name;
}

std::size_t ScriptApplier::chain_named(std::string_view name) const {
  const auto& chains = table().chains;
  for (std::size_t i = 0; i < chains.size(); ++i)
    if (chains[i].name == name) return i;
  return nowhere;
}

// A table's block, or the one thing a command adds. nft sends chains, then objects, sets and elements, then rules.
bool ScriptApplier::merge_table(const Command& command) {
  const Table& given = command.table;
  const bool block = command.kind == CommandKind::table;
  if (block || command.kind == CommandKind::chain)
    for (const Chain& chain : given.chains)
      if (!add_chain(chain, command.create && !block)) return false;
  for (const nft::Object& object : given.objects)
    if (!add_object(object, command.create && !block)) return false;
  if (command.kind == CommandKind::element) {
    for (const nft::Set& set : given.sets)
      if (!add_elements(set, command.create)) return false;
  } else {
    for (const nft::Set& set : given.sets)
      if (!add_set(set, command.create && !block)) return false;
    for (const nft::Set& set : given.sets)
      if (!add_elements(set, false)) return false;
  }
  for (const nft::Flowtable& flowtable : given.flowtables)
    if (!add_flowtable(flowtable)) return false;
  for (const Chain& chain : given.chains)
    for (const Rule& rule : chain.rules)
      if (!add_rule(command, chain, rule)) return false;
  return true;
}

bool ScriptApplier::check_hook(const Chain& chain) {
  const nft::ChainHook& hook = *chain.hook;
  if (!hook_allowed(table().family, hook))
    return fail(chain.span, "a chain of type " + std::string(name_of(hook.type)) + " cannot be on hook " +
                                std::string(name_of(hook.point)) + " of family " +
                                std::string(name_of(table().family)));
  if (hook.type == ChainType::nat && hook.priority <= priority_of_conntrack)
    return fail(chain.span, "the priority of a nat chain must be above -200, where connection tracking is");
  return true;
}

bool ScriptApplier::add_chain(const Chain& chain, bool create) {
  const std::size_t at = chain_named(chain.name);
  if (at != nowhere) {
    if (create) return fail(chain.span, "chain " + quoted(chain.name) + " exists already");
    return update_chain(table().chains[at], chain);
  }
  if (chain.policy)
    return fail(chain.span, "only a chain with a hook has a policy", "type … hook … priority …; before it");
  if (chain.hook && !check_hook(chain)) return false;
  Chain made = chain;
  made.rules.clear();
  state().chains.push_back(state().next_handle++);
  if (chain.hook) model_.registrations.push_back({state().serial, state().chains.back()});
  table().chains.push_back(std::move(made));
  return true;
}

bool ScriptApplier::update_chain(Chain& existing, const Chain& chain) {
  if (chain.policy) {
    if (!existing.hook) return fail(chain.span, "chain " + quoted(chain.name) + " has no hook, so no policy");
    existing.hook->accept = *chain.policy;
  }
  if (!chain.hook) return true;
  if (!existing.hook)
    return fail(chain.span, "chain " + quoted(chain.name) + " exists already and is not a base chain");
  if (existing.hook->type != chain.hook->type || existing.hook->point != chain.hook->point ||
      existing.hook->priority != chain.hook->priority)
    return fail(chain.span, "chain " + quoted(chain.name) + " exists already with another type, hook or priority");
  if (chain.hook->policy_given) existing.hook->accept = chain.hook->accept;
  return true;
}

bool ScriptApplier::add_rule(const Command& command, const Chain& chain, const Rule& rule) {
  const std::size_t index = chain_named(chain.name);
  if (index == nowhere)
    return fail(command.kind == CommandKind::table ? chain.span : command.span,
                "there is no chain " + quoted(chain.name) + " in table " + quoted(title()));
  Rule made = rule;
  for (nft::Statement& statement : made.statements) {
    if (statement.kind != nft::StatementKind::set_update) continue;
    const std::size_t at = set_named(statement.text);
    if (at == nowhere) continue;
    nft::Set& set = table().sets[at];
    const bool own = new_sets_.count({state().serial, state().sets[at]}) != 0;
    set.flags |= own ? nft::SetFlag::dynamic : updated_by_rules;
    if (set.size == 0) set.size = 65535;
    if (statement.timeout_ms && (set.flags & nft::SetFlag::timeout) == 0)
      return fail(statement.span, "set " + quoted(set.name) + " has no timeouts", "'flags timeout' in its declaration");
  }
  if (const auto fault = check_rule(table(), made))
    return fail(fault->where, fault->message, fault->expected, fault->suggestion);
  Chain& into = table().chains[index];
  std::size_t at = into.rules.size();
  if (!place_rule(command, into, at)) return false;
  state().next_handle += hidden_sets(made);
  made.handle = state().next_handle++;
  if (command.replace)
    into.rules[at] = std::move(made);
  else
    into.rules.insert(into.rules.begin() + static_cast<std::ptrdiff_t>(at), std::move(made));
  return true;
}

// `at`: the index the rule gets. With a position: before it (insert), after it (add), instead of it (replace).
bool ScriptApplier::place_rule(const Command& command, Chain& chain, std::size_t& at) {
  if (!command.position) {
    if (command.at_front) at = 0;
    return true;
  }
  for (std::size_t i = 0; i < chain.rules.size(); ++i) {
    if (command.position_is_index ? i != *command.position : chain.rules[i].handle != *command.position) continue;
    at = command.at_front || command.replace ? i : i + 1;
    return true;
  }
  return fail(command.span, "chain " + quoted(chain.name) + " has no rule with " +
                                (command.position_is_index ? "index " : "handle ") + std::to_string(*command.position));
}

void ScriptApplier::erase_table(std::size_t at) {
  const std::uint64_t serial = model_.states[at].serial;
  std::erase_if(model_.registrations, [&](const Registration& base) { return base.table == serial; });
  model_.tables.erase(model_.tables.begin() + static_cast<std::ptrdiff_t>(at));
  model_.states.erase(model_.states.begin() + static_cast<std::ptrdiff_t>(at));
}

bool ScriptApplier::delete_table(const Command& command) {
  if (!choose_table(command, false)) return command.if_exists && error_.message.empty();
  erase_table(table_);
  return true;
}

bool ScriptApplier::chain_in_use(std::string_view name) const {
  bool used = false;
  const auto look = [&](const nft::Expr& expression) {
    used = used || (expression.kind == nft::ExprKind::verdict && expression.verdict.chain == name);
  };
  for (const Chain& chain : table().chains) {
    if (chain.name == name) continue;
    for (const Rule& rule : chain.rules)
      for (const nft::Statement& statement : rule.statements) {
        used = used || (statement.kind == nft::StatementKind::verdict && statement.verdict.chain == name);
        visit_expressions(statement, look);
      }
  }
  for (const nft::Set& set : table().sets)
    for (const nft::Expr& element : set.elements) visit_expressions(element, look);
  return used;
}

void ScriptApplier::erase_chain(std::size_t at) {
  const Registration base{state().serial, state().chains[at]};
  std::erase(model_.registrations, base);
  table().chains.erase(table().chains.begin() + static_cast<std::ptrdiff_t>(at));
  state().chains.erase(state().chains.begin() + static_cast<std::ptrdiff_t>(at));
}

bool ScriptApplier::delete_chain(const Command& command) {
  if (command.table.chains.empty()) return true;
  const std::string& name = command.table.chains[0].name;
  const std::size_t at = chain_named(name);
  if (at == nowhere) {
    if (command.if_exists) return true;
    return fail(command.span, "there is no chain " + quoted(name) + " in table " + quoted(title()));
  }
  if (chain_in_use(name)) return fail(command.span, "chain " + quoted(name) + " is in use: a rule or map jumps to it");
  erase_chain(at);
  return true;
}

bool ScriptApplier::delete_rule(const Command& command) {
  if (command.table.chains.empty()) return true;
  const std::size_t index = chain_named(command.table.chains[0].name);
  if (index == nowhere) {
    if (command.if_exists) return true;
    return fail(command.span,
                "there is no chain " + quoted(command.table.chains[0].name) + " in table " + quoted(title()));
  }
  Chain& chain = table().chains[index];
  for (std::size_t i = 0; i < chain.rules.size(); ++i) {
    const std::uint64_t wanted = command.position.value_or(0);
    if (command.position_is_index ? i != wanted : chain.rules[i].handle != wanted) continue;
    chain.rules.erase(chain.rules.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  if (command.if_exists) return true;
  return fail(command.span, "chain " + quoted(chain.name) + " has no rule with " +
                                (command.position_is_index ? "index " : "handle ") +
                                std::to_string(command.position.value_or(0)));
}

bool ScriptApplier::rename_chain(const Command& command) {
  if (command.table.chains.size() < 2) return true;
  const std::string &from = command.table.chains[0].name, &to = command.table.chains[1].name;
  const std::size_t at = chain_named(from);
  if (at == nowhere) return fail(command.span, "there is no chain " + quoted(from) + " in table " + quoted(title()));
  if (chain_named(to) != nowhere) return fail(command.span, "chain " + quoted(to) + " exists already");
  const auto follow = [&](nft::Verdict& verdict) {
    if (verdict.chain == from) verdict.chain = to;
  };
  table().chains[at].name = to;
  for (Chain& chain : table().chains)
    for (Rule& rule : chain.rules)
      for (nft::Statement& statement : rule.statements) {
        follow(statement.verdict);
        change_verdicts(statement, follow);
      }
  for (nft::Set& set : table().sets)
    for (nft::Expr& element : set.elements) change_verdicts(element, follow);
  return true;
}

bool ScriptApplier::flush(const Command& command) {
  if (command.kind == CommandKind::flush_table || command.table.chains.empty()) {
    for (Chain& chain : table().chains) chain.rules.clear();
    return true;
  }
  const std::string& name = command.table.chains[0].name;
  const std::size_t at = chain_named(name);
  if (at == nowhere) return fail(command.span, "there is no chain " + quoted(name) + " in table " + quoted(title()));
  table().chains[at].rules.clear();
  return true;
}

}  // namespace fourtuple::netfilter
