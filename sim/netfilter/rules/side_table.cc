#include "sim/netfilter/rules/side_table.h"

#include <algorithm>

#include "sim/netfilter/nft/print.h"
#include "sim/netfilter/nft/print_expression.h"
#include "sim/netfilter/rules/elements.h"
#include "sim/netfilter/rules/position.h"

namespace fourtuple::netfilter {
namespace {

using nft::Expr;
using nft::Statement;
using nft::StatementKind;
using trace::ListingPiece;
using trace::TextSpan;

class SideTable {
 public:
  SideTable(const Model& model, const nft::Script& source, const Compiled& compiled, trace::RulesetInfo& info)
      : model_(model), positions_(source), compiled_(compiled), info_(info) {}

  void fill() {
    for (const nft::Table& table : model_.tables) {
      for (const nft::Chain& chain : table.chains) add_chain(table, chain);
      for (const nft::Set& set : table.sets) add_set(table, set, compiled_.set_codes.at(&set));
    }
    info_.objects = compiled_.objects;
    fill_listing();
  }

 private:
  TextSpan place(nft::Span span) const {
    if (!model_.of_one_script) return {};
    const SourcePosition at = positions_.at(span.begin);
    return {span.begin, span.end, static_cast<std::uint32_t>(at.line), static_cast<std::uint32_t>(at.column)};
  }

  void add_chain(const nft::Table& table, const nft::Chain& chain) {
    trace::ChainInfo& entry = info_.chains.emplace_back();
    entry.family = name_of(table.family);
    entry.table = table.name;
    entry.name = chain.name;
    entry.base = chain.hook.has_value();
    if (chain.hook) {
      entry.type = name_of(chain.hook->type);
      entry.hook = name_of(chain.hook->point);
      entry.priority = chain.hook->priority;
      entry.priority_text = nft::print_priority(*chain.hook, table.family);
      entry.policy = chain.hook->accept ? "accept" : "drop";
    }
    entry.first_rule = static_cast<std::uint32_t>(info_.rules.size());
    entry.rule_count = static_cast<std::uint32_t>(chain.rules.size());
    entry.span = place(chain.span);
    for (std::size_t i = 0; i < chain.rules.size(); ++i) add_rule(table, chain, static_cast<std::uint32_t>(i));
  }

  void add_rule(const nft::Table& table, const nft::Chain& chain, std::uint32_t number) {
    const nft::Rule& rule = chain.rules[number];
    trace::RuleInfo& entry = info_.rules.emplace_back();
    entry.chain = static_cast<std::uint32_t>(info_.chains.size() - 1);
    entry.number = number;
    entry.text = nft::print_rule(rule, table.family, &table);
    entry.comment = rule.comment;
    entry.first_expression = static_cast<std::uint32_t>(info_.expressions.size());
    entry.expression_count = static_cast<std::uint32_t>(rule.statements.size());
    entry.span = place(rule.span);
    for (const Statement& statement : rule.statements) add_statement(table, chain, number, statement);
  }

  void add_statement(const nft::Table& table, const nft::Chain& chain, std::uint32_t rule, const Statement& statement) {
    trace::ExpressionInfo& entry = info_.expressions.emplace_back();
    entry.text = nft::print_statement(statement, table.family, &table);
    entry.span = place(statement.span);
    entry.object = object_of(table, statement);
    entry.not_simulated = statement.not_simulated;
    if (!statement.left.empty()) {
      const Expr& left = key_of(statement.left[0]);
      entry.subject = nft::print_expression(left, table.family);
      const std::vector<Expr> one{left};
      for (const Expr& part : left.kind == nft::ExprKind::concatenation ? left.parts : one) {
        const std::uint32_t bits = bits_of(part);
        entry.types.push_back(static_cast<std::uint8_t>(part.type));
        entry.widths.push_back(static_cast<std::uint8_t>(bits == 0 ? 32 : bits));
      }
    }
    const bool synproxy = statement.kind == StatementKind::synproxy ||
                          (statement.kind == StatementKind::object && statement.what == "synproxy");
    if (synproxy) {  // records tell the MSS of the cookie
      entry.types.push_back(static_cast<std::uint8_t>(nft::Type::integer));
      entry.widths.push_back(16);
    }
    if (!statement.not_simulated.empty()) {
      const std::string line = entry.span.line != 0 ? "line " + std::to_string(entry.span.line) + ": " : "";
      info_.notes.push_back(line + std::string(name_of(table.family)) + " " + table.name + " " + chain.name + " rule " +
                            std::to_string(rule + 1) + ": " + entry.text + ": " + statement.not_simulated);
    }
    if (const auto meter = compiled_.meter_codes.find(&statement); meter != compiled_.meter_codes.end())
      add_meter(table, statement, meter->second);
  }

