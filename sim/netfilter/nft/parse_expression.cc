#include "sim/netfilter/nft/parse_expression.h"

#include <algorithm>

#include "sim/netfilter/nft/parse_selector.h"
#include "sim/netfilter/nft/parse_statement.h"
#include "sim/netfilter/nft/resolve.h"

namespace fourtuple::nft {
namespace {

// Operators of one kind in a row; each makes the tree one deeper.
constexpr int most_operators = 64;
constexpr std::size_t most_parts = 16;  // of a concatenation

// Keywords that are values too.
bool is_value_keyword(std::string_view word) {
  constexpr std::string_view words[] = {"ah",     "arp",  "comp",   "dccp", "dnat", "ecn",     "esp",     "ether",
                                        "exists", "icmp", "icmpv6", "igmp", "ip",   "ip6",     "missing", "redirect",
                                        "reset",  "sctp", "snat",   "tcp",  "udp",  "udplite", "vlan"};
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

bool is_constant(Side side) {
  return side == Side::right || side == Side::element;
}

Expr combine(ExprKind kind, Expr first, Expr second) {
  Expr expr;
  expr.kind = kind;
  expr.span = {first.span.begin, second.span.end};
  expr.parts.reserve(2);
  expr.parts.push_back(std::move(first));
  expr.parts.push_back(std::move(second));
  return expr;
}

bool parse_binary(Parser& p, Expr& expr, Side side, int level);

bool parse_parentheses(Parser& p, Expr& expr, Side side) {
  const Parser::Nest nest(p);
  if (!nest.ok()) return false;
  const std::uint32_t begin = p.take().begin;
  if (!parse_binary(p, expr, side, 0) || !p.need(TokenKind::paren_close, "')'")) return false;
  expr.span = {begin, p.taken_end()};
  return true;
}

bool parse_variable(Parser& p, Expr& expr) {
  const std::uint32_t begin = p.take().begin;
  const Expr* value = p.variable();
  if (value == nullptr) return false;
  expr = *value;
  expr.span = {begin, p.taken_end()};
  return true;
}

// A value without operators.
bool parse_primary(Parser& p, Expr& expr, Side side) {
  const Token token = p.now();
  if (token.kind == TokenKind::paren_open) return parse_parentheses(p, expr, side);
  if (token.kind == TokenKind::dollar) return parse_variable(p, expr);
  if (!is_constant(side)) {
    // A word such as `ip` is a value where no field follows it.
    const bool keyword_value = side == Side::statement && token.kind == TokenKind::word &&
                               is_value_keyword(token.text) && p.ahead(1).kind != TokenKind::word;
    if (!keyword_value) {
      const Found found = parse_selector(p, expr);
      if (found != Found::no) return found == Found::yes;
    }
  }
  switch (token.kind) {
    case TokenKind::word:
      if (is_reserved(token.text) && (side == Side::left || !is_value_keyword(token.text))) break;
      [[fallthrough]];
    case TokenKind::literal:
    case TokenKind::number:
    case TokenKind::quoted:
    case TokenKind::wildcard:
      expr = literal(p.take());
      return true;
    default:
      break;
  }
  const Expr nothing;
  expr = nothing;
  return is_constant(side)         ? p.unexpected("a value")
         : side == Side::statement ? p.unexpected("a value or a selector", selector_words())
                                   : p.unexpected("a statement such as accept, or a selector such as ip saddr");
}

struct Operator {
  TokenKind token;
  ExprKind kind;
  int level;
};
constexpr Operator operators[] = {{TokenKind::bit_or, ExprKind::bit_or, 0},
                                  {TokenKind::bit_xor, ExprKind::bit_xor, 1},
                                  {TokenKind::bit_and, ExprKind::bit_and, 2},
                                  {TokenKind::shift_left, ExprKind::shift_left, 3},
                                  {TokenKind::shift_right, ExprKind::shift_right, 3}};

bool parse_binary(Parser& p, Expr& expr, Side side, int level) {
  constexpr int levels = 4;
  if (level == levels) return parse_primary(p, expr, side);
  if (!parse_binary(p, expr, side, level + 1)) return false;
  for (int count = 0;; ++count) {
    const auto* found = std::find_if(std::begin(operators), std::end(operators), [&](const Operator& candidate) {
      return candidate.level == level && p.is(candidate.token);
    });
    if (found == std::end(operators)) return true;
    if (count == most_operators) return p.unexpected("at most 64 operators in a row");
    p.take();
    Expr second;
    if (!parse_binary(p, second, side == Side::left ? Side::right : side, level + 1)) return false;
    expr = combine(found->kind, std::move(expr), std::move(second));
  }
}

// `/24` behind an expression, the slash not yet taken.
bool take_prefix(Parser& p, Expr& expr) {
  p.take();
  std::uint64_t length = 0;
  if (!parse_number(p, length, 0xffffffff, "the length of a prefix")) return false;
  Expr prefix;
  prefix.kind = ExprKind::prefix;
  prefix.span = {expr.span.begin, p.taken_end()};
  prefix.length = static_cast<std::uint32_t>(length);
  prefix.parts.push_back(std::move(expr));
  expr = std::move(prefix);
  return true;
}

// On the right: a value that may go on as a prefix or a range.
bool parse_extent(Parser& p, Expr& expr, Side side) {
  if (!parse_binary(p, expr, Side::right, 0)) return false;
  if (p.is(TokenKind::dash)) {
    p.take();
    Expr last;
    if (!parse_binary(p, last, Side::right, 0)) return false;
    expr = combine(ExprKind::range, std::move(expr), std::move(last));
    return true;
  }
  if (!p.is(TokenKind::slash) || p.ahead(1).kind != TokenKind::number) return true;
  if (side == Side::right && p.ahead(2).kind == TokenKind::comma) return true;
  return take_prefix(p, expr);
}

bool parse_part(Parser& p, Expr& expr, Side side) {
  return is_constant(side) ? parse_extent(p, expr, side) : parse_binary(p, expr, side, 0);
}

// Statements and attributes after an element's key.
bool parse_element_attributes(Parser& p, Expr& element) {
  ElementAttributes& attributes = element.attributes;
  while (begins_stateful(p) && !p.is_word("quota"))
    if (!parse_stateful(p, attributes.statements.emplace_back())) return false;
  for (;;) {
    std::uint64_t time = 0;
    if (p.is_word("timeout") || p.is_word("expires")) {
      auto& target = p.take().text == "timeout" ? attributes.timeout_ms : attributes.expires_ms;
      if (!parse_duration(p, time)) return false;
      target = time;
    } else if (p.take_word("comment")) {
      if (!parse_comment(p, attributes.comment)) return false;
    } else {
      return true;
    }
  }
}

bool parse_data(Parser& p, Expr& expr) {
  if (!begins_verdict(p)) return parse_concat(p, expr, Side::element);
  expr.kind = ExprKind::verdict;
  expr.type = Type::verdict;
  expr.span.begin = p.now().begin;
  const bool ok = parse_verdict(p, expr.verdict);
  expr.span.end = p.taken_end();
  return ok;
}

// One element into the set: a key, with attributes or data an `element`, or the elements of a set inside a set.
bool parse_element(Parser& p, Expr& set) {
  p.line_break();
  if (p.is(TokenKind::brace_open)) {
    Expr inner;
    if (!parse_set(p, inner)) return false;
    for (Expr& part : inner.parts) set.parts.push_back(std::move(part));
    p.line_break();
    return true;
  }
  Expr element;
  element.kind = ExprKind::element;
  Expr key;
  if (p.is(TokenKind::star)) {
    const Token star = p.take();
    key.kind = ExprKind::wildcard;
    key.span = {star.begin, star.end};
  } else if (!parse_concat(p, key, Side::element)) {
    return false;
  }
  if (key.kind == ExprKind::anonymous_set) {  // from a variable
    for (Expr& part : key.parts) set.parts.push_back(std::move(part));
    p.line_break();
    return true;
  }
  const std::uint32_t key_end = p.taken_end();
  if (!parse_element_attributes(p, element)) return false;
  Expr data;
  const bool has_data = p.take_if(TokenKind::colon);
  if (has_data && !parse_data(p, data)) return false;
  if (p.taken_end() == key_end) {
    set.parts.push_back(std::move(key));
  } else {
    element.span = {key.span.begin, p.taken_end()};
    element.parts.push_back(std::move(key));
    if (has_data) element.parts.push_back(std::move(data));
    set.parts.push_back(std::move(element));
  }
  p.line_break();
  return true;
}

}  // namespace

bool parse_concat(Parser& p, Expr& expr, Side side) {
  if (!parse_part(p, expr, side)) return false;
  if (!p.is(TokenKind::dot)) return true;
  Expr concat;
  concat.kind = ExprKind::concatenation;
  concat.span = expr.span;
  concat.parts.push_back(std::move(expr));
  while (p.take_if(TokenKind::dot)) {
    if (concat.parts.size() == most_parts) return p.unexpected("at most 16 parts in a concatenation");
    Expr part;
    if (!parse_part(p, part, side)) return false;
    concat.span.end = part.span.end;
    if (part.kind == ExprKind::concatenation) {  // from a variable
      for (Expr& inner : part.parts) concat.parts.push_back(std::move(inner));
    } else {
      concat.parts.push_back(std::move(part));
    }
  }
  expr = std::move(concat);
  return true;
}

bool parse_list_rest(Parser& p, Expr& expr) {
  Expr list;
  list.kind = ExprKind::list;
  list.span = expr.span;
  if (expr.kind == ExprKind::list)  // from a variable
    list.parts = std::move(expr.parts);
  else
    list.parts.push_back(std::move(expr));
  while (p.take_if(TokenKind::comma)) {
    Expr part;
    if (!parse_binary(p, part, Side::right, 0)) return false;
    list.span.end = part.span.end;
    list.parts.push_back(std::move(part));
  }
  expr = std::move(list);
  return true;
}

bool parse_right(Parser& p, Expr& expr) {
  if (p.is(TokenKind::brace_open)) return parse_set(p, expr);
  if (p.is(TokenKind::at)) return parse_set_name(p, expr);
  if (!parse_concat(p, expr, Side::right)) return false;
  return !p.is(TokenKind::comma) || parse_list_rest(p, expr);
}

bool parse_set(Parser& p, Expr& expr) {
  const Parser::Nest nest(p);
  if (!nest.ok()) return false;
  expr.kind = ExprKind::anonymous_set;
  expr.span.begin = p.now().begin;
  if (!p.need(TokenKind::brace_open, "'{'")) return false;
  if (p.is(TokenKind::brace_close)) return p.unexpected("an element");
  for (;;) {
    if (!parse_element(p, expr)) return false;
    if (!p.take_if(TokenKind::comma)) break;
    // A comma may end the list or be followed by another, after one line break or none.
    const auto ends = [](TokenKind kind) { return kind == TokenKind::brace_close || kind == TokenKind::comma; };
    if (p.is(TokenKind::newline) && ends(p.ahead(1).kind)) p.take();
    while (p.take_if(TokenKind::comma))
      if (p.is(TokenKind::newline) && ends(p.ahead(1).kind)) p.take();
    if (p.is(TokenKind::brace_close)) break;
  }
  if (!p.need(TokenKind::brace_close, "',' or '}'")) return false;
  expr.span.end = p.taken_end();
  return true;
}

bool parse_set_name(Parser& p, Expr& expr) {
  expr.kind = ExprKind::named;
  expr.span.begin = p.now().begin;
  if (!p.need(TokenKind::at, "'@' and the name of a set") || !parse_name(p, expr.text, "the name of a set"))
    return false;
  expr.span.end = p.taken_end();
  return true;
}

bool parse_set_reference(Parser& p, Expr& expr, bool or_elements) {
  if (!p.is(TokenKind::dollar))
    return or_elements && p.is(TokenKind::brace_open) ? parse_set(p, expr) : parse_set_name(p, expr);
  if (!parse_variable(p, expr)) return false;
  if (expr.kind == ExprKind::named || (or_elements && expr.kind == ExprKind::anonymous_set)) return true;
  if (or_elements && expr.kind == ExprKind::value) {  // one element
    Expr set;
    set.kind = ExprKind::anonymous_set;
    set.span = expr.span;
    set.parts.push_back(std::move(expr));
    expr = std::move(set);
    return true;
  }
  return p.fail(expr.span, "this variable holds no set", "@name or { … }");
}

bool parse_statement_value(Parser& p, Expr& expr) {
  if (!parse_concat(p, expr, Side::statement)) return false;
  if (p.is_word("map")) {
    p.take();
    Expr map;
    if (!parse_set_reference(p, map, true)) return false;
    expr = combine(ExprKind::map, std::move(expr), std::move(map));
    return true;
  }
  if (p.is(TokenKind::slash)) return take_prefix(p, expr);
  if (p.is(TokenKind::dash)) {
    p.take();
    Expr last;
    if (!parse_binary(p, last, Side::statement, 0)) return false;
    expr = combine(ExprKind::range, std::move(expr), std::move(last));
    return true;
  }
  if (!p.is(TokenKind::comma)) return true;
  Expr list;
  list.kind = ExprKind::list;
  list.span = expr.span;
  list.parts.push_back(std::move(expr));
  while (p.take_if(TokenKind::comma)) {
    Expr part;
    if (!parse_primary(p, part, Side::statement)) return false;
    list.span.end = part.span.end;
    list.parts.push_back(std::move(part));
  }
  expr = std::move(list);
  return true;
}

bool begins_verdict(const Parser& p) {
  constexpr std::string_view words[] = {"accept", "drop", "continue", "jump", "goto", "return"};
  return p.is(TokenKind::word) && std::find(std::begin(words), std::end(words), p.now().text) != std::end(words);
}

bool parse_verdict(Parser& p, Verdict& verdict) {
  const std::string_view word = p.take().text;
  if (word == "accept") verdict.kind = VerdictKind::accept;
  if (word == "drop") verdict.kind = VerdictKind::drop;
  if (word == "continue") verdict.kind = VerdictKind::continue_;
  if (word == "return") verdict.kind = VerdictKind::return_;
  if (word != "jump" && word != "goto") return true;
  verdict.kind = word == "jump" ? VerdictKind::jump : VerdictKind::goto_;
  if (!p.is(TokenKind::dollar)) return parse_name(p, verdict.chain, "the name of a chain");
  Expr name;
  if (!parse_variable(p, name)) return false;
  if (name.kind != ExprKind::value || name.text.empty())
    return p.fail(name.span, "this variable holds no chain", "the name of a chain");
  verdict.chain = name.text;
  return true;
}

}  // namespace fourtuple::nft
