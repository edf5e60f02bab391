// Words and signs of a packetdrill script. Whitespace and comments (// and /* */) separate; lines mean nothing. A token
// is looked at before it is taken, so that flags of a TCP header and options, which are words of another kind, can be
// read as they stand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "sim/drill/language/script.h"

namespace fourtuple::drill {

struct Token {
  enum class Kind : std::uint8_t { end, sign, integer, decimal, word, string, command, code, ellipsis, fault };
  Kind kind = Kind::end;
  Place where;
  std::size_t begin = 0, finish = 0;  // in the text
  std::string_view raw;               // as written
  std::string text;                   // word, or what stands between the quotes; fault: what is wrong
  std::int64_t number = 0;            // integer; decimal: billionths

  bool is(char sign) const { return kind == Kind::sign && raw.size() == 1 && raw[0] == sign; }
  bool is_word(std::string_view word) const { return kind == Kind::word && text == word; }
};

// Values of names given with --define, as written: a number, a word, "text" or `command`.
using Definitions = std::map<std::string, std::string, std::less<>>;

// The value of a hexadecimal digit; -1: it is none.
int hex_digit(char c);

class Lexer {
 public:
  // Both must outlive the lexer.
  Lexer(std::string_view text, const Definitions& definitions) : text_(text), definitions_(definitions) {}

  Token peek();
  Token take();
  // The characters of `allowed` that stand where the next token begins; empty when there are none.
  std::string_view take_run(std::string_view allowed);
  // Everything up to the next blank, where the next token begins; a part in quotes may hold blanks.
  std::string_view take_until_blank();
  // The character at `ahead` behind the next token's beginning; '\0' behind the end.
  char look(std::size_t ahead);
  // Where the next token begins, to go back to.
  std::size_t mark();
  void go_back(std::size_t mark) { at_ = mark; }

  Place place_of(std::size_t offset) const;

 private:
  void skip_blanks();
  Token lex();
  Token lex_number_or_word();
  Token quoted(Token::Kind kind, std::string_view end);
  Token defined(const Token& word);

  std::string_view text_;
  const Definitions& definitions_;
  std::size_t at_ = 0;
  bool comment_open_ = false;  // a /* without its end was met
  mutable std::size_t placed_ = 0;
  mutable Place place_{1, 1};
};

}  // namespace fourtuple::drill