  std::uint32_t object_of(const nft::Table& table, const Statement& statement) const {
    const auto own = compiled_.statement_objects.find(&statement);
    if (own != compiled_.statement_objects.end()) return own->second;
    if (statement.text.empty()) return no_index;
    for (const nft::Object& object : table.objects) {
      const bool same = (object.kind == nft::ObjectKind::counter && statement.kind == StatementKind::counter) ||
                        (object.kind == nft::ObjectKind::quota && statement.kind == StatementKind::quota) ||
                        (object.kind == nft::ObjectKind::limit && statement.kind == StatementKind::limit);
      if (same && object.name == statement.text) return compiled_.named_objects.at(&object);
    }
    return no_index;
  }

  static void put_types(const SetTypes& types, std::vector<std::uint8_t>& kinds, std::vector<std::uint8_t>& widths) {
    for (const nft::Type type : types.types) kinds.push_back(static_cast<std::uint8_t>(type));
    widths = types.bits;
  }

  // The statements of a set's elements, their values open.
  std::vector<ListingPiece> attached(const nft::Table& table, std::uint32_t code) const {
    using Kind = ListingPiece::Kind;
    std::vector<ListingPiece> pieces;
    const auto found = compiled_.attached.find(code);
    if (found == compiled_.attached.end()) return pieces;
    std::uint32_t object = 0;
    for (const Statement& statement : *found->second) {
      pieces.push_back({Kind::text, " " + nft::print_statement(statement, table.family, &table), 0});
      if (statement.kind == StatementKind::counter) {
        pieces.back().text += " ";
        pieces.push_back({Kind::counter, {}, object});
      }
      if (statement.kind == StatementKind::quota) pieces.push_back({Kind::quota_used, {}, object});
      ++object;
    }
    return pieces;
  }

  void add_set(const nft::Table& table, const nft::Set& set, std::uint32_t code) {
    trace::SetInfo& entry = info_.sets.emplace_back();
    entry.id = compiled_.program.sets[code].id;
    entry.family = name_of(table.family);
    entry.table = table.name;
    entry.name = set.name;
    entry.is_map = set.is_map;
    entry.timeout_ns = compiled_.program.sets[code].timeout_ns;
    entry.attached = attached(table, code);
    put_types(key_types(set), entry.types, entry.widths);
    put_types(data_types(set), entry.data_types, entry.data_widths);
    entry.timeout_ns = compiled_.program.sets[code].timeout_ns;
    if (lives_in_state(set)) attach(set, code, entry);
  }

  // The statements of each element, as the compiler gave them objects.
  void attach(const nft::Set& set, std::uint32_t code, trace::SetInfo& entry) const {
    const SetCode& compiled = compiled_.program.sets[code];
    std::uint32_t object = 0;
    for (const Statement& statement : set.statements) {
      const bool counter = statement.kind == StatementKind::counter, quota = statement.kind == StatementKind::quota;
      entry.attached.push_back({ListingPiece::Kind::text,
                                " " + nft::print_stateful(statement, nft::Numbers::none) + (counter ? " " : ""), 0});
      if (object < compiled.inner_count && counter) entry.attached.push_back({ListingPiece::Kind::counter, "", object});
      if (object < compiled.inner_count && quota)
        entry.attached.push_back({ListingPiece::Kind::quota_used, "", object});
      ++object;
    }
  }

  void add_meter(const nft::Table& table, const Statement& statement, std::uint32_t code) {
    trace::SetInfo& entry = info_.sets.emplace_back();
    entry.id = compiled_.program.sets[code].id;
    entry.family = name_of(table.family);
    entry.table = table.name;
    entry.name = statement.text;
    entry.timeout_ns = statement.timeout_ms.value_or(0) * 1'000'000;
    entry.attached = attached(table, code);
    entry.types = info_.expressions.back().types;
    entry.widths = info_.expressions.back().widths;
  }

