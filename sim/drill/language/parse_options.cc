// <mss 1000,sackOK,nop,nop,nop,wscale 7>: the options of a TCP header, in the order of the wire.
#include <fmt/format.h>

#include "sim/drill/language/parser.h"

namespace fourtuple::drill {
namespace {

constexpr std::size_t most_options = 40;

// Bytes an option takes in the header.
std::size_t size_of(const TcpOptionSpec& option) {
  switch (option.kind) {
    case TcpOptionSpec::Kind::end:
    case TcpOptionSpec::Kind::nop:
      return 1;
    case TcpOptionSpec::Kind::mss:
      return 4;
    case TcpOptionSpec::Kind::window_scale:
      return 3;
    case TcpOptionSpec::Kind::sack_permitted:
      return 2;
    case TcpOptionSpec::Kind::sack:
      return 2 + 4 * option.numbers.size();
    case TcpOptionSpec::Kind::timestamps:
      return 10;
    case TcpOptionSpec::Kind::md5:
      return 18;
    case TcpOptionSpec::Kind::fast_open:
      return 2 + option.bytes.size();
    case TcpOptionSpec::Kind::fast_open_trial:
      return 4 + option.bytes.size();
    case TcpOptionSpec::Kind::accurate_ecn:
      return 2 + 3 * option.numbers.size();
  }
  return 0;
}

}  // namespace

bool Parser::tcp_options(TcpSpec& out) {
  // A '<' here belongs to this packet: events begin with their time.
  if (!lexer_.peek().is('<')) return true;
  const Place where = lexer_.take().where;
  if (lexer_.peek().kind == Token::Kind::ellipsis) {
    lexer_.take();
    out.any_options = true;
    return take_sign('>', "the options");
  }
  if (skip_sign('>')) return true;
  std::size_t bytes = 0;
  do {
    TcpOptionSpec option;
    if (out.options.size() == most_options) return fault(where, "there are too many options");
    if (!tcp_option(option)) return false;
    bytes += size_of(option);
    out.options.push_back(std::move(option));
  } while (skip_sign(','));
  if (!take_sign('>', "the options")) return false;
  if (bytes > 40) return fault(where, fmt::format("the options take {} bytes", bytes), "40 at most");
  if (bytes % 4 == 0) return true;
  return fault(where, fmt::format("the options take {} bytes, which is no multiple of 4", bytes),
               fmt::format("{} more nop or eol", 4 - bytes % 4));
}

bool Parser::tcp_option(TcpOptionSpec& out) {
  constexpr std::string_view names[] = {"eol", "nop", "mss", "wscale", "sackOK", "sack",
                                        "TS",  "md5", "FO",  "FOEXP",  "ECN"};
  out.where = lexer_.peek().where;
  std::size_t which = 0;
  if (!one_of(names, which, "an option: mss, wscale, sackOK, sack, TS, nop, eol, md5, FO, FOEXP or ECN")) return false;
  out.kind = static_cast<TcpOptionSpec::Kind>(which);
  switch (out.kind) {
    case TcpOptionSpec::Kind::end:
    case TcpOptionSpec::Kind::nop:
    case TcpOptionSpec::Kind::sack_permitted:
      return true;
    case TcpOptionSpec::Kind::mss:
      return number(out.numbers.emplace_back(), "mss", 65535);
    case TcpOptionSpec::Kind::window_scale:
      return number(out.numbers.emplace_back(), "wscale", 255);
    case TcpOptionSpec::Kind::sack:
      return sack_blocks(out);
    case TcpOptionSpec::Kind::timestamps:
      return numbers_behind(out, {"val", "ecr"});
    case TcpOptionSpec::Kind::md5:
    case TcpOptionSpec::Kind::fast_open:
    case TcpOptionSpec::Kind::fast_open_trial:
      return hex_bytes(out);
    case TcpOptionSpec::Kind::accurate_ecn:
      return accurate_ecn(out);
  }
  return false;
}

bool Parser::numbers_behind(TcpOptionSpec& out, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const Token token = lexer_.take(); !token.is_word(name)) return expected(token, fmt::format("'{}'", name));
    if (!number(out.numbers.emplace_back(), name, most32)) return false;
  }
  return true;
}

// 1001:2001 3001:4001
bool Parser::sack_blocks(TcpOptionSpec& out) {
  while (lexer_.peek().kind == Token::Kind::integer) {
    if (!number(out.numbers.emplace_back(), "first number of a block", most32)) return false;
    if (!take_sign(':', "the first number of a block")) return false;
    if (!number(out.numbers.emplace_back(), "number behind a block", most32)) return false;
  }
  if (!out.numbers.empty()) return true;
  return expected(lexer_.peek(), "blocks behind sack, such as 1001:2001");
}

// Digits without 0x, two for each byte; or a name that was defined so. FO alone asks for a cookie.
bool Parser::hex_bytes(TcpOptionSpec& out) {
  const Token token = lexer_.peek();
  if (token.kind != Token::Kind::word && token.kind != Token::Kind::integer) {
    if (out.kind != TcpOptionSpec::Kind::md5) return true;
    return expected(token, "the digest, 32 hexadecimal digits");
  }
  lexer_.take();
  const std::string digits = token.kind == Token::Kind::word ? token.text : std::string(token.raw);
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int high = hex_digit(digits[i]), low = hex_digit(digits[i + 1]);
    if (high < 0 || low < 0) return expected(token, "hexadecimal digits");
    out.bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  if (digits.size() % 2 != 0) return expected(token, "two hexadecimal digits for each byte");
  if (out.kind == TcpOptionSpec::Kind::md5 && out.bytes.size() != 16)
    return expected(token, "the digest, 32 hexadecimal digits");
  return out.bytes.size() <= 36 || fault(token.where, "this is longer than options can be");
}

// e0b 1 ceb 0 e1b 1, in either order, the last ones may be left out.
bool Parser::accurate_ecn(TcpOptionSpec& out) {
  while (lexer_.peek().kind == Token::Kind::word) {
    constexpr std::string_view names[] = {"e0b", "ceb", "e1b"};
    std::size_t which = 0;
    if (!one_of(names, which, "e0b, ceb or e1b")) return false;
    if (out.fields.size() == 3) return fault(out.where, "there are more than three counters");
    out.fields.emplace_back(names[which]);
    if (!number(out.numbers.emplace_back(), names[which], 0xffffff)) return false;
  }
  return true;
}

}  // namespace fourtuple::drill
