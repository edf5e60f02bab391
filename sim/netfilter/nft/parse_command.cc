#include "sim/netfilter/nft/parse_command.h"

#include <algorithm>

#include "sim/base/nearest.h"
#include "sim/netfilter/nft/parse_block.h"
#include "sim/netfilter/nft/parse_expression.h"
#include "sim/netfilter/nft/parse_statement.h"

namespace fourtuple::nft {
namespace {

constexpr std::string_view commands[] = {
    "table",   "chain", "rule",  "set",    "map",  "element", "add",     "create",  "insert", "replace", "delete",
    "destroy", "flush", "reset", "rename", "list", "define",  "include", "counter", "quota",  "limit",   "flowtable"};
constexpr std::uint64_t any_handle = ~std::uint64_t{0};

bool take_family(Parser& p, TableFamily& family) {
  struct Family {
    std::string_view word;
    TableFamily family;
  };
  constexpr Family families[] = {{"ip", TableFamily::ip},         {"ip6", TableFamily::ip6},
                                 {"inet", TableFamily::inet},     {"arp", TableFamily::arp},
                                 {"bridge", TableFamily::bridge}, {"netdev", TableFamily::netdev}};
  for (const Family& entry : families) {
    if (!p.take_word(entry.word)) continue;
    family = entry.family;
    return true;
  }
  return false;
}

// Two tables of one command; the family decides how the rest is read.
bool parse_table_name(Parser& p, Command& command) {
  command.table.family = TableFamily::ip;
  take_family(p, command.table.family);
  p.family = command.table.family;
  return parse_name(p, command.table.name, "the name of a table");
}

bool not_simulated(TableFamily family) {
  return family == TableFamily::arp || family == TableFamily::bridge || family == TableFamily::netdev;
}

void warn_family(Parser& p, const Command& command, Span where) {
  if (!not_simulated(command.table.family)) return;
  p.warn(where, "tables of the family " + std::string(name_of(command.table.family)) +
                    " are not simulated: this has no effect");
}

// `handle N` instead of a name, where the command takes it.
bool take_handle(Parser& p, Command& command, bool& ok) {
  if (!p.take_word("handle")) return false;
  std::uint64_t handle = 0;
  ok = parse_number(p, handle, any_handle, "a handle");
  command.position = handle;
  return true;
}

bool parse_name_or_handle(Parser& p, Command& command, std::string& name, std::string_view expected, bool handle) {
  bool ok = true;
  if (handle && take_handle(p, command, ok)) return ok;
  return parse_name(p, name, expected);
}

// --- add, create, insert, replace ---
bool parse_add_table(Parser& p, Command& command, const Token& head) {
  command.kind = CommandKind::table;
  const std::uint32_t begin = p.now().begin;
  if (!parse_table_name(p, command)) return false;
  warn_family(p, command, {begin, p.taken_end()});
  p.quiet = not_simulated(p.family);
  const bool ok = !p.is(TokenKind::brace_open) || parse_table_block(p, command.table);
  p.quiet = false;
  command.table.span = {head.begin, p.taken_end()};
  return ok;
}

bool parse_add_chain(Parser& p, Command& command, const Token& head) {
  command.kind = CommandKind::chain;
  Chain& chain = command.table.chains.emplace_back();
  if (!parse_table_name(p, command) || !parse_name(p, chain.name, "the name of a chain")) return false;
  const bool ok = !p.is(TokenKind::brace_open) || parse_chain_block(p, chain);
  chain.span = {head.begin, p.taken_end()};
  return ok;
}

bool parse_rule_place(Parser& p, Command& command) {
  const bool index = p.is_word("index");
  if (!index && !p.is_word("handle") && !p.is_word("position")) return true;
  p.take();
  std::uint64_t number = 0;
  command.position_is_index = index;
  if (!parse_number(p, number, any_handle - 1, "a number")) return false;
  command.position = number;
  return true;
}

bool parse_rule_command(Parser& p, Command& command) {
  command.kind = CommandKind::rule;
  Chain& chain = command.table.chains.emplace_back();
  if (!parse_table_name(p, command) || !parse_name(p, chain.name, "the name of a chain")) return false;
  if (command.replace) {
    std::uint64_t handle = 0;
    if (!p.need_word("handle") || !parse_number(p, handle, any_handle, "a handle")) return false;
    command.position = handle;
  } else if (!parse_rule_place(p, command)) {
    return false;
  }
  return parse_rule(p, chain.rules.emplace_back());
}

bool parse_add_set(Parser& p, Command& command, const Token& head) {
  command.kind = CommandKind::set;
  Set& set = command.table.sets.emplace_back();
  set.is_map = head.text == "map";
  if (!parse_table_name(p, command) || !parse_name(p, set.name, "a name") || !parse_set_block(p, set)) return false;
  set.span = {head.begin, p.taken_end()};
  return true;
}

bool parse_elements_command(Parser& p, Command& command, KnownSets& sets) {
  Set& set = command.table.sets.emplace_back();
  Expr elements;
  if (!parse_table_name(p, command) || !parse_name(p, set.name, "the name of a set")) return false;
  const std::uint32_t begin = p.now().begin;
  if (!parse_set_reference(p, elements, true)) return false;
  set.span = {begin, p.taken_end()};
  if (elements.kind != ExprKind::anonymous_set) return p.fail(elements.span, "these are no elements", "{ … }");
  set.elements = elements_of(std::move(elements));
  const auto known = sets.find({command.table.family, command.table.name, set.name});
  if (known == sets.end()) return true;
  set.is_map = known->second.is_map;
  ParserFaults faults(p);
  // A set's elements are deleted by key alone or with their data.
  Set definition = known->second;
  const bool keys_only =
      std::all_of(set.elements.begin(), set.elements.end(), [](const Expr& e) { return e.parts.size() == 1; });
  if (command.kind == CommandKind::delete_element && keys_only) definition.data.clear();
  check_elements(faults, set.elements, definition);
  return true;
}

bool parse_add_object(Parser& p, Command& command) {
  command.kind = CommandKind::object;
  const Token head = p.now();
  Object& object = command.table.objects.emplace_back();
  if (!parse_object_kind(p, object.kind) || !parse_table_name(p, command) || !parse_name(p, object.name, "a name"))
    return false;
  bool ok = true;
  if (p.is(TokenKind::brace_open))
    ok = parse_object_block(p, object);
  else if (object.kind != ObjectKind::counter || !(p.at_separator() || p.is(TokenKind::end)))
    ok = parse_object_line(p, object);
  if (object.kind == ObjectKind::counter) object.value.kind = StatementKind::counter;
  object.span = {head.begin, p.taken_end()};
  return ok;
}

bool parse_add_flowtable(Parser& p, Command& command, const Token& head) {
  command.kind = CommandKind::object;
  Flowtable& flowtable = command.table.flowtables.emplace_back();
  if (!parse_table_name(p, command) || !parse_name(p, flowtable.name, "the name of a flowtable") ||
      !parse_flowtable_block(p, flowtable))
    return false;
  flowtable.span = {head.begin, p.taken_end()};
  return true;
}

// [family] table chain …: a rule without the word.
bool begins_rule(const Parser& p) {
  const bool family = p.is_word("ip") || p.is_word("ip6") || p.is_word("inet") || p.is_word("arp") ||
                      p.is_word("bridge") || p.is_word("netdev");
  const auto is_name = [&](std::size_t at) {
    return p.ahead(at).kind == TokenKind::literal ||
           (p.ahead(at).kind == TokenKind::word && !is_reserved(p.ahead(at).text));
  };
  const std::size_t at = family ? 1 : 0;
  const TokenKind third = p.ahead(at + 2).kind;
  return is_name(at) && is_name(at + 1) && third != TokenKind::brace_open && third != TokenKind::newline &&
         third != TokenKind::semicolon && third != TokenKind::end;
}

bool unknown_command(Parser& p, std::string_view expected) {
  const Token word = p.now();
  if (word.kind != TokenKind::word) return p.unexpected(expected);
  return p.fail({word.begin, word.end}, "unknown command '" + shortened(word.text) + "'", std::string(expected),
                nearest(word.text, commands));
}

bool parse_add(Parser& p, Command& command, KnownSets& sets) {
  const Token head = p.now();
  if (p.take_word("table")) return parse_add_table(p, command, head);
  if (p.take_word("chain")) return parse_add_chain(p, command, head);
  if (p.take_word("rule")) return parse_rule_command(p, command);
  if (p.take_word("set") || p.take_word("map")) return parse_add_set(p, command, head);
  if (p.take_word("element")) {
    command.kind = CommandKind::element;
    return parse_elements_command(p, command, sets);
  }
  if (p.take_word("flowtable")) return parse_add_flowtable(p, command, head);
  if (begins_object(p)) return parse_add_object(p, command);
  if (begins_rule(p)) return parse_rule_command(p, command);
  return unknown_command(p, "a command such as table, add or flush");
}

// --- delete ---
bool parse_delete_rule(Parser& p, Command& command) {
  command.kind = CommandKind::delete_rule;
  bool ok = true;
  if (!parse_table_name(p, command) || !parse_name(p, command.table.chains.emplace_back().name, "the name of a chain"))
    return false;
  return take_handle(p, command, ok) ? ok : p.need_word("handle");
}

bool parse_delete(Parser& p, Command& command, KnownSets& sets) {
  static constexpr std::string_view words[] = {"table",   "chain", "rule",  "set", "map",       "element",
                                               "counter", "quota", "limit", "ct",  "flowtable", "synproxy"};
  if (p.take_word("table")) {
    command.kind = CommandKind::delete_table;
    take_family(p, command.table.family);
    return parse_name_or_handle(p, command, command.table.name, "the name of a table", true);
  }
  if (p.take_word("rule")) return parse_delete_rule(p, command);
  if (p.take_word("element")) {
    command.kind = CommandKind::delete_element;
    return parse_elements_command(p, command, sets);
  }
  std::string* name = nullptr;
  if (p.take_word("chain")) {
    command.kind = CommandKind::delete_chain;
    name = &command.table.chains.emplace_back().name;
  } else if (p.is_word("set") || p.is_word("map")) {
    command.kind = CommandKind::delete_set;
    Set& set = command.table.sets.emplace_back();
    set.is_map = p.take().text == "map";
    name = &set.name;
  } else if (p.take_word("flowtable")) {
    command.kind = CommandKind::delete_object;
    name = &command.table.flowtables.emplace_back().name;
  } else if (begins_object(p)) {
    command.kind = CommandKind::delete_object;
    Object& object = command.table.objects.emplace_back();
    if (!parse_object_kind(p, object.kind)) return false;
    name = &object.name;
  } else {
    return p.unexpected("what to delete: table, chain, rule, set, map, element or an object", words);
  }
  if (!parse_table_name(p, command) || !parse_name_or_handle(p, command, *name, "a name", true)) return false;
  if (command.table.flowtables.empty() || !p.is(TokenKind::brace_open)) return true;
  return parse_flowtable_block(p, command.table.flowtables[0]);
}

// --- flush, reset, rename, list ---
bool parse_flush(Parser& p, Command& command) {
  static constexpr std::string_view words[] = {"ruleset", "table", "chain", "set", "map", "meter"};
  if (p.take_word("ruleset")) {
    command.kind = CommandKind::flush_ruleset;
    TableFamily family = TableFamily::ip;
    if (take_family(p, family)) command.only_family = family;
    return true;
  }
  if (p.take_word("table")) {
    command.kind = CommandKind::flush_table;
    return parse_table_name(p, command);
  }
  if (p.take_word("chain")) {
    command.kind = CommandKind::flush_chain;
    return parse_table_name(p, command) &&
           parse_name(p, command.table.chains.emplace_back().name, "the name of a chain");
  }
  if (p.take_word("set") || p.take_word("map") || p.take_word("meter")) {
    command.kind = CommandKind::flush_set;
    return parse_table_name(p, command) && parse_name(p, command.table.sets.emplace_back().name, "the name of a set");
  }
  return p.unexpected("what to flush: ruleset, table, chain, set, map or meter", words);
}

// Counters and quotas, of everything, of a family, of a table, or one. The object without a name stands for all.
bool parse_reset(Parser& p, Command& command) {
  static constexpr std::string_view words[] = {"counters", "counter", "quotas", "quota"};
  const bool known =
      std::any_of(std::begin(words), std::end(words), [&](std::string_view word) { return p.is_word(word); });
  if (!known) return p.unexpected("what to reset: counters, counter, quotas or quota", words);
  command.kind = CommandKind::reset;
  const Token what = p.take();
  Object& object = command.table.objects.emplace_back();
  object.kind = what.text.starts_with("counter") ? ObjectKind::counter : ObjectKind::quota;
  if (!what.text.ends_with('s')) return parse_table_name(p, command) && parse_name(p, object.name, "a name");
  if (p.take_word("table")) return parse_table_name(p, command);
  TableFamily family = TableFamily::ip;
  if (take_family(p, family)) command.only_family = family;
  return true;
}

bool parse_rename(Parser& p, Command& command) {
  command.kind = CommandKind::rename_chain;
  command.table.chains.resize(2);
  return p.need_word("chain") && parse_table_name(p, command) &&
         parse_name(p, command.table.chains[0].name, "the name of a chain") &&
         parse_name(p, command.table.chains[1].name, "its new name");
}

// --- list, get, describe: read and without effect ---
bool is_any(const Parser& p, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return p.is_word(word); });
}

