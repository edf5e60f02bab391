#include "tests/sim/netfilter/nft/tables.h"

#include <algorithm>
#include <string_view>

namespace fourtuple::nft::test {
namespace {

template <class Items>
auto& named(Items& items, const std::string& name) {
  const auto at = std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.name == name; });
  if (at != items.end()) return *at;
  auto& made = items.emplace_back();
  made.name = name;
  return made;
}

Table& table_for(std::vector<Table>& tables, const Table& wanted) {
  for (Table& table : tables)
    if (table.family == wanted.family && table.name == wanted.name) return table;
  Table& table = tables.emplace_back();
  table.family = wanted.family;
  table.name = wanted.name;
  table.comment = wanted.comment;
  table.flags = wanted.flags;
  return table;
}

// Interfaces have numbers only where rules are loaded; these are in the order of nft_listing.py's.
void number_interfaces(Expr& expr) {
  constexpr std::string_view names[] = {"lo", "eth0", "eth1", "lan", "wan", "lan0", "wan0", "br0", "wg0"};
  if (expr.kind == ExprKind::value && expr.type == Type::iface_index && !expr.text.empty())
    expr.value = static_cast<std::uint64_t>(std::find(std::begin(names), std::end(names), expr.text) - names) + 1;
  for (Expr& part : expr.parts) number_interfaces(part);
}

void number_interfaces(Table& table) {
  for (Set& set : table.sets)
    for (Expr& element : set.elements) number_interfaces(element);
  for (Chain& chain : table.chains)
    for (Rule& rule : chain.rules)
      for (Statement& statement : rule.statements)
        for (Expr& expr : statement.right) number_interfaces(expr);
}

void add(Table& table, const Command& command, const Script& script) {
  const Table& more = command.table;
  for (const Chain& chain : more.chains) {
    Chain& mine = named(table.chains, chain.name);
    if (chain.hook) mine.hook = chain.hook;
    if (!chain.comment.empty()) mine.comment = chain.comment;
    const auto at = command.at_front ? mine.rules.begin() : mine.rules.end();
    mine.rules.insert(at, chain.rules.begin(), chain.rules.end());
  }
  for (const Set& set : more.sets) {
    Set& mine = named(table.sets, set.name);
    if (!set.key.empty()) {
      mine = set;
      continue;
    }
    std::vector<Expr> elements = set.elements;
    type_elements(script, elements, mine);
    mine.elements.insert(mine.elements.end(), elements.begin(), elements.end());
  }
  for (const Object& object : more.objects) table.objects.push_back(object);
  for (const Flowtable& flowtable : more.flowtables) table.flowtables.push_back(flowtable);
}

}  // namespace

Built build_tables(const std::string& text) {
  Built built;
  const ParseResult parsed = parse(text);
  if (!parsed.errors.empty()) {
    built.error = parsed.errors[0].to_string();
    return built;
  }
  for (const Command& command : parsed.script.commands) {
    if (command.kind == CommandKind::flush_ruleset)
      built.tables.clear();
    else if (command.kind <= CommandKind::element)
      add(table_for(built.tables, command.table), command, parsed.script);
  }
  for (Table& table : built.tables) number_interfaces(table);
  return built;
}

}  // namespace fourtuple::nft::test
