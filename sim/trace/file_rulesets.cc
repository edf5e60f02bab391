// Rulesets in a trace file: the side table that netfilter's records refer to.
#include "sim/trace/file_tables.h"

namespace fourtuple::trace::detail {
namespace {

void write_span(ByteWriter& to, const TextSpan& span) {
  to.number(span.begin);
  to.number(span.end);
  to.number(span.line);
  to.number(span.column);
}

TextSpan read_span(ByteReader& from, std::size_t text_size) {
  TextSpan span;
  span.begin = from.number<std::uint32_t>();
  span.end = from.number<std::uint32_t>();
  span.line = from.number<std::uint32_t>();
  span.column = from.number<std::uint32_t>();
  if (span.begin > span.end || span.end > text_size) from.fail();
  return span;
}

void write_small(ByteWriter& to, const std::vector<std::uint8_t>& values) {
  to.number(static_cast<std::uint64_t>(values.size()));
  for (std::uint8_t value : values) to.number(value);
}

std::vector<std::uint8_t> read_small(ByteReader& from) {
  std::vector<std::uint8_t> values(from.count(1));
  for (std::uint8_t& value : values) value = from.number<std::uint8_t>();
  return values;
}

void write_chain(ByteWriter& to, const ChainInfo& chain) {
  to.text(chain.family);
  to.text(chain.table);
  to.text(chain.name);
  to.number(static_cast<std::uint8_t>(chain.base ? 1 : 0));
  to.text(chain.type);
  to.text(chain.hook);
  to.number(chain.priority);
  to.text(chain.priority_text);
  to.text(chain.policy);
  to.number(chain.first_rule);
  to.number(chain.rule_count);
  write_span(to, chain.span);
}

ChainInfo read_chain(ByteReader& from, std::size_t text_size) {
  ChainInfo chain;
  chain.family = from.text();
  chain.table = from.text();
  chain.name = from.text();
  chain.base = from.number<std::uint8_t>() != 0;
  chain.type = from.text();
  chain.hook = from.text();
  chain.priority = from.number<std::int32_t>();
  chain.priority_text = from.text();
  chain.policy = from.text();
  chain.first_rule = from.number<std::uint32_t>();
  chain.rule_count = from.number<std::uint32_t>();
  chain.span = read_span(from, text_size);
  return chain;
}

void write_rule(ByteWriter& to, const RuleInfo& rule) {
  to.number(rule.chain);
  to.number(rule.number);
  to.text(rule.text);
  to.text(rule.comment);
  to.number(rule.first_expression);
  to.number(rule.expression_count);
  write_span(to, rule.span);
}

RuleInfo read_rule(ByteReader& from, std::size_t text_size) {
  RuleInfo rule;
  rule.chain = from.number<std::uint32_t>();
  rule.number = from.number<std::uint32_t>();
  rule.text = from.text();
  rule.comment = from.text();
  rule.first_expression = from.number<std::uint32_t>();
  rule.expression_count = from.number<std::uint32_t>();
  rule.span = read_span(from, text_size);
  return rule;
}

void write_expression(ByteWriter& to, const ExpressionInfo& expression) {
  to.text(expression.text);
  write_span(to, expression.span);
  to.text(expression.subject);
  write_small(to, expression.types);
  write_small(to, expression.widths);
  to.number(expression.object);
  to.text(expression.not_simulated);
}

ExpressionInfo read_expression(ByteReader& from, std::size_t text_size) {
  ExpressionInfo expression;
  expression.text = from.text();
  expression.span = read_span(from, text_size);
  expression.subject = from.text();
  expression.types = read_small(from);
  expression.widths = read_small(from);
  if (expression.types.size() != expression.widths.size()) from.fail();
  expression.object = from.number<std::uint32_t>();
  expression.not_simulated = from.text();
  return expression;
}

template <class E>
E read_kind(ByteReader& from, E last) {
  const auto value = from.number<std::uint8_t>();
  if (value > static_cast<std::uint8_t>(last)) from.fail();
  return static_cast<E>(value);
}

void write_pieces(ByteWriter& to, const std::vector<ListingPiece>& pieces) {
  to.number(static_cast<std::uint64_t>(pieces.size()));
  for (const ListingPiece& piece : pieces) {
    to.number(static_cast<std::uint8_t>(piece.kind));
    to.text(piece.text);
    to.number(piece.id);
  }
}

std::vector<ListingPiece> read_pieces(ByteReader& from) {
  std::vector<ListingPiece> pieces(from.count(13));
  for (ListingPiece& piece : pieces) {
    piece.kind = read_kind(from, ListingPiece::Kind::elements);
    piece.text = from.text();
    piece.id = from.number<std::uint32_t>();
  }
  return pieces;
}

void write_set(ByteWriter& to, const SetInfo& set) {
  to.number(set.id);
  to.text(set.family);
  to.text(set.table);
  to.text(set.name);
  to.number(static_cast<std::uint8_t>(set.is_map ? 1 : 0));
  write_small(to, set.types);
  write_small(to, set.widths);
  write_small(to, set.data_types);
  write_small(to, set.data_widths);
  to.number(set.timeout_ns);
  write_pieces(to, set.attached);
}

SetInfo read_set(ByteReader& from) {
  SetInfo set;
  set.id = from.number<std::uint32_t>();
  set.family = from.text();
  set.table = from.text();
  set.name = from.text();
  set.is_map = from.number<std::uint8_t>() != 0;
  set.types = read_small(from);
  set.widths = read_small(from);
  set.data_types = read_small(from);
  set.data_widths = read_small(from);
  set.timeout_ns = from.number<std::uint64_t>();
  set.attached = read_pieces(from);
  if (set.types.size() != set.widths.size() || set.data_types.size() != set.data_widths.size()) from.fail();
  return set;
}

void write_listing(ByteWriter& to, const RulesetInfo& ruleset) {
  to.number(static_cast<std::uint64_t>(ruleset.objects.size()));
  for (const ObjectInfo& object : ruleset.objects) {
    to.number(object.id);
    to.number(static_cast<std::uint8_t>(object.kind));
    to.text(object.name);
  }
  write_pieces(to, ruleset.listing);
  to.number(static_cast<std::uint64_t>(ruleset.elements.size()));
  for (const ListedElement& element : ruleset.elements) {
    to.number(element.set);
    for (std::uint32_t word : element.words) to.number(word);
    to.text(element.text);
  }
  to.number(static_cast<std::uint64_t>(ruleset.notes.size()));
  for (const std::string& note : ruleset.notes) to.text(note);
}

void read_listing(ByteReader& from, RulesetInfo& ruleset) {
  ruleset.objects.resize(from.count(13));
  for (ObjectInfo& object : ruleset.objects) {
    object.id = from.number<std::uint32_t>();
    object.kind = read_kind(from, NetfilterObjectKind::connection_limit);
    object.name = from.text();
  }
  ruleset.listing = read_pieces(from);
  ruleset.elements.resize(from.count(76));
  for (ListedElement& element : ruleset.elements) {
    element.set = from.number<std::uint32_t>();
    for (std::uint32_t& word : element.words) word = from.number<std::uint32_t>();
    element.text = from.text();
  }
  ruleset.notes.resize(from.count(8));
  for (std::string& note : ruleset.notes) note = from.text();
}

bool in(std::uint32_t first, std::uint32_t count, std::size_t size) {
  return first <= size && count <= size - first;
}

// Whether what refers to each other inside the ruleset exists.
bool coherent(const RulesetInfo& ruleset, std::size_t hosts) {
  for (std::size_t i = 1; i < ruleset.sources.size(); ++i)
    if (ruleset.sources[i].begin < ruleset.sources[i - 1].begin) return false;
  if (ruleset.host.valid() && ruleset.host.value >= hosts) return false;
  for (const ChainInfo& chain : ruleset.chains)
    if (!in(chain.first_rule, chain.rule_count, ruleset.rules.size())) return false;
  for (const RuleInfo& rule : ruleset.rules)
    if (rule.chain >= ruleset.chains.size() ||
        !in(rule.first_expression, rule.expression_count, ruleset.expressions.size()))
      return false;
  return true;
}

}  // namespace

void write_ruleset(ByteWriter& to, const RulesetInfo& ruleset) {
  to.number(ruleset.host.value);
  to.text(ruleset.source_name);
  to.text(ruleset.text);
  to.number(static_cast<std::uint64_t>(ruleset.sources.size()));
  for (const TextSource& source : ruleset.sources) {
    to.text(source.name);
    to.number(source.begin);
    to.number(source.line);
  }
  to.number(static_cast<std::uint64_t>(ruleset.chains.size()));
  for (const ChainInfo& chain : ruleset.chains) write_chain(to, chain);
  to.number(static_cast<std::uint64_t>(ruleset.rules.size()));
  for (const RuleInfo& rule : ruleset.rules) write_rule(to, rule);
  to.number(static_cast<std::uint64_t>(ruleset.expressions.size()));
  for (const ExpressionInfo& expression : ruleset.expressions) write_expression(to, expression);
  to.number(static_cast<std::uint64_t>(ruleset.sets.size()));
  for (const SetInfo& set : ruleset.sets) write_set(to, set);
  write_listing(to, ruleset);
}

RulesetInfo read_ruleset(ByteReader& from, std::size_t hosts) {
  RulesetInfo ruleset;
  ruleset.host.value = from.number<std::uint32_t>();
  ruleset.source_name = from.text();
  ruleset.text = from.text();
  ruleset.sources.resize(from.count(16));
  for (TextSource& source : ruleset.sources) {
    source.name = from.text();
    source.begin = from.number<std::uint32_t>();
    source.line = from.number<std::uint32_t>();
  }
  ruleset.chains.resize(from.count(64));
  for (ChainInfo& chain : ruleset.chains) chain = read_chain(from, ruleset.text.size());
  ruleset.rules.resize(from.count(48));
  for (RuleInfo& rule : ruleset.rules) rule = read_rule(from, ruleset.text.size());
  ruleset.expressions.resize(from.count(52));
  for (ExpressionInfo& expression : ruleset.expressions) expression = read_expression(from, ruleset.text.size());
  ruleset.sets.resize(from.count(77));
  for (SetInfo& set : ruleset.sets) set = read_set(from);
  read_listing(from, ruleset);
  if (!coherent(ruleset, hosts)) from.fail();
  return ruleset;
}

}  // namespace fourtuple::trace::detail