bool parse_list(Parser& p, Command& command) {
  static constexpr std::string_view all[] = {"ruleset", "tables", "chains", "flowtables", "maps", "meters", "hooks"};
  static constexpr std::string_view all_or_table[] = {"sets", "counters", "quotas", "limits", "secmarks", "synproxys"};
  static constexpr std::string_view one[] = {"chain",   "set",   "map",   "meter",   "flowtable",
                                             "counter", "quota", "limit", "secmark", "synproxy"};
  static constexpr std::string_view words[] = {"ruleset", "tables", "table", "chains", "chain",
                                               "sets",    "set",    "maps",  "map"};
  std::string name;
  TableFamily family = TableFamily::ip;
  if (is_any(p, all)) {
    const bool hooks = p.take().text == "hooks";
    take_family(p, family);
    return !hooks || !p.take_word("device") || parse_name(p, name, "the name of a device");
  }
  if (is_any(p, all_or_table)) {
    p.take();
    if (p.take_word("table")) return parse_table_name(p, command);
    take_family(p, family);
    return true;
  }
  if (p.take_word("table")) return parse_table_name(p, command);
  if (p.take_word("ct")) {
    constexpr std::string_view kinds[] = {"helper", "helpers", "timeout", "expectation"};
    if (!is_any(p, kinds)) return p.unexpected("helper, timeout or expectation", kinds);
    p.take();
    if (p.take_word("table")) return parse_table_name(p, command);
  } else if (is_any(p, one)) {
    p.take();
  } else {
    return p.unexpected("what to list: ruleset, table, chain, set, map or another part", words);
  }
  return parse_table_name(p, command) && parse_name(p, name, "a name");
}

