#include "sim/netfilter/nft/parse_statement.h"

#include <algorithm>

#include "sim/base/nearest.h"
#include "sim/netfilter/nft/parse_expression.h"
#include "sim/netfilter/nft/parse_selector.h"
#include "sim/netfilter/nft/resolve.h"

namespace fourtuple::nft {
namespace {

constexpr Want verdict_want[] = {{Type::verdict, 0}};

bool is_flags(const Expr& left) {
  const Wants wants = wants_of(left);
  return wants.size() == 1 && info(wants[0].type).flags;
}

Expr masked(Expr left, Expr mask) {
  Expr expr;
  expr.kind = ExprKind::bit_and;
  expr.type = mask.type;
  expr.span = {left.span.begin, mask.span.end};
  expr.parts.push_back(std::move(left));
  expr.parts.push_back(std::move(mask));
  return expr;
}

Expr zero_of(const Expr& like) {
  Expr expr;
  expr.type = like.type;
  expr.span = like.span;
  return expr;
}

// A list after == or != is the value with exactly these flags.
void list_to_value(Expr& expr) {
  if (expr.kind != ExprKind::list) return;
  expr.kind = ExprKind::value;
  expr.parts.clear();
}

// A set of one element is that element, as far as nft makes no difference.
void unwrap_single(Expr& right) {
  if (right.kind != ExprKind::anonymous_set || right.parts.size() != 1) return;
  Expr one = std::move(right.parts[0]);
  if (one.kind == ExprKind::element) {
    Expr key = std::move(one.parts[0]);
    one = std::move(key);
  }
  if (one.kind == ExprKind::concatenation || one.kind == ExprKind::wildcard) {
    right.parts[0] = std::move(one);
    return;
  }
  right = std::move(one);
}

// --- comparisons ---
bool parse_operator(Parser& p, Comparison& comparison, bool& negation) {
  struct Sign {
    TokenKind token;
    Comparison comparison;
  };
  constexpr Sign signs[] = {
      {TokenKind::equal, Comparison::equal},       {TokenKind::not_equal, Comparison::not_equal},
      {TokenKind::less, Comparison::less},         {TokenKind::less_equal, Comparison::less_equal},
      {TokenKind::greater, Comparison::greater},   {TokenKind::greater_equal, Comparison::greater_equal},
      {TokenKind::negation, Comparison::not_equal}};
  for (const Sign& sign : signs) {
    if (!p.is(sign.token)) continue;
    negation = sign.token == TokenKind::negation;
    comparison = sign.comparison;
    p.take();
    return true;
  }
  return false;
}

bool is_order(Comparison comparison) {
  return comparison != Comparison::implicit && comparison != Comparison::equal && comparison != Comparison::not_equal;
}

// `tcp flags syn / syn,ack`: the flags after the slash are the ones looked at.
bool parse_mask(Parser& p, Statement& statement, std::span<const Want> wants) {
  if (!p.take_if(TokenKind::slash)) return true;
  Expr mask;
  if (!parse_concat(p, mask, Side::right)) return false;
  if (mask.kind != ExprKind::list && !p.is(TokenKind::comma)) return p.unexpected("',' and more flags");
  if (!parse_list_rest(p, mask) || !resolve(p, mask, wants)) return false;
  list_to_value(mask);
  list_to_value(statement.right[0]);
  statement.left[0] = masked(std::move(statement.left[0]), std::move(mask));
  if (statement.comparison == Comparison::implicit) statement.comparison = Comparison::equal;
  return true;
}

// "23:00"-"05:00" is every hour but those between.
void turn_round(Statement& statement) {
  Expr& right = statement.right[0];
  if (right.kind != ExprKind::range || right.value <= right.value2) return;
  std::swap(right.value, right.value2);
  const bool negated = statement.comparison == Comparison::not_equal;
  statement.comparison = negated ? Comparison::equal : Comparison::not_equal;
}

// `! flags`: none of them.
bool negate(Parser& p, Statement& statement) {
  Expr& right = statement.right[0];
  if (statement.left[0].kind != ExprKind::selector)
    return p.fail(statement.left[0].span, "'!' goes with a selector alone", "== 0");
  if (!is_flags(statement.left[0]) || (right.kind != ExprKind::value && right.kind != ExprKind::list))
    return p.fail(statement.left[0].span, "'!' is for flags", "'!='");
  list_to_value(right);
  Expr zero = zero_of(right);
  statement.left[0] = masked(std::move(statement.left[0]), std::move(right));
  right = std::move(zero);
  statement.comparison = Comparison::equal;
  return true;
}

bool check_comparison(Parser& p, const Statement& statement) {
  const Expr& left = statement.left[0];
  const Expr& right = statement.right[0];
  const bool set = right.kind == ExprKind::anonymous_set || right.kind == ExprKind::named;
  if (is_order(statement.comparison) && right.kind != ExprKind::value)
    return p.fail(right.span, "smaller and greater need one value", "== or != for sets, ranges and prefixes");
  const bool shifted = left.kind == ExprKind::shift_left || left.kind == ExprKind::shift_right;
  if (shifted && wants_of(left)[0].type != Type::integer)
    return p.fail(left.span, "a shifted " + std::string(info(left.type).name) + " cannot be compared", "a mask with &");
  if (left.kind == ExprKind::concatenation && !set)
    return p.fail(right.span, "a concatenation is compared with sets only", "{ … } around the value");
  return true;
}

// The shapes the kernel does not tell apart become one: (flags & a) != 0 is "any of a".
void normalize(Statement& statement) {
  Expr& left = statement.left[0];
  Expr& right = statement.right[0];
  if (statement.comparison == Comparison::implicit && !left.parts.empty() && left.kind != ExprKind::concatenation)
    statement.comparison = Comparison::equal;
  if (statement.comparison == Comparison::equal || statement.comparison == Comparison::not_equal) list_to_value(right);
  const bool any_of = statement.comparison == Comparison::not_equal && left.kind == ExprKind::bit_and &&
                      right.kind == ExprKind::value && right.value.zero() && is_flags(left) &&
                      left.parts[0].kind == ExprKind::selector && left.parts[1].kind == ExprKind::value;
  if (!any_of) return;
  Expr mask = std::move(left.parts[1]), selector = std::move(left.parts[0]);
  left = std::move(selector);
  right = std::move(mask);
  statement.comparison = Comparison::implicit;
}

bool parse_match(Parser& p, Statement& statement) {
  statement.kind = StatementKind::match;
  bool negation = false;
  Expr& left = statement.left[0];
  Wants wants = wants_of(left);
  parse_operator(p, statement.comparison, negation);
  Expr& right = statement.right.emplace_back();
  if (!parse_right(p, right)) return false;
  const bool asks_existence = left.kind == ExprKind::selector && left.field == Field::fib && is_literal(right) &&
                              (right.text == "exists" || right.text == "missing");
  if (asks_existence) wants = {{Type::boolean, 1}};
  if (right.kind == ExprKind::anonymous_set && right.parts.empty()) return p.fail(right.span, "the set is empty");
  if (!resolve(p, left, wants_of(left)) || !resolve(p, right, wants)) return false;
  unwrap_single(right);
  turn_round(statement);
  if (negation && p.is(TokenKind::slash)) return p.unexpected("== or != for flags with a mask");
  if (!parse_mask(p, statement, wants)) return false;
  if (negation && !negate(p, statement)) return false;
  normalize(statement);
  return check_comparison(p, statement);
}

bool parse_verdict_map(Parser& p, Statement& statement) {
  statement.kind = StatementKind::verdict_map;
  Expr& left = statement.left[0];
  Expr& right = statement.right.emplace_back();
  const Wants wants = wants_of(left);
  if (!parse_set_reference(p, right, true)) return false;
  for (const Expr& part : right.parts)
    if (!part.attributes.statements.empty())
      return p.fail(part.span, "the elements of this map have no statements", "a named map with them");
  return resolve(p, left, wants) && resolve(p, right, wants, verdict_want);
}

// --- set ---
bool parse_assignment(Parser& p, Statement& statement) {
  statement.kind = StatementKind::assign;
  Expr& target = statement.left[0];
  constexpr Field read_only[] = {Field::exthdr, Field::socket, Field::rt,        Field::fib,
                                 Field::osf,    Field::ipsec,  Field::sctp_chunk};
  if (target.kind != ExprKind::selector ||
      std::find(std::begin(read_only), std::end(read_only), target.field) != std::end(read_only))
    return p.fail(target.span, "this cannot be set", "a field of a header, meta or ct");
  if (target.field == Field::ct_helper || target.field == Field::meta_secmark) {
    statement.kind = StatementKind::object;
    statement.what = target.field == Field::ct_helper ? "ct helper" : "secmark";
    statement.left.clear();
    return parse_object_choice(p, statement);
  }
  Expr& value = statement.right.emplace_back();
  if (!parse_statement_value(p, value) || !resolve(p, value, wants_of(target))) return false;
  list_to_value(value);
  // The kernel writes whole 16-bit words of a header; for less it needs to know the bits.
  const FieldInfo& field = info(target.field);
  const bool header = field.bits != 0 && field.needs != Requires::nothing && field.needs != Requires::conntrack;
  if (header && selector_bits(target) % 16 != 0 && value.kind != ExprKind::value)
    return p.fail(value.span, "this field can be set to a constant only");
  return true;
}

bool parse_ct_object(Parser& p, Statement& statement) {
  p.take();
  statement.kind = StatementKind::object;
  statement.what = "ct " + std::string(p.take().text);
  p.take();
  return parse_object_choice(p, statement);
}

bool begins_ct_object(const Parser& p) {
  return p.is_word("ct") && (p.ahead(1).text == "timeout" || p.ahead(1).text == "expectation") &&
         p.ahead(2).kind == TokenKind::word && p.ahead(2).text == "set";
}

// --- changes of sets ---
bool parse_key(Parser& p, Statement& statement) {
  Expr& key = statement.left.emplace_back();
  if (!parse_concat(p, key, Side::left)) return false;
  const Wants wants = wants_of(key);
  // Constants wait for the set's type (link_sets).
  const bool constant = wants.empty() && statement.kind == StatementKind::set_update;
  if (wants.empty() && !constant)
    return p.fail(key.span, "an element is made from a packet", "a selector such as ip saddr");
  if (!constant && !resolve(p, key, wants)) return false;
  for (;;) {
    std::uint64_t time = 0;
    std::string comment;
    if (p.take_word("timeout")) {
      if (!parse_duration(p, time)) return false;
      statement.timeout_ms = time;
    } else if (p.take_word("expires")) {  // taken and not used by nft either
      if (!parse_duration(p, time)) return false;
    } else if (p.take_word("comment")) {
      if (!parse_comment(p, comment)) return false;
    } else {
      return true;
    }
  }
}

bool parse_set_name_into(Parser& p, Statement& statement) {
  Expr set;
  if (!parse_set_reference(p, set, false)) return false;
  statement.text = set.text;
  return true;
}

bool parse_set_operation(Parser& p, Statement& statement) {
  constexpr std::string_view words[] = {"add", "update", "delete"};
  if (p.take_word("add"))
    statement.operation = SetOperation::add;
  else if (p.take_word("update"))
    statement.operation = SetOperation::update;
  else if (p.take_word("delete"))
    statement.operation = SetOperation::remove;
  else
    return p.unexpected("add, update or delete", words);
  return true;
}

// add @set { key [timeout …] [statements] [: data] }, or in the old form set add key @set.
bool parse_set_update(Parser& p, Statement& statement) {
  statement.kind = StatementKind::set_update;
  if (p.take_word("set"))
    return parse_set_operation(p, statement) && parse_key(p, statement) && parse_set_name_into(p, statement);
  if (!parse_set_operation(p, statement) || !parse_set_name_into(p, statement)) return false;
  if (!p.need(TokenKind::brace_open, "'{' and a key") || !parse_key(p, statement)) return false;
  while (begins_stateful(p))
    if (!parse_stateful(p, statement.inner.emplace_back())) return false;
  if (p.take_if(TokenKind::colon)) {
    Expr& data = statement.right.emplace_back();
    if (!parse_concat(p, data, Side::statement)) return false;
    const Wants wants = wants_of(data);
    if (!wants.empty() && !resolve(p, data, wants)) return false;
  }
  return p.need(TokenKind::brace_close, "'}'");
}

bool parse_meter(Parser& p, Statement& statement, RuleProtocols& protocols);

// --- verdicts ---
// jump { … }: rules in braces are kept as text.
bool parse_braced_chain(Parser& p, Statement& statement) {
  const Parser::Nest nest(p);
  if (!nest.ok()) return false;
  const std::uint32_t begin = p.now().begin;
  p.take();
  p.open_scope();
  bool ok = true;
  while (ok && !p.is(TokenKind::brace_close)) {
    if (p.at_separator()) {
      p.take();
      continue;
    }
    Rule rule;
    const std::size_t warnings = p.script.warnings.size();
    ok = parse_rule(p, rule) && p.need_separator();
    p.script.warnings.resize(std::min(warnings, p.script.warnings.size()));
  }
  p.close_scope();
  if (!ok || !p.need(TokenKind::brace_close, "'}'")) return false;
  statement.text = p.text({begin, p.taken_end()});
  return true;
}

bool parse_verdict_statement(Parser& p, Statement& statement) {
  statement.kind = StatementKind::verdict;
  const bool chain = p.is_word("jump") || p.is_word("goto");
  if (!chain || p.ahead(1).kind != TokenKind::brace_open) return parse_verdict(p, statement.verdict);
  statement.verdict.kind = p.take().text == "jump" ? VerdictKind::jump : VerdictKind::goto_;
  return parse_braced_chain(p, statement);
}

// --- everything that begins with a selector ---
bool parse_with_selector(Parser& p, Statement& statement) {
  Expr& left = statement.left.emplace_back();
  const bool plain_word = p.is(TokenKind::word) && !is_reserved(p.now().text) && !is_header(p.now().text);
  const bool number = p.is(TokenKind::number) || p.is(TokenKind::literal) || p.is(TokenKind::quoted);
  const Token head = p.now();
  if (!parse_concat(p, left, Side::left)) return false;
  if (wants_of(left).empty()) {
    if (!plain_word && !number)
      return p.fail(left.span, "this is compared with nothing in a packet", "a selector first");
    return p.fail({head.begin, head.end}, "unknown " + std::string(number ? "statement " : "word ") + name_of(head),
                  "a statement such as accept, or a selector such as ip saddr", suggest_statement(head.text));
  }
  if (p.take_word("vmap")) return parse_verdict_map(p, statement);
  if (p.take_word("set")) return parse_assignment(p, statement);
  return parse_match(p, statement);
}

bool begins_set_update(const Parser& p) {
  if (p.is_word("set")) return true;
  if (!p.is_word("add") && !p.is_word("update") && !p.is_word("delete")) return false;
  return p.ahead(1).kind == TokenKind::at || p.ahead(1).kind == TokenKind::dollar;
}

bool parse_one(Parser& p, Statement& statement, RuleProtocols& protocols) {
  if (begins_verdict(p)) return parse_verdict_statement(p, statement);
  if (begins_stateful(p)) return parse_stateful(p, statement);
  if (begins_nat(p)) return parse_nat(p, statement, protocols);
  if (begins_set_update(p)) return parse_set_update(p, statement);
  if (p.is_word("meter") || (p.is_word("flow") && p.ahead(1).text == "table"))
    return parse_meter(p, statement, protocols);
  if (begins_action(p)) return parse_action(p, statement, protocols);
  if (begins_ct_object(p)) return parse_ct_object(p, statement);
  return parse_with_selector(p, statement);
}

bool parse_statement(Parser& p, Statement& statement, RuleProtocols& protocols) {
  statement.span.begin = p.now().begin;
  if (!parse_one(p, statement, protocols)) return false;
  statement.span.end = p.taken_end();
  if (!check_statement(p, protocols, statement)) return false;
  p.network = protocols.network;
  note_not_simulated(p, statement);
  return true;
}

// meter name [size n] { key [timeout …] statement }, or in the old form flow table name { … }.
bool parse_meter(Parser& p, Statement& statement, RuleProtocols& protocols) {
  const Parser::Nest nest(p);
  if (!nest.ok()) return false;
  if (p.take().text == "flow") p.take();
  statement.kind = StatementKind::meter;
  if (!parse_name(p, statement.text, "the name of the meter")) return false;
  std::uint64_t size = 0;
  if (p.take_word("size")) {
    if (!parse_number(p, size, 0xffffffff, "a number of elements")) return false;
    statement.size = static_cast<std::uint32_t>(size);
  }
  if (!p.need(TokenKind::brace_open, "'{' and a key") || !parse_key(p, statement)) return false;
  if (!begins_stateful(p)) return p.unexpected("counter, limit, quota or ct count");
  RuleProtocols inner = protocols;
  return parse_statement(p, statement.inner.emplace_back(), inner) && p.need(TokenKind::brace_close, "'}'");
}

}  // namespace

std::string suggest_statement(std::string_view word) {
  std::vector<std::string_view> words = {"accept", "drop",     "jump", "goto",   "return",     "continue", "counter",
                                         "limit",  "quota",    "log",  "reject", "masquerade", "redirect", "snat",
                                         "dnat",   "notrack",  "add",  "update", "delete",     "meter",    "queue",
                                         "tproxy", "synproxy", "dup",  "fwd",    "comment"};
  const auto selectors = selector_words();
  words.insert(words.end(), selectors.begin(), selectors.end());
  return nearest(word, words);
}

bool parse_rule(Parser& p, Rule& rule) {
  RuleProtocols protocols(p.family);
  rule.span.begin = p.now().begin;
  p.network = protocols.network;
  do {
    if (!parse_statement(p, rule.statements.emplace_back(), protocols)) return false;
  } while (!p.at_separator() && !p.is(TokenKind::brace_close) && !p.is(TokenKind::end) && !p.is_word("comment"));
  rule.span.end = p.taken_end();
  if (!p.take_word("comment")) return true;
  const bool ok = parse_comment(p, rule.comment);
  rule.span.end = p.taken_end();
  return ok;
}

}  // namespace fourtuple::nft
