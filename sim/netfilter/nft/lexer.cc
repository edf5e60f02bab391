#include "sim/netfilter/nft/lexer.h"

#include <algorithm>
#include <limits>

namespace fourtuple::nft {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool hex(char c) {
  return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
}
bool in_word(char c) {
  return starts_word(c) || digit(c) || c == '/' || c == '-';
}

// How many characters, `most` at the longest, satisfy `test` at `from`.
template <class Test>
std::size_t run(std::string_view text, std::size_t from, Test test, std::size_t most = std::string_view::npos) {
  std::size_t n = 0;
  while (n < most && from + n < text.size() && test(text[from + n])) ++n;
  return n;
}

std::size_t mac_length(std::string_view text) {
  std::size_t at = 0;
  for (int group = 0; group < 6; ++group) {
    if (group > 0) {
      if (at >= text.size() || text[at] != ':') return 0;
      ++at;
    }
    const std::size_t n = run(text, at, hex, 2);
    if (n == 0) return 0;
    at += n;
  }
  return at;
}

// "ab:cd" before a space, ':', '-', '}' or ',': a traffic class.
std::size_t classid_length(std::string_view text) {
  const std::size_t major = run(text, 0, hex, 4);
  if (major == 0 || major >= text.size() || text[major] != ':') return 0;
  const std::size_t minor = run(text, major + 1, hex, 4);
  const std::size_t length = major + 1 + minor;
  if (minor == 0 || length >= text.size()) return 0;
  return std::string_view(" \t\n:-},").find(text[length]) == std::string_view::npos ? 0 : length;
}

// "1d2h3m4s5ms", each part at most once and in this order.
std::size_t duration_length(std::string_view text) {
  constexpr std::string_view units[] = {"d", "h", "m", "s", "ms"};
  std::size_t at = 0, unit = 0;
  while (unit < 5) {
    const std::size_t digits = run(text, at, digit);
    if (digits == 0) break;
    const std::string_view rest = text.substr(at + digits);
    std::size_t found = 5;
    for (std::size_t i = unit; i < 5; ++i)
      if (rest.substr(0, units[i].size()) == units[i]) found = i;  // the last: "ms" wins over "m"
    if (found == 5) break;
    at += digits + units[found].size();
    unit = found + 1;
  }
  return at;
}

std::size_t number_length(std::string_view text) {
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && hex(text[2]))
    return 2 + run(text, 2, hex);
  return run(text, 0, digit);
}

// Strings with an asterisk: eth*, eth\*, \*, a\*b. 0 when there is none.
std::size_t wildcard_length(std::string_view text) {
  const std::size_t word = !text.empty() && starts_word(text[0]) ? run(text, 0, in_word) : 0;
  if (word > 0 && word < text.size() && text[word] == '*') return word + 1;
  if (word + 1 >= text.size() || text[word] != '\\' || text[word + 1] != '*') return 0;
  const std::size_t escaped = word + 2;
  if (word > 0 && escaped < text.size() && starts_word(text[escaped])) return escaped + run(text, escaped, in_word);
  return escaped;
}

struct Sign {
  std::string_view text;
  TokenKind kind;
};
// Longer ones first. Words among them are signs wherever they stand.
constexpr Sign signs[] = {
    {"==", TokenKind::equal},       {"!=", TokenKind::not_equal},
    {"<=", TokenKind::less_equal},  {">=", TokenKind::greater_equal},
    {"<<", TokenKind::shift_left},  {">>", TokenKind::shift_right},
    {"<", TokenKind::less},         {">", TokenKind::greater},
    {",", TokenKind::comma},        {".", TokenKind::dot},
    {":", TokenKind::colon},        {";", TokenKind::semicolon},
    {"{", TokenKind::brace_open},   {"}", TokenKind::brace_close},
    {"[", TokenKind::bracket_open}, {"]", TokenKind::bracket_close},
    {"(", TokenKind::paren_open},   {")", TokenKind::paren_close},
    {"^", TokenKind::bit_xor},      {"&", TokenKind::bit_and},
    {"|", TokenKind::bit_or},       {"!", TokenKind::negation},
    {"/", TokenKind::slash},        {"-", TokenKind::dash},
    {"*", TokenKind::star},         {"@", TokenKind::at},
    {"$", TokenKind::dollar},       {"=", TokenKind::assign},
    {"+", TokenKind::plus},         {"\n", TokenKind::newline},
};
constexpr Sign word_signs[] = {
    {"eq", TokenKind::equal},          {"ne", TokenKind::not_equal},       {"lt", TokenKind::less},
    {"le", TokenKind::less_equal},     {"gt", TokenKind::greater},         {"ge", TokenKind::greater_equal},
    {"lshift", TokenKind::shift_left}, {"rshift", TokenKind::shift_right}, {"xor", TokenKind::bit_xor},
    {"and", TokenKind::bit_and},       {"or", TokenKind::bit_or},          {"not", TokenKind::negation},
};