  void fill_listing() {
    nft::ListingIds ids;
    ids.object_of_statement = [this](const Statement& statement) {
      const auto found = compiled_.statement_objects.find(&statement);
      return found == compiled_.statement_objects.end() ? no_index : found->second;
    };
    ids.object_of_object = [this](const nft::Table&, const nft::Object& object) {
      const auto found = compiled_.named_objects.find(&object);
      return found == compiled_.named_objects.end() ? no_index : found->second;
    };
    ids.set = [this](const nft::Table&, const nft::Set& set) {
      return compiled_.program.sets[compiled_.set_codes.at(&set)].id;
    };
    info_.listing = nft::print_ruleset(model_.tables, ids);
    info_.elements = nft::listed_elements(model_.tables, ids);
  }

  const Model& model_;
  Positions positions_;
  const Compiled& compiled_;
  trace::RulesetInfo& info_;
};

// The listing as text for people: values are those of a fresh ruleset.
class ListingText {
 public:
  explicit ListingText(trace::RulesetInfo& info) : info_(info) {}

  void place_all() {
    for (const ListingPiece& piece : info_.listing) {
      if (piece.kind == ListingPiece::Kind::text) info_.text += piece.text;
      if (piece.kind == ListingPiece::Kind::counter) info_.text += "packets 0 bytes 0";
    }
    std::size_t at = 0;
    for (std::size_t i = 0; i < info_.chains.size(); ++i) {
      trace::ChainInfo& chain = info_.chains[i];
      const bool first =
          i == 0 || info_.chains[i - 1].table != chain.table || info_.chains[i - 1].family != chain.family;
      if (first) at = find("table " + chain.family + " " + chain.table + " {", at);
      const std::size_t begin = find("chain " + chain.name + " {", at);
      at = begin;
      for (std::uint32_t k = 0; k < chain.rule_count; ++k) at = place_rule(info_.rules[chain.first_rule + k], at);
      at = find("}", at);
      chain.span = span(begin, at + 1);
    }
  }

 private:
  std::size_t find(const std::string& what, std::size_t from) const {
    const std::size_t at = info_.text.find(what, from);
    return at == std::string::npos ? from : at;
  }
  std::size_t place_rule(trace::RuleInfo& rule, std::size_t from) {
    // The rule is the line that begins with its first statement and holds the others in order.
    const std::size_t count = rule.expression_count;
    std::size_t begin = from, end = from;
    for (std::size_t i = 0; i < count; ++i) {
      trace::ExpressionInfo& expression = info_.expressions[rule.first_expression + i];
      const std::size_t at = find((i == 0 ? "\t\t" : "") + expression.text, end) + (i == 0 ? 2 : 0);
      if (i == 0) begin = at;
      end = at + expression.text.size();
      expression.span = span(at, end);
    }
    const std::size_t line_end = std::min(info_.text.find('\n', end), info_.text.size());
    rule.span = span(begin, line_end);
    return line_end;
  }
  TextSpan span(std::size_t begin, std::size_t end) const {
    const auto until = info_.text.begin() + static_cast<std::ptrdiff_t>(std::min(begin, info_.text.size()));
    const auto lines = std::count(info_.text.begin(), until, '\n');
    const std::size_t newline = begin == 0 ? std::string::npos : info_.text.rfind('\n', begin - 1);
    const std::size_t column = newline == std::string::npos ? begin : begin - newline - 1;
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), static_cast<std::uint32_t>(lines + 1),
            static_cast<std::uint32_t>(column + 1)};
  }

  trace::RulesetInfo& info_;
};

}  // namespace

void fill_side_table(const Model& model, const nft::Script& source, const Compiled& compiled, HostId host,
                     trace::RulesetInfo& info) {
  info = {};
  info.host = host;
  info.source_name = source.source_name;
  SideTable(model, source, compiled, info).fill();
  if (!model.of_one_script) {
    info.source_name = "nft list ruleset";
    info.sources = {{info.source_name, 0, 1}};
    return ListingText(info).place_all();
  }
  info.text = source.text;
  for (const nft::ScriptSource& part : source.sources)
    info.sources.push_back({part.name, part.begin, static_cast<std::uint32_t>(part.first_line)});
}

}  // namespace fourtuple::netfilter
