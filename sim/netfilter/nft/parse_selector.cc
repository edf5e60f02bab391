#include "sim/netfilter/nft/parse_selector.h"

#include <algorithm>

#include "sim/base/nearest.h"
#include "sim/netfilter/nft/parse_expression.h"
#include "sim/netfilter/nft/parse_option.h"
#include "sim/netfilter/nft/resolve.h"

namespace fourtuple::nft {
namespace {

Found found(bool ok) {
  return ok ? Found::yes : Found::fault;
}

// The address and port keys of ct, which need a direction.
std::string_view directed_key(std::string_view key) {
  constexpr std::string_view keys[] = {"saddr", "daddr", "proto-src", "proto-dst"};
  const auto* at = std::find(std::begin(keys), std::end(keys), key);
  return at == std::end(keys) ? std::string_view() : *at;
}

bool parse_ct_address(Parser& p, Expr& expr, std::string_view direction) {
  const Token proto = p.take();
  const Token key = p.now();
  if (key.text != "saddr" && key.text != "daddr") {
    constexpr std::string_view keys[] = {"saddr", "daddr"};
    return p.unexpected("saddr or daddr", keys);
  }
  p.take();
  expr.field = *field_named("ct", key.text, direction);
  expr.type = proto.text == "ip" ? Type::ipv4_addr : Type::ipv6_addr;
  expr.text = proto.text;
  return true;
}

bool parse_ct(Parser& p, Expr& expr) {
  std::string_view direction;
  if (p.is_word("original") || p.is_word("reply")) direction = p.take().text;
  if (!direction.empty() && (p.is_word("ip") || p.is_word("ip6"))) return parse_ct_address(p, expr, direction);
  const Token key = p.now();
  if (key.kind == TokenKind::word) {
    if (const auto field = field_named("ct", key.text, direction); field && key.text != "count") {
      p.take();
      expr.field = *field;
      expr.type = info(*field).type;
      if (expr.type != Type::invalid) {
        if (!directed_key(key.text).empty()) return true;
        expr.text = direction;
        return true;
      }
      // An address: its family is the rule's.
      expr.type = p.network == TableFamily::ip6 ? Type::ipv6_addr : Type::ipv4_addr;
      if (p.family == TableFamily::ip || p.family == TableFamily::ip6) return true;
      expr.text = p.network == TableFamily::ip6 ? "ip6" : "ip";
      if (p.network == TableFamily::ip || p.network == TableFamily::ip6) return true;
      const std::string words = "ct " + std::string(direction);
      return p.fail(
          {key.begin, key.end}, "the family of this address is not known here",
          "'" + words + " ip " + std::string(key.text) + "' or '" + words + " ip6 " + std::string(key.text) + "'");
    }
    if (direction.empty() && !directed_key(key.text).empty())
      return p.fail({key.begin, key.end}, "this key of ct needs a direction", "'ct original' or 'ct reply' before it");
  }
  const std::vector<std::string_view> keys = keys_of("ct");
  return p.unexpected("a key of ct such as state, status or mark", keys);
}

bool parse_meta(Parser& p, Expr& expr) {
  const Token key = p.now();
  if (key.kind == TokenKind::word) {
    if (const auto field = field_named("meta", key.text)) {
      p.take();
      expr.field = *field;
      expr.type = info(*field).type;
      return true;
    }
  }
  const std::vector<std::string_view> keys = keys_of("meta");
  return p.unexpected("a key of meta such as mark, l4proto or iifname", keys);
}

bool parse_header(Parser& p, Expr& expr, std::string_view header) {
  const Token key = p.now();
  if (key.kind == TokenKind::word) {
    if (const auto field = field_named(header, key.text)) {
      p.take();
      expr.field = *field;
      expr.type = info(*field).type;
      return true;
    }
  }
  const std::vector<std::string_view> keys = keys_of(header);
  std::string expected = "a field of " + std::string(header) + ":";
  for (const std::string_view word : keys) expected += ' ' + std::string(word);
  return p.unexpected(expected, keys);
}

bool parse_fib(Parser& p, Expr& expr, const Token& head) {
  constexpr std::string_view keys[] = {"saddr", "daddr", "mark", "iif", "oif"};
  constexpr std::string_view results[] = {"oif", "oifname", "type"};
  const Span keys_span{p.now().begin, 0};
  do {
    const auto* key =
        p.is(TokenKind::word) ? std::find(std::begin(keys), std::end(keys), p.now().text) : std::end(keys);
    if (key == std::end(keys)) return p.unexpected("saddr, daddr, mark, iif or oif", keys);
    expr.number |= std::uint64_t{1} << (key - std::begin(keys));
    p.take();
  } while (p.take_if(TokenKind::dot));
  const Span at{keys_span.begin, p.taken_end()};
  const auto both = [&](std::uint64_t a, std::uint64_t b) { return (expr.number & a) != 0 && (expr.number & b) != 0; };
  if ((expr.number & (FibKey::saddr | FibKey::daddr)) == 0) return p.fail(at, "fib needs an address", "saddr or daddr");
  if (both(FibKey::saddr, FibKey::daddr)) return p.fail(at, "fib takes one address", "saddr or daddr, not both");
  if (both(FibKey::iif, FibKey::oif)) return p.fail(at, "fib takes one interface", "iif or oif, not both");
  const auto* result =
      p.is(TokenKind::word) ? std::find(std::begin(results), std::end(results), p.now().text) : std::end(results);
  if (result == std::end(results)) return p.unexpected("oif, oifname or type", results);
  expr.number2 = static_cast<std::uint64_t>(result - std::begin(results));
  p.take();
  expr.field = Field::fib;
  expr.type = *result == "type" ? Type::fib_addrtype : *result == "oif" ? Type::iface_index : Type::ifname;
  expr.text = head.text;
  for (std::size_t i = 0; i < std::size(keys); ++i)
    if ((expr.number >> i & 1) != 0) expr.text += (expr.text == head.text ? " " : " . ") + std::string(keys[i]);
  expr.text += ' ' + std::string(*result);
  return true;
}

// @nh,96,32: base, first bit, number of bits.
bool parse_raw_payload(Parser& p, Expr& expr) {
  constexpr std::string_view bases[] = {"ll", "nh", "th", "ih"};
  const auto* base =
      p.is(TokenKind::word) ? std::find(std::begin(bases), std::end(bases), p.now().text) : std::end(bases);
  if (base == std::end(bases)) return p.unexpected("ll, nh, th or ih after '@'", bases);
  expr.length = static_cast<std::uint32_t>(base - std::begin(bases));
  p.take();
  if (!p.need(TokenKind::comma, "',' and the first bit") || !parse_number(p, expr.number, 0xffff, "the first bit"))
    return false;
  if (!p.need(TokenKind::comma, "',' and the number of bits") ||
      !parse_number(p, expr.number2, 128, "the number of bits"))
    return false;
  if (expr.number2 == 0) return p.fail({p.taken_end() - 1, p.taken_end()}, "a field of no bits", "1 to 128");
  if (expr.length == 2 && expr.number2 == 16 && expr.number <= 16 && expr.number % 16 == 0) {
    // The ports of any transport: nft makes no difference between these and th.
    expr.field = expr.number == 0 ? Field::th_sport : Field::th_dport;
    expr.type = Type::inet_service;
    expr.number = expr.number2 = expr.length = 0;
    return true;
  }
  expr.field = Field::raw_payload;
  expr.type = Type::integer;
  expr.text = "@" + std::string(*base) + "," + std::to_string(expr.number) + "," + std::to_string(expr.number2);
  return true;
}

bool parse_offset(Parser& p, Expr& expr) {
  return !p.take_word("offset") || parse_number(p, expr.number2, 0xffffffff, "a number");
}

bool parse_modulus(Parser& p, Expr& expr) {
  if (!p.need_word("mod")) return false;
  const Token number = p.now();
  if (!parse_number(p, expr.number, 0xffffffff, "a number")) return false;
  return expr.number > 0 || p.fail({number.begin, number.end}, "modulo 0 has no values", "1 or more");
}

bool parse_numgen(Parser& p, Expr& expr) {
  constexpr std::string_view kinds[] = {"inc", "random"};
  if (!p.is_word("inc") && !p.is_word("random")) return p.unexpected("inc or random", kinds);
  expr.kind = ExprKind::number_generator;
  expr.text = p.take().text;
  expr.type = Type::integer;
  return parse_modulus(p, expr) && parse_offset(p, expr);
}

bool parse_hash(Parser& p, Expr& expr, const Token& head) {
  const Parser::Nest nest(p);
  if (!nest.ok()) return false;
  expr.kind = ExprKind::hash;
  expr.type = Type::integer;
  expr.text = head.text;
  if (head.text == "jhash") {
    Expr& key = expr.parts.emplace_back();
    if (!parse_concat(p, key, Side::left)) return false;
    const Wants wants = wants_of(key);
    if (wants.empty()) return p.fail(key.span, "a hash is made from a packet", "a selector such as ip saddr");
    if (!resolve(p, key, wants)) return false;
  }
  if (!parse_modulus(p, expr)) return false;
  if (head.text == "jhash" && p.take_word("seed")) {
    if (!parse_number(p, expr.value.low, 0xffffffff, "a number")) return false;
    expr.length = 1;  // a seed is given
  }
  return parse_offset(p, expr);
}

// Whether the token begins a selector without being a header of fields.
Found parse_special(Parser& p, Expr& expr, const Token& head) {
  const std::string_view word = head.text;
  const auto take_then = [&](auto&& parse) {
    p.take();
    return found(parse());
  };
  if (word == "meta") return take_then([&] { return parse_meta(p, expr); });
  if (word == "ct") return take_then([&] { return parse_ct(p, expr); });
  if (word == "fib") return take_then([&] { return parse_fib(p, expr, head); });
  if (word == "numgen") return take_then([&] { return parse_numgen(p, expr); });
  if (word == "jhash" || word == "symhash") return take_then([&] { return parse_hash(p, expr, head); });
  const bool bare_meta = word == "time" || word == "day" || word == "hour" ||
                         (word == "ipsec" && p.ahead(1).text != "in" && p.ahead(1).text != "out");
  if (bare_meta) return found(parse_meta(p, expr));
  if (begins_option(p)) return found(parse_option(p, expr));
  return Found::no;
}

}  // namespace

Found parse_selector(Parser& p, Expr& expr) {
  const Token head = p.now();
  expr.span.begin = head.begin;
  expr.kind = ExprKind::selector;
  Found result = Found::no;
  if (head.kind == TokenKind::at) {
    p.take();
    result = found(parse_raw_payload(p, expr));
  } else if (head.kind == TokenKind::word) {
    result = parse_special(p, expr, head);
    if (result == Found::no && is_header(head.text)) {
      p.take();
      result = found(parse_header(p, expr, head.text));
    } else if (result == Found::no) {
      if (const auto field = field_named(head.text)) {
        p.take();
        expr.field = *field;
        expr.type = info(*field).type;
        result = Found::yes;
      }
    }
  }
  expr.span.end = p.taken_end();
  if (result == Found::no) expr.kind = ExprKind::value;
  return result;
}

std::uint16_t selector_bits(const Expr& expr) {
  if (expr.field == Field::raw_payload) return static_cast<std::uint16_t>(expr.number2);
  if (expr.type == Type::ipv4_addr) return 32;
  if (expr.type == Type::ipv6_addr) return 128;
  if (const std::uint16_t bits = info(expr.field).bits; bits != 0) return bits;
  if (expr.length != 0) return static_cast<std::uint16_t>(expr.length);
  return info(expr.type).bits;
}

std::span<const std::string_view> selector_words() {
  static constexpr std::string_view words[] = {
      "meta",    "ct",     "ip",      "ip6",  "tcp",   "udp",   "icmp",    "icmpv6",  "th",   "iif",
      "iifname", "oif",    "oifname", "mark", "skuid", "skgid", "fib",     "ether",   "vlan", "arp",
      "sctp",    "dccp",   "udplite", "igmp", "esp",   "ah",    "comp",    "socket",  "rt",   "exthdr",
      "frag",    "hbh",    "dst",     "mh",   "osf",   "ipsec", "pkttype", "iiftype", "cpu",  "cgroup",
      "jhash",   "numgen", "symhash", "rt0",  "rt2",   "srh"};
  return words;
}

}  // namespace fourtuple::nft