bool parse_get(Parser& p, Command& command) {
  Expr elements;
  std::string name;
  return p.need_word("element") && parse_table_name(p, command) && parse_name(p, name, "the name of a set") &&
         parse_set_reference(p, elements, true);
}

bool parse_describe(Parser& p) {
  Expr expr;
  return parse_concat(p, expr, Side::left);
}

bool parse_words(Parser& p, Command& command, KnownSets& sets) {
  if (p.take_word("add")) return parse_add(p, command, sets);
  if (p.take_word("create")) return command.create = true, parse_add(p, command, sets);
  if (p.take_word("insert")) return command.at_front = true, p.need_word("rule") && parse_rule_command(p, command);
  if (p.take_word("replace")) return command.replace = true, p.need_word("rule") && parse_rule_command(p, command);
  if (p.take_word("delete")) return parse_delete(p, command, sets);
  if (p.take_word("destroy")) return command.if_exists = true, parse_delete(p, command, sets);
  if (p.take_word("flush")) return parse_flush(p, command);
  if (p.take_word("reset")) return parse_reset(p, command);
  if (p.take_word("rename")) return parse_rename(p, command);
  command.kind = CommandKind::list;
  if (p.take_word("list")) return parse_list(p, command);
  if (p.take_word("get")) return parse_get(p, command);
  if (p.take_word("describe")) return parse_describe(p);
  for (const std::string_view word : {"monitor", "export", "import"})
    if (p.is_word(word)) return p.unexpected("a command that changes rules");
  return parse_add(p, command, sets);
}

}  // namespace

bool parse_command(Parser& p, KnownSets& sets) {
  Command command;
  command.span.begin = p.now().begin;
  if (!parse_words(p, command, sets)) return false;
  command.span.end = p.taken_end();
  if (!p.is(TokenKind::end) && !p.need_separator()) return false;
  if (command.kind != CommandKind::table && command.kind != CommandKind::list) warn_family(p, command, command.span);
  if (command.kind == CommandKind::table || command.kind == CommandKind::set)
    for (Set& set : command.table.sets) {
      std::vector<Expr> elements = std::move(set.elements);  // there may be many
      Set definition = set;
      set.elements = std::move(elements);
      sets.insert_or_assign({command.table.family, command.table.name, set.name}, std::move(definition));
    }
  p.script.commands.push_back(std::move(command));
  return true;
}

}  // namespace fourtuple::nft
