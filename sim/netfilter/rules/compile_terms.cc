// Expressions that give a value: selectors, operations, maps, generated numbers.
#include <algorithm>

#include "sim/netfilter/nft/parse_selector.h"
#include "sim/netfilter/rules/compiler.h"

namespace fourtuple::netfilter {

using nft::Expr;
using nft::ExprKind;
using nft::Field;
using nft::Requires;

namespace {

// nft's numbers of TCP options, by the names it prints.
struct TcpOptionName {
  std::string_view name;
  std::uint64_t number;
};
constexpr TcpOptionName tcp_options[] = {{"eol", 0},       {"nop", 1},     {"maxseg", 2},   {"window", 3},
                                         {"sack-perm", 4}, {"sack", 5},    {"sack0", 5},    {"sack1", 5},
                                         {"sack2", 5},     {"sack3", 5},   {"echo", 6},     {"timestamp", 8},
                                         {"mptcp", 30},    {"md5sig", 19}, {"fastopen", 34}};

// `ct original ip saddr` names the family itself.
Requires needs_of(const Expr& selector) {
  switch (selector.field) {
    case Field::ct_original_saddr:
    case Field::ct_original_daddr:
    case Field::ct_reply_saddr:
    case Field::ct_reply_daddr:
      return selector.type == nft::Type::ipv6_addr ? Requires::ipv6 : Requires::ipv4;
    default:
      return info(selector.field).needs;
  }
}

// @nh,96,32: the base in the flags.
std::optional<Term> raw_term(const Expr& expression) {
  constexpr std::uint32_t link = 0, network = 1;
  if (expression.length == link) return std::nullopt;
  Term term;
  term.kind = TermKind::field;
  term.field = Field::raw_payload;
  term.flags = static_cast<std::uint8_t>(expression.length);
  term.needs = expression.length == network ? Requires::nothing : Requires::transport;
  term.number = expression.number;
  term.number2 = expression.number2;
  term.bits = static_cast<std::uint16_t>(bits_of(expression));
  return term;
}

}  // namespace

std::uint32_t Compiler::add_value(nft::Value value) {
  program_.values.push_back(value);
  return static_cast<std::uint32_t>(program_.values.size() - 1);
}

std::uint32_t Compiler::store(const Term& term) {
  program_.terms.push_back(term);
  return static_cast<std::uint32_t>(program_.terms.size() - 1);
}

std::optional<nft::Value> Compiler::constant(const Expr& expression) const {
  if (expression.kind == ExprKind::value && expression.type == nft::Type::iface_index && !expression.text.empty()) {
    const std::uint32_t index = options_.interface_index ? options_.interface_index(expression.text) : 0;
    if (index != 0) return nft::Value{index};
    const bool number =
        std::all_of(expression.text.begin(), expression.text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return number ? expression.value : nft::Value{no_index};
  }
  return constant_value(expression);
}

std::optional<Term> Compiler::selector_term(const Expr& expression) {
  if (expression.field == Field::fib) return fib_term(expression);
  if (expression.field == Field::tcp_option) return tcp_option_term(expression);
  if (expression.field == Field::rt) return route_term(expression);
  if (expression.field == Field::raw_payload) return raw_term(expression);
  if (!info(expression.field).simulated) return std::nullopt;
  Term term;
  term.kind = TermKind::field;
  term.field = expression.field;
  term.needs = needs_of(expression);
  term.bits = static_cast<std::uint16_t>(bits_of(expression));
  const bool counted =
      term.field == Field::ct_packets || term.field == Field::ct_bytes || term.field == Field::ct_avgpkt;
  if (counted && !expression.text.empty())
    term.flags =
        static_cast<std::uint8_t>(expression.text == "reply" ? CountedDirection::reply : CountedDirection::original);
  return term;
}

Term Compiler::fib_term(const Expr& expression) {
  using nft::FibKey;
  Term term;
  term.kind = TermKind::fib;
  term.field = Field::fib;
  const auto add = [&](bool when, std::uint8_t flag) { term.flags |= when ? flag : std::uint8_t{0}; };
  add(expression.number2 == nft::FibResult::type, FibFlag::result_type);
  add(expression.number2 == nft::FibResult::oifname, FibFlag::result_name);
  add(expression.type == nft::Type::boolean, FibFlag::present);
  add((expression.number & FibKey::saddr) != 0, FibFlag::source);
  add((expression.number & FibKey::mark) != 0, FibFlag::mark);
  add((expression.number & FibKey::iif) != 0, FibFlag::iif);
  add((expression.number & FibKey::oif) != 0, FibFlag::oif);
  term.bits = static_cast<std::uint16_t>(bits_of(expression));
  return term;
}

// "tcp option maxseg size": whether it is there, or one of its values.
std::optional<Term> Compiler::tcp_option_term(const Expr& expression) {
  std::string_view text = expression.text;
  constexpr std::string_view head = "tcp option ";
  if (!text.starts_with(head)) return std::nullopt;
  text.remove_prefix(head.size());
  const std::string_view name = text.substr(0, text.find(' '));
  const std::string_view value = name.size() < text.size() ? text.substr(name.size() + 1) : std::string_view();
  const auto* option = std::find_if(std::begin(tcp_options), std::end(tcp_options),
                                    [&](const TcpOptionName& entry) { return entry.name == name; });
  if (option == std::end(tcp_options) || value == "length") return std::nullopt;
  Term term;
  term.kind = TermKind::tcp_option;
  term.field = Field::tcp_option;
  term.number = option->number;
  term.bits = static_cast<std::uint16_t>(bits_of(expression));
  if (!value.empty())
    term.flags = static_cast<std::uint8_t>(value == "tsecr" ? TcpOptionPart::second_value : TcpOptionPart::value);
  return term;
}

std::optional<Term> Compiler::route_term(const Expr& expression) {
  Term term;
  term.kind = TermKind::route;
  term.field = Field::rt;
  term.bits = static_cast<std::uint16_t>(bits_of(expression));
  if (expression.text == "rt mtu") return term;
  if (!expression.text.ends_with("nexthop")) return std::nullopt;
  term.flags = static_cast<std::uint8_t>(RoutePart::next_hop);
  term.needs = expression.type == nft::Type::ipv6_addr ? Requires::ipv6 : Requires::ipv4;
  return term;
}

// jhash of a key, or symhash of the flow.
std::optional<Term> Compiler::hash_term(const Expr& expression) {
  if (expression.number == 0) return std::nullopt;
  Term term;
  term.kind = TermKind::hash;
  term.number = expression.number;
  term.number2 = expression.number2;
  // Without a seed the kernel draws one when the rule is made.
  term.seed = static_cast<std::uint32_t>(expression.length != 0 ? expression.value.low : mix_bits(rule_handle_));
  if (expression.parts.empty()) return term;
  const Expr& key = expression.parts[0];
  KeyShape shape;
  if (key.kind == ExprKind::concatenation) {
    for (const Expr& part : key.parts)
      if (!shape.add(bits_of(part))) return std::nullopt;
  } else if (!shape.add(bits_of(key))) {
    return std::nullopt;
  }
  const auto code = add_key(key, shape);
  if (!code) return std::nullopt;
  term.b = *code;
  return term;
}

std::optional<Term> Compiler::map_term(const Expr& expression) {
  if (expression.parts.size() != 2) return std::nullopt;
  const auto set = set_of(expression.parts[1], expression.parts[0], &expression);
  if (!set || program_.sets[*set].verdicts) return std::nullopt;
  const auto key = add_key(expression.parts[0], program_.sets[*set].shape);
  if (!key) return std::nullopt;
  Term term;
  term.kind = TermKind::map;
  term.a = *set;
  term.b = *key;
  term.bits = static_cast<std::uint16_t>(program_.sets[*set].data_words * 32);
  return term;
}

std::optional<Term> Compiler::number_term(const Expr& expression) {
  if (expression.number == 0) return std::nullopt;
  Term term;
  term.kind = expression.text == "inc" ? TermKind::number_inc : TermKind::number_random;
  term.number = expression.number;
  term.number2 = expression.number2;
  if (term.kind == TermKind::number_random) return term;
  constexpr std::uint32_t generators = 0x10000;
  const Origin origin{serial_, rule_handle_, generators + inner_number_++};
  const auto old = old_objects_.find(origin);
  term.a = old == old_objects_.end() ? filter_.next_object++ : old->second;
  program_.kept_objects.push_back({origin, term.a});
  // The first number is `offset`.
  if (old == old_objects_.end()) out_.first_values.push_back({term.a, term.number - 1, 0});
  return term;
}

std::optional<std::uint32_t> Compiler::add_term(const Expr& expression) {
  std::optional<Term> term;
  switch (expression.kind) {
    case ExprKind::selector:
      term = selector_term(expression);
      break;
    case ExprKind::map:
      term = map_term(expression);
      break;
    case ExprKind::number_generator:
      term = number_term(expression);
      break;
    case ExprKind::hash:
      term = hash_term(expression);
      break;
    case ExprKind::bit_and:
    case ExprKind::bit_or:
    case ExprKind::bit_xor:
    case ExprKind::shift_left:
    case ExprKind::shift_right: {
      if (const auto value = constant(expression)) break;
      if (expression.parts.size() != 2) return std::nullopt;
      const auto left = add_term(expression.parts[0]), right = add_term(expression.parts[1]);
      if (!left || !right) return std::nullopt;
      term = Term{};
      constexpr TermKind kinds[] = {TermKind::bit_and, TermKind::bit_or, TermKind::bit_xor, TermKind::shift_left,
                                    TermKind::shift_right};
      term->kind = kinds[static_cast<std::size_t>(expression.kind) - static_cast<std::size_t>(ExprKind::bit_and)];
      term->a = *left;
      term->b = *right;
      term->bits = static_cast<std::uint16_t>(bits_of(expression));
      break;
    }
    default:
      break;
  }
  if (!term) {
    const auto value = constant(expression);
    if (!value) return std::nullopt;
    term = Term{};
    term->a = add_value(*value);
    term->bits = static_cast<std::uint16_t>(bits_of(expression));
  }
  return store(*term);
}

std::optional<std::uint32_t> Compiler::add_key(const Expr& expression, const KeyShape& shape) {
  const bool row = expression.kind == ExprKind::concatenation;
  const std::size_t parts = row ? expression.parts.size() : 1;
  if (parts != shape.parts) return std::nullopt;
  std::vector<std::uint32_t> terms;
  for (std::size_t part = 0; part < parts; ++part) {
    const auto term = add_term(row ? expression.parts[part] : expression);
    if (!term) return std::nullopt;
    terms.push_back(*term);
  }
  KeyCode code;
  code.first_term = static_cast<std::uint32_t>(program_.key_terms.size());
  code.shape = shape;
  for (std::size_t part = 0; part < parts; ++part) {
    const std::uint32_t bits = bits_of(row ? expression.parts[part] : expression);
    code.bits[part] = static_cast<std::uint8_t>(bits == 0 ? 32 : bits);
  }
  const Term& first = program_.terms[terms[0]];
  if (parts == 1 && shape.words == 1 && first.kind == TermKind::field && first.flags == 0) {
    code.small = first.field;
    code.needs = first.needs;
  }
  program_.keys.push_back(code);
  program_.key_terms.insert(program_.key_terms.end(), terms.begin(), terms.end());
  return static_cast<std::uint32_t>(program_.keys.size() - 1);
}

}  // namespace fourtuple::netfilter