class Lexer {
 public:
  Lexer(std::string_view text, std::uint32_t base) : text_(text), base_(base), last_newline_(text.rfind('\n')) {
    tokens_.reserve(text.size() / 5 + 1);
  }

  std::vector<Token> run() {
    while (at_ < text_.size()) step();
    add(TokenKind::end, 0);
    return std::move(tokens_);
  }

 private:
  void add(TokenKind kind, std::size_t length) {
    const auto begin = base_ + static_cast<std::uint32_t>(at_);
    tokens_.push_back({kind, begin, begin + static_cast<std::uint32_t>(length), text_.substr(at_, length), 0});
    at_ += length;
  }

  void step() {
    const char c = text_[at_];
    const std::string_view rest = text_.substr(at_);
    if (c == ' ' || c == '\t') {
      ++at_;
    } else if (c == '\\' && rest.size() > 1 && rest[1] == '\n') {
      at_ += 2;
    } else if (c == '#') {
      if (last_newline_ != std::string_view::npos && at_ < last_newline_)
        at_ = text_.find('\n', at_);
      else
        junk();
    } else if (c == '"') {
      quoted(rest);
    } else {
      longest(rest);
    }
  }

  void junk() { add(TokenKind::junk, 1); }

  void quoted(std::string_view rest) {
    const std::size_t close = rest.find('"', 1);
    if (close == std::string_view::npos) return junk();
    add(TokenKind::quoted, close + 1);
    tokens_.back().text = rest.substr(1, close - 1);
  }

  // The longest of all that could begin here; of equally long ones the first as listed.
  void longest(std::string_view rest) {
    std::size_t best = 0;
    TokenKind kind = TokenKind::junk;
    const auto offer = [&](std::size_t length, TokenKind offered) {
      if (length > best) best = length, kind = offered;
    };
    for (const Sign& sign : signs)
      if (rest.substr(0, sign.text.size()) == sign.text) offer(sign.text.size(), sign.kind);
    if (hex(rest[0]) || rest[0] == ':')
      offer(std::max({mac_length(rest), ip4_length(rest), ip6_length(rest)}), TokenKind::literal);
    if (rest[0] == '[') {
      const std::size_t inner = ip6_length(rest.substr(1));
      if (inner > 0 && inner + 1 < rest.size() && rest[inner + 1] == ']') {
        add(TokenKind::literal, inner + 2);
        tokens_.back().text = rest.substr(1, inner);
        return;
      }
    }
    for (const std::string_view tag : {std::string_view("8021ad"), std::string_view("8021q")})
      if (rest.substr(0, tag.size()) == tag) offer(tag.size(), TokenKind::literal);
    if (digit(rest[0])) {
      offer(duration_length(rest), TokenKind::literal);
      offer(number_length(rest), TokenKind::number);
    }
    if (hex(rest[0])) offer(classid_length(rest), TokenKind::literal);
    offer(wildcard_length(rest), TokenKind::wildcard);
    if (starts_word(rest[0])) offer(nft_word(rest), TokenKind::word);
    if (best == 0) return junk();
    add(kind, best);
    if (kind == TokenKind::number) number(tokens_.back());
    if (kind == TokenKind::word) sign_word(tokens_.back());
  }

