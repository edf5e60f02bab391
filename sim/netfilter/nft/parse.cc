#include "sim/netfilter/nft/parse.h"

#include <algorithm>

#include "sim/netfilter/nft/parse_block.h"
#include "sim/netfilter/nft/parse_command.h"
#include "sim/netfilter/nft/parser.h"

namespace fourtuple::nft {
namespace {

// Faults as errors with places in a script.
class ScriptFaults final : public Faults {
 public:
  explicit ScriptFaults(const Script& script) : script_(script) {}
  bool fault(Span where, std::string message, std::string expected, std::string suggestion) override {
    if (errors.size() < Parser::most_errors)
      errors.push_back(
          {position(script_, where.begin), std::move(message), std::move(expected), std::move(suggestion)});
    return false;
  }

  std::vector<Error> errors;

 private:
  const Script& script_;
};

bool type_parts(Faults& faults, Statement& update, const Set& definition) {
  const auto type = [&](std::vector<Expr>& part, const Wants& wants) {
    return part.empty() || wants.empty() || resolve(faults, part[0], wants);
  };
  const bool selected = !update.left.empty() && !wants_of(update.left[0]).empty();
  const bool read = !update.right.empty() && !wants_of(update.right[0]).empty();
  return (selected || type(update.left, key_wants(definition))) && (read || type(update.right, data_wants(definition)));
}

// A set that rules of the same script add to: its constants get their types, and nft gives it a size
// and makes it dynamic.
void link_sets(Parser& p) {
  constexpr std::uint32_t default_size = 65535;
  std::map<std::tuple<TableFamily, std::string, std::string>, Set*> sets;
  for (Command& command : p.script.commands)
    if (command.kind == CommandKind::table || command.kind == CommandKind::set)
      for (Set& set : command.table.sets) sets[{command.table.family, command.table.name, set.name}] = &set;
  ParserFaults faults(p);
  for (Command& command : p.script.commands)
    for (Chain& chain : command.table.chains)
      for (Rule& rule : chain.rules)
        for (Statement& statement : rule.statements) {
          if (statement.kind != StatementKind::set_update) continue;
          const auto found = sets.find({command.table.family, command.table.name, statement.text});
          if (found == sets.end()) continue;
          if (found->second->size == 0) found->second->size = default_size;
          if (!found->second->is_map) found->second->flags |= SetFlag::dynamic;
          type_parts(faults, statement, *found->second);
        }
}

}  // namespace

ParseResult parse(std::string_view text, const ParseOptions& options) {
  Parser p(text, options);
  KnownSets sets;
  while (!p.is(TokenKind::end)) {
    if (p.at_separator()) {
      p.take();
      continue;
    }
    const int depth = p.brace_depth();
    if (begins_definition(p) ? parse_definition(p) : parse_command(p, sets)) continue;
    p.recover(depth);
    if (p.is(TokenKind::brace_close)) p.take();  // one too many
  }
  if (p.error_count() == 0) link_sets(p);
  return std::move(p).finish();
}

SourcePosition position(const Script& script, std::uint32_t offset) {
  const auto after = std::upper_bound(script.sources.begin(), script.sources.end(), offset,
                                      [](std::uint32_t at, const ScriptSource& source) { return at < source.begin; });
  if (after == script.sources.begin()) return {script.source_name, 0, 0};
  const ScriptSource& source = *std::prev(after);
  const std::string_view before =
      std::string_view(script.text)
          .substr(source.begin, std::min<std::size_t>(offset, script.text.size()) - source.begin);
  const auto lines = static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto column = static_cast<int>(before.size() - line_start) + 1;
  return {source.name, source.first_line + lines, lines == 0 ? source.first_column + column - 1 : column};
}

std::vector<Error> type_elements(const Script& script, std::vector<Expr>& elements, const Set& definition) {
  ScriptFaults faults(script);
  check_elements(faults, elements, definition);
  return std::move(faults.errors);
}

std::vector<Error> type_update(const Script& script, Statement& update, const Set& definition) {
  ScriptFaults faults(script);
  type_parts(faults, update, definition);
  return std::move(faults.errors);
}

}  // namespace fourtuple::nft
