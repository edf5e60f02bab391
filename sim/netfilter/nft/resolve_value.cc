// One literal to one value, by type.
#include <algorithm>

#include "sim/base/nearest.h"
#include "sim/netfilter/nft/resolve.h"
#include "sim/netfilter/nft/symbols.h"

namespace fourtuple::nft {
namespace {

constexpr std::size_t longest_name = 15;  // an interface's, without the final zero

TokenKind token_kind(const Expr& expr) {
  return static_cast<TokenKind>(expr.length);
}

bool set(Expr& expr, Type type, Value value) {
  expr.type = type;
  expr.value = value;
  expr.length = 0;
  expr.number = 0;
  expr.text.clear();
  return true;
}

std::string quoted(const Expr& expr) {
  return "'" + shortened(expr.text) + "'";
}

bool resolve_address(Faults& faults, Expr& expr, Want want) {
  const bool v4 = want.type == Type::ipv4_addr;
  const auto family = v4 ? Family::ipv4 : Family::ipv6;
  if (v4 && token_kind(expr) == TokenKind::number && expr.number <= 0xffffffff)
    return set(expr, want.type, expr.number);
  const auto address = IpAddress::parse(expr.text);
  if (address && address->family == family) return set(expr, want.type, value_of(*address));
  const std::string expected = v4 ? "an IPv4 address such as 192.0.2.1" : "an IPv6 address such as 2001:db8::1";
  if (address) return faults.fault(expr.span, quoted(expr) + " is an address of the other IP version", expected, {});
  if (token_kind(expr) == TokenKind::word && expr.text.find_first_not_of("0123456789.") != std::string::npos)
    return faults.fault(expr.span, quoted(expr) + " is a host name, and names are not looked up here", expected, {});
  return faults.fault(expr.span, quoted(expr) + " is no " + std::string(info(want.type).name), expected, {});
}

bool resolve_mac(Faults& faults, Expr& expr, Want want) {
  std::uint64_t value = 0, byte = 0;
  int groups = 1, digits = 0;
  bool ok = token_kind(expr) == TokenKind::literal;
  for (const char c : expr.text) {
    if (c == ':') {
      ok = ok && digits > 0;
      value = value << 8 | byte;
      byte = 0, digits = 0, ++groups;
      continue;
    }
    const bool decimal = c >= '0' && c <= '9';
    const char lower = static_cast<char>(c | 0x20);
    ok = ok && ++digits <= 2 && (decimal || (lower >= 'a' && lower <= 'f'));
    byte = byte << 4 | static_cast<std::uint64_t>(decimal ? c - '0' : lower - 'a' + 10);
  }
  if (!ok || groups != 6 || digits == 0)
    return faults.fault(expr.span, quoted(expr) + " is no ether_addr", "an address such as 02:00:00:00:00:01", {});
  return set(expr, want.type, value << 8 | byte);
}

// Keywords that are numbers wherever they stand, so that a name of the same letters needs quotes.
bool is_number_keyword(const Expr& expr) {
  constexpr std::string_view words[] = {"ah",   "comp",    "dccp",     "esp",  "exists", "icmp", "icmpv6",
                                        "igmp", "missing", "redirect", "sctp", "tcp",    "udp",  "udplite"};
  return token_kind(expr) == TokenKind::word &&
         std::find(std::begin(words), std::end(words), expr.text) != std::end(words);
}

// Names of interfaces and helpers; a final * stands for any ending unless a backslash comes before it.
bool resolve_name(Faults& faults, Expr& expr, Want want) {
  std::string name = expr.text;
  bool wildcard = false;
  if (is_number_keyword(expr))
    return faults.fault(expr.span, quoted(expr) + " is a keyword", "\"" + name + "\" in quotes", {});
  if (want.type == Type::ifname && name.ends_with('*')) {
    name.pop_back();
    wildcard = !name.ends_with('\\');
    if (!wildcard) name.back() = '*';
    if (name.empty())
      return faults.fault(expr.span, "'*' alone matches every name", "at least one letter before it", {});
  }
  if (name.empty()) return faults.fault(expr.span, "an empty name", "a name", {});
  if (name.size() > longest_name && want.type != Type::string)
    return faults.fault(expr.span, "the name \"" + shortened(name) + "\" is too long", "at most 15 characters", {});
  if (want.type == Type::string && name.size() > longest_name)
    return faults.fault(expr.span, "\"" + shortened(name) + "\" is too long", "at most 15 characters", {});
  set(expr, want.type, value_of_name(name));
  expr.text = name;
  if (!wildcard) return true;
  expr.kind = ExprKind::prefix;
  expr.length = static_cast<std::uint32_t>(8 * name.size());
  return true;
}

// "1:2" in hexadecimal.
bool class_id(std::string_view text, Value& value) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  std::uint64_t halves[2] = {};
  const std::string_view parts[2] = {text.substr(0, colon), text.substr(colon + 1)};
  for (int i = 0; i < 2; ++i) {
    if (parts[i].empty() || parts[i].size() > 4) return false;
    for (const char c : parts[i]) {
      const auto lower = static_cast<char>(c | 0x20);
      const bool decimal = c >= '0' && c <= '9';
      if (!decimal && (lower < 'a' || lower > 'f')) return false;
      halves[i] = halves[i] << 4 | static_cast<std::uint64_t>(decimal ? c - '0' : lower - 'a' + 10);
    }
  }
  value = halves[0] << 16 | halves[1];
  return true;
}

// Types with a way of writing of their own besides words and numbers.
bool special_form(const Expr& expr, Want want, Value& value) {
  std::uint64_t number = 0;
  switch (want.type) {
    case Type::time:
      if (bits_of(want) > 32) {  // a date: seconds, kept in nanoseconds
        value = expr.number * 1'000'000'000;
        return token_kind(expr) == TokenKind::number;
      }
      if (token_kind(expr) == TokenKind::number) {
        value = expr.number * 1000;
        return expr.number < 0xffffffff / 1000;
      }
      if (!duration_ms(expr.text, number) || number > 0xffffffff) return false;
      value = number;
      return true;
    case Type::classid:
      return class_id(expr.text, value);
    case Type::ct_label:
      if (token_kind(expr) != TokenKind::number || expr.number > 127) return false;
      value =
          expr.number < 64 ? Value(std::uint64_t{1} << expr.number) : Value(std::uint64_t{1} << (expr.number - 64), 0);
      return true;
    default:
      return false;
  }
}

// The words of a type, when there are few enough to list.
std::string words_of(std::span<const Symbol> words) {
  constexpr std::size_t most = 12;
  std::string text = "one of:";
  for (const Symbol& word : words.first(std::min(words.size(), most))) text += ' ' + std::string(word.name);
  return words.size() > most ? text + " …" : text;
}

bool no_such_word(Faults& faults, const Expr& expr, Want want) {
  const std::string name(info(want.type).name);
  const auto words = want.type == Type::inet_service                    ? services()
                     : want.type == Type::uid || want.type == Type::gid ? users()
                                                                        : symbols(want.type);
  std::vector<std::string_view> names;
  for (const Symbol& word : words) names.push_back(word.name);
  const std::string message = quoted(expr) + " is no " + (name == "integer" ? "number" : name);
  const std::string suggestion = nearest(expr.text, names);
  if (want.type == Type::inet_service || want.type == Type::uid || want.type == Type::gid || words.empty())
    return faults.fault(expr.span, message, want.type == Type::inet_service ? "a port or a service name" : "a number",
                        suggestion);
  return faults.fault(expr.span, message, words_of(words), suggestion);
}

bool in_range(Faults& faults, const Expr& expr, Want want) {
  const std::uint16_t bits = bits_of(want);
  if (bits >= 64 || expr.number >> bits == 0) return true;
  const std::uint64_t largest = (std::uint64_t{1} << bits) - 1;
  return faults.fault(expr.span, shortened(expr.text) + " is too large for " + std::string(info(want.type).name),
                      "0 to " + std::to_string(largest), {});
}

}  // namespace