  static std::size_t nft_word(std::string_view rest) { return nft::run(rest, 0, in_word); }

  static void sign_word(Token& token) {
    for (const Sign& sign : word_signs)
      if (token.text == sign.text) token.kind = sign.kind;
  }

  // Decimal, hexadecimal or, with a leading zero, octal as strtoull reads them; what it does not read is a string.
  static void number(Token& token) {
    const bool is_hex = token.text.size() > 1 && (token.text[1] | 0x20) == 'x';
    const bool octal = !is_hex && token.text.size() > 1 && token.text[0] == '0';
    const std::uint64_t radix = is_hex ? 16 : octal ? 8 : 10;
    for (const char c : token.text.substr(is_hex ? 2 : 0)) {
      const auto value = static_cast<std::uint64_t>(digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
      if (value >= radix) {  // 08
        token.kind = TokenKind::literal;
        return;
      }
      if (token.number > (std::numeric_limits<std::uint64_t>::max() - value) / radix) {
        token.kind = TokenKind::literal;
        return;
      }
      token.number = token.number * radix + value;
    }
  }

  std::string_view text_;
  std::uint32_t base_;
  std::size_t last_newline_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text, std::uint32_t base) {
  return Lexer(text, base).run();
}

std::size_t ip4_length(std::string_view text) {
  std::size_t at = 0;
  for (int group = 0; group < 4; ++group) {
    if (group > 0) {
      if (at >= text.size() || text[at] != '.') return 0;
      ++at;
    }
    const std::size_t n = run(text, at, digit, 3);
    if (n == 0) return 0;
    at += n;
  }
  return at;
}

std::size_t ip6_length(std::string_view text) {
  std::size_t at = 0, longest = 0;
  int groups = 0;
  bool gap = false;
  if (text.substr(0, 2) == "::") {
    gap = true;
    at = longest = 2;
    // "::1.2.3.4" and "::ffff:1.2.3.4" are the only mixed forms.
    std::string_view tail = text.substr(2);
    std::size_t prefix = 2;
    if (tail.size() > 5 && tail[4] == ':' &&
        std::all_of(tail.begin(), tail.begin() + 4, [](char c) { return (c | 0x20) == 'f'; })) {
      tail.remove_prefix(5);
      prefix += 5;
    }
    if (const std::size_t v4 = ip4_length(tail); v4 > 0) return prefix + v4;
    if (const std::size_t v4 = ip4_length(text.substr(2)); v4 > 0) return 2 + v4;
  }
  while (groups < 8) {
    const std::size_t n = run(text, at, hex, 4);
    if (n == 0) break;
    at += n;
    ++groups;
    if (gap ? groups <= 7 : groups == 8) longest = at;
    if (at >= text.size() || text[at] != ':') break;
    if (!gap && groups <= 7 && at + 1 < text.size() && text[at + 1] == ':') {
      gap = true;
      at += 2;
      longest = at;
    } else {
      ++at;
    }
  }
  return longest;
}

bool duration_ms(std::string_view text, std::uint64_t& milliseconds) {
  if (text.empty() || duration_length(text) != text.size()) return false;
  constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  milliseconds = 0;
  while (!text.empty()) {
    std::uint64_t number = 0;
    for (; digit(text[0]); text.remove_prefix(1)) {
      if (number > (largest - 9) / 10) return false;
      number = number * 10 + static_cast<std::uint64_t>(text[0] - '0');
    }
    const bool ms = text.substr(0, 2) == "ms";
    const std::uint64_t unit = ms               ? 1
                               : text[0] == 'd' ? 86'400'000
                               : text[0] == 'h' ? 3'600'000
                               : text[0] == 'm' ? 60'000
                                                : 1000;
    text.remove_prefix(ms ? 2 : 1);
    if (number > (largest - milliseconds) / unit) return false;
    milliseconds += number * unit;
  }
  return true;
}

}  // namespace fourtuple::nft
