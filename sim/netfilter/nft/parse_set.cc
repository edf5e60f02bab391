// Sets and maps.
#include <algorithm>

#include "sim/base/nearest.h"
#include "sim/netfilter/nft/parse_block.h"
#include "sim/netfilter/nft/parse_expression.h"
#include "sim/netfilter/nft/parse_statement.h"

namespace fourtuple::nft {
namespace {

constexpr std::size_t most_key_parts = 16;

bool parse_type_name(Parser& p, Type& type) {
  const Token word = p.now();
  if (word.kind != TokenKind::word) return p.unexpected("a type such as ipv4_addr or inet_service");
  const auto found = type_named(word.text);
  const Span at{word.begin, word.end};
  if (!found) {
    std::vector<std::string_view> names;
    for (int i = 1; i <= static_cast<int>(Type::mh_type); ++i) names.push_back(info(static_cast<Type>(i)).name);
    return p.fail(at, "unknown type '" + shortened(word.text) + "'", "a type such as ipv4_addr or inet_service",
                  nearest(word.text, names));
  }
  if (info(*found).bits == 0 && *found != Type::verdict)
    return p.fail(at, "the type " + std::string(word.text) + " has no size of its own", "typeof and a selector");
  type = *found;
  p.take();
  return true;
}

bool parse_type_list(Parser& p, std::vector<Type>& types) {
  types.clear();
  const Token first = p.now();
  do {
    if (types.size() == most_key_parts) return p.unexpected("at most 16 parts");
    if (!parse_type_name(p, types.emplace_back())) return false;
  } while (p.take_if(TokenKind::dot));
  const bool has_verdict = std::find(types.begin(), types.end(), Type::verdict) != types.end();
  return !has_verdict || types.size() == 1 || p.fail({first.begin, p.taken_end()}, "a verdict stands alone");
}

bool no_verdict(Parser& p, Span where, const std::vector<Type>& types) {
  return types[0] != Type::verdict || p.fail(where, "a verdict is no key", "a type such as ipv4_addr");
}

bool parse_type(Parser& p, Set& set) {
  const Token first = p.now();
  if (!parse_type_list(p, set.key) || !no_verdict(p, {first.begin, first.end}, set.key)) return false;
  if (!set.is_map) return p.need_separator();
  if (!p.need(TokenKind::colon, "':' and the type of the data")) return false;
  for (const std::string_view object : {"counter", "quota", "limit", "secmark", "synproxy"}) {
    if (!p.take_word(object)) continue;
    set.data_object = object;
    return p.need_separator();
  }
  set.data_interval = p.take_word("interval");
  return parse_type_list(p, set.data) && p.need_separator();
}

// Expressions of `typeof`, one for each part.
bool parse_typeof_list(Parser& p, std::vector<Expr>& exprs, std::vector<Type>& types) {
  Expr expr;
  if (!parse_concat(p, expr, Side::left)) return false;
  const Wants wants = wants_of(expr);
  if (wants.empty()) return p.fail(expr.span, "this has no type", "a selector such as ip saddr");
  types.clear();
  for (const Want& want : wants) types.push_back(want.type);
  if (!resolve(p, expr, wants)) return false;
  std::vector<Expr> parts;
  if (expr.kind == ExprKind::concatenation)
    parts = std::move(expr.parts);
  else
    parts.push_back(std::move(expr));
  exprs = std::move(parts);
  return true;
}

bool parse_typeof(Parser& p, Set& set) {
  if (!parse_typeof_list(p, set.key_typeof, set.key)) return false;
  if (!set.is_map) return p.need_separator();
  if (!p.need(TokenKind::colon, "':' and the type of the data")) return false;
  set.data_interval = p.take_word("interval");
  if (p.take_word("verdict")) {
    set.data.assign(1, Type::verdict);
    return p.need_separator();
  }
  return parse_typeof_list(p, set.data_typeof, set.data) && p.need_separator();
}

bool parse_flags(Parser& p, Set& set) {
  struct Flag {
    std::string_view word;
    std::uint8_t flag;
  };
  constexpr Flag flags[] = {{"constant", SetFlag::constant},
                            {"interval", SetFlag::interval},
                            {"timeout", SetFlag::timeout},
                            {"dynamic", SetFlag::dynamic}};
  constexpr std::string_view words[] = {"constant", "interval", "timeout", "dynamic"};
  if (!set.is_map) set.flags = 0;  // a second line replaces the first, in maps it adds
  do {
    const auto* flag = p.is(TokenKind::word) ? std::find_if(std::begin(flags), std::end(flags),
                                                            [&](const Flag& f) { return f.word == p.now().text; })
                                             : std::end(flags);
    if (flag == std::end(flags)) return p.unexpected("constant, interval, timeout or dynamic", words);
    set.flags |= flag->flag;
    p.take();
  } while (p.take_if(TokenKind::comma));
  return p.need_separator();
}

bool parse_time(Parser& p, std::optional<std::uint64_t>& target) {
  std::uint64_t time = 0;
  if (!parse_duration(p, time)) return false;
  target = time;
  return p.need_separator();
}

bool parse_set_policy(Parser& p, Set& set) {
  constexpr std::string_view words[] = {"performance", "memory"};
  if (!p.is_word("performance") && !p.is_word("memory")) return p.unexpected("performance or memory", words);
  set.policy = p.take().text;
  return p.need_separator();
}

bool parse_size(Parser& p, Set& set) {
  std::uint64_t size = 0;
  if (!parse_number(p, size, 0xffffffff, "a number of elements")) return false;
  set.size = static_cast<std::uint32_t>(size);
  return p.need_separator();
}

bool parse_elements(Parser& p, Set& set) {
  Expr elements;
  if (!p.need(TokenKind::assign, "'='")) return false;
  const bool variable = p.is(TokenKind::dollar);
  if (!variable && !p.is(TokenKind::brace_open)) return p.unexpected("'{'");
  if (variable ? !parse_concat(p, elements, Side::right) : !parse_set(p, elements)) return false;
  if (elements.kind != ExprKind::anonymous_set) return p.fail(elements.span, "this variable holds no set", "{ … }");
  set.elements = elements_of(std::move(elements));
  return true;  // no separator is needed after the brace
}

bool parse_set_item(Parser& p, Set& set) {
  static constexpr std::string_view words[] = {"type",       "typeof", "flags", "timeout", "gc-interval", "elements",
                                               "auto-merge", "policy", "size",  "comment", "counter",     "define"};
  if (p.take_word("type")) return parse_type(p, set);
  if (p.take_word("typeof")) return parse_typeof(p, set);
  if (p.take_word("flags")) return parse_flags(p, set);
  if (p.take_word("timeout")) return parse_time(p, set.timeout_ms);
  if (!set.is_map && p.take_word("gc-interval")) return parse_time(p, set.gc_interval_ms);
  if (p.take_word("elements")) return parse_elements(p, set);
  if (!set.is_map && p.take_word("auto-merge")) return set.auto_merge = true;
  if (p.take_word("policy")) return parse_set_policy(p, set);
  if (p.take_word("size")) return parse_size(p, set);
  if (p.take_word("comment")) return parse_comment(p, set.comment) && p.need_separator();
  if (!begins_stateful(p)) return p.unexpected("type, flags, elements or another part of a set", words);
  while (begins_stateful(p))
    if (!parse_stateful(p, set.statements.emplace_back())) return false;
  return p.need_separator();
}

Wants typeof_wants(const std::vector<Expr>& exprs, const std::vector<Type>& types) {
  if (exprs.empty()) return wants_of(types);
  Wants wants;
  for (const Expr& expr : exprs)
    for (const Want& want : wants_of(expr)) wants.push_back(want);
  return wants;
}

bool has_interval(const Expr& key) {
  if (key.kind == ExprKind::concatenation) return std::any_of(key.parts.begin(), key.parts.end(), has_interval);
  return key.kind == ExprKind::prefix || key.kind == ExprKind::range;
}

bool check_element(Faults& faults, const Expr& element, const Set& set) {
  const Expr& key = element.parts[0];
  const ElementAttributes& attributes = element.attributes;
  if (element.parts.size() > 1 && !set.data_interval && has_interval(element.parts[1]))
    return faults.fault(element.parts[1].span, "the data of this map is one value", "': interval' in the map's type",
                        {});
  if (has_interval(key) && (set.flags & SetFlag::interval) == 0)
    return faults.fault(key.span, "prefixes and ranges need a set of intervals", "'flags interval' in the set", {});
  if ((attributes.timeout_ms || attributes.expires_ms) && (set.flags & SetFlag::timeout) == 0)
    return faults.fault(element.span, "an element with a timeout needs a set with timeouts",
                        "'flags timeout' in the set", {});
  if (!attributes.statements.empty() && set.statements.empty())
    return faults.fault(element.span, "the set's elements have no " + std::string("statements"),
                        "'counter' or another in the set", {});
  return true;
}

}  // namespace

std::vector<Expr> elements_of(Expr set) {
  for (Expr& part : set.parts) {
    if (part.kind == ExprKind::element) continue;
    Expr element;
    element.kind = ExprKind::element;
    element.span = part.span;
    element.parts.push_back(std::move(part));
    part = std::move(element);
  }
  return std::move(set.parts);
}

Wants key_wants(const Set& set) {
  return typeof_wants(set.key_typeof, set.key);
}

Wants data_wants(const Set& set) {
  if (!set.data_object.empty()) return {{Type::string, 0}};
  return typeof_wants(set.data_typeof, set.data);
}

bool check_elements(Faults& faults, std::vector<Expr>& elements, const Set& set) {
  const Wants key = key_wants(set), data = data_wants(set);
  Expr all;
  all.kind = ExprKind::anonymous_set;
  all.parts = std::move(elements);
  bool ok = resolve(faults, all, key, data);
  elements = std::move(all.parts);
  if (!ok) return false;
  for (Expr& element : elements) {
    ok = check_element(faults, element, set) && ok;
    // Every element of a set with statements has its own.
    if (element.attributes.statements.empty()) element.attributes.statements = set.statements;
  }
  return ok;
}

bool parse_set_block(Parser& p, Set& set) {
  const Token open = p.now();
  const std::size_t errors = p.error_count();
  if (!parse_block(p, [&] { return parse_set_item(p, set); })) return false;
  if (p.error_count() > errors) return true;
  if (set.key.empty())
    return p.fail({open.begin, open.end}, "the " + std::string(set.is_map ? "map" : "set") + " has no type",
                  "type and its name");
  if (set.timeout_ms && *set.timeout_ms > 0) set.flags |= SetFlag::timeout;
  ParserFaults faults(p);
  check_elements(faults, set.elements, set);
  return true;
}

}  // namespace fourtuple::nft