Expr literal(const Token& token) {
  Expr expr;
  expr.span = {token.begin, token.end};
  expr.text = token.text;
  expr.number = token.number;
  expr.length = static_cast<std::uint32_t>(token.kind);
  return expr;
}

bool is_literal(const Expr& expr) {
  return expr.kind == ExprKind::value && expr.type == Type::invalid;
}

std::uint16_t bits_of(Want want) {
  return want.bits != 0 ? want.bits : info(want.type).bits;
}

bool resolve_value(Faults& faults, Expr& expr, Want want) {
  switch (want.type) {
    case Type::ipv4_addr:
    case Type::ipv6_addr:
      return resolve_address(faults, expr, want);
    case Type::ether_addr:
    case Type::ll_addr:
      return resolve_mac(faults, expr, want);
    case Type::ifname:
    case Type::string:
      return resolve_name(faults, expr, want);
    case Type::invalid:
    case Type::verdict:
      return faults.fault(expr.span, quoted(expr) + " cannot stand here", {}, {});
    default:
      break;
  }
  Value value;
  if (special_form(expr, want, value)) return set(expr, want.type, value);
  if (const auto word = constant(want.type, expr.text); word && token_kind(expr) != TokenKind::number)
    return set(expr, want.type, *word);
  if (token_kind(expr) == TokenKind::number) {
    if (want.type == Type::ct_label)
      return faults.fault(expr.span, expr.text + " is too large for ct_label", "0 to 127", {});
    return in_range(faults, expr, want) && set(expr, want.type, expr.number);
  }
  if (want.type == Type::iface_index || want.type == Type::cgroupsv2) {  // known only where the rules are loaded
    const std::string name = expr.text;
    if (want.type == Type::iface_index && (name.empty() || name.size() > longest_name))
      return faults.fault(expr.span, "\"" + shortened(name) + "\" is no interface's name", "at most 15 characters", {});
    set(expr, want.type, value_of_name(name));
    expr.text = name;
    return true;
  }
  return no_such_word(faults, expr, want);
}

}  // namespace fourtuple::nft
