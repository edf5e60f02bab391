// Cuts a text of the nft language into tokens, as nft's scanner does: the longest match wins, addresses and times are
// one token, `a-b/c.d` is one word. Which words are keywords is decided by the parser, not here.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace fourtuple::nft {

enum class TokenKind : std::uint8_t {
  end,  // always the last token
  newline,
  semicolon,
  word,      // the only kind that can be a keyword
  literal,   // an address, a duration, "1:2": a string that can never be a keyword
  number,    // decimal or 0x…: `number`
  quoted,    // "…": text without the quotes
  wildcard,  // eth*
  junk,      // no token: text is the offending character
  comma,
  dot,
  colon,
  brace_open,
  brace_close,
  bracket_open,
  bracket_close,
  paren_open,
  paren_close,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  negation,
  shift_left,
  shift_right,
  bit_and,
  bit_or,
  bit_xor,
  slash,
  dash,
  plus,
  star,
  at,
  dollar,
  assign,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::uint32_t begin = 0, end = 0;  // place in the text, counted from `base`
  std::string_view text;             // points into the text
  std::uint64_t number = 0;
};

// The tokens view `text`, which must outlive them. Spaces, comments and line continuations are left out.
std::vector<Token> tokenize(std::string_view text, std::uint32_t base = 0);

// The length of the longest address, or 0, that `text` begins with, in the forms nft's scanner knows.
std::size_t ip6_length(std::string_view text);
std::size_t ip4_length(std::string_view text);
// "1d2h3m4s5ms" in milliseconds; false when it is no duration or exceeds 64 bits.
bool duration_ms(std::string_view text, std::uint64_t& milliseconds);

}  // namespace fourtuple::nft
