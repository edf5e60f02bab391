#include "sim/drill/language/lexer.h"

#include <algorithm>

namespace fourtuple::drill {
namespace {

constexpr std::int64_t longest_integer_digits = 18;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool read_decimal(std::string_view digits, std::int64_t& number) {
  if (digits.empty() || static_cast<std::int64_t>(digits.size()) > longest_integer_digits) return false;
  number = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return false;
    number = number * 10 + (c - '0');
  }
  return true;
}

bool read_hex(std::string_view word, std::int64_t& number) {
  if (word.size() < 3 || word.size() > 17 || word[0] != '0' || (word[1] | 0x20) != 'x') return false;
  number = 0;
  for (const char c : word.substr(2)) {
    const int digit = hex_digit(c);
    if (digit < 0) return false;
    number = number * 16 + digit;
  }
  return true;
}

// Billionths of "12.345"; digits beyond the ninth are left out.
bool read_billionths(std::string_view whole, std::string_view fraction, std::int64_t& number) {
  std::int64_t units = 0;
  if (whole.size() > 9 || (!whole.empty() && !read_decimal(whole, units))) return false;
  number = units * 1'000'000'000;
  std::int64_t weight = 100'000'000;
  for (const char c : fraction) {
    number += (c - '0') * weight;
    weight /= 10;
  }
  return true;
}

}  // namespace

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Place Lexer::place_of(std::size_t offset) const {
  if (offset < placed_) {
    placed_ = 0;
    place_ = {1, 1};
  }
  for (; placed_ < std::min(offset, text_.size()); ++placed_) {
    if (text_[placed_] == '\n') {
      ++place_.line;
      place_.column = 1;
    } else {
      ++place_.column;
    }
  }
  return place_;
}

void Lexer::skip_blanks() {
  while (at_ < text_.size()) {
    const std::string_view rest = text_.substr(at_);
    if (is_blank(rest[0])) {
      ++at_;
    } else if (rest.starts_with("//")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (rest.starts_with("/*")) {
      const std::size_t end = text_.find("*/", at_ + 2);
      comment_open_ = end == std::string_view::npos;
      if (comment_open_) return;
      at_ = end + 2;
    } else {
      return;
    }
  }
}

Token Lexer::peek() {
  skip_blanks();
  const std::size_t begin = at_;
  Token token = lex();
  token.begin = begin;
  token.finish = at_;
  token.where = place_of(begin);
  token.raw = text_.substr(begin, at_ - begin);
  at_ = begin;
  return token.kind == Token::Kind::word ? defined(token) : token;
}

Token Lexer::take() {
  Token token = peek();
  at_ = token.finish;
  return token;
}

std::size_t Lexer::mark() {
  skip_blanks();
  return at_;
}

char Lexer::look(std::size_t ahead) {
  skip_blanks();
  return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
}

std::string_view Lexer::take_run(std::string_view allowed) {
  skip_blanks();
  const std::size_t begin = at_;
  while (at_ < text_.size() && allowed.find(text_[at_]) != std::string_view::npos) ++at_;
  return text_.substr(begin, at_ - begin);
}

std::string_view Lexer::take_until_blank() {
  skip_blanks();
  const std::size_t begin = at_;
  char quote = '\0';
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (quote == '\0' && is_blank(c)) break;
    if (quote != '\0' && c == quote)
      quote = '\0';
    else if (quote == '\0' && (c == '"' || c == '`'))
      quote = c;
  }
  return text_.substr(begin, at_ - begin);
}

// What stands between the sign at the present place and `end`.
Token Lexer::quoted(Token::Kind kind, std::string_view end) {
  const std::size_t opening = kind == Token::Kind::code ? 2 : 1;
  const std::size_t from = at_ + opening;
  const std::size_t to = text_.find(end, from);
  Token token;
  if (to == std::string_view::npos) {
    token.kind = Token::Kind::fault;
    token.text = "no " + std::string(end) + " ends what begins here";
    at_ = text_.size();
    return token;
  }
  token.kind = kind;
  token.text = std::string(text_.substr(from, to - from));
  at_ = to + end.size();
  return token;
}

Token Lexer::lex_number_or_word() {
  Token token;
  const std::size_t begin = at_;
  const bool negative = text_[at_] == '-';
  if (negative) ++at_;
  const std::size_t first = at_;
  while (at_ < text_.size() && is_word_character(text_[at_])) ++at_;
  const std::string_view word = text_.substr(first, at_ - first);
  const bool digits = std::all_of(word.begin(), word.end(), is_digit);
  if (digits && at_ + 1 < text_.size() && text_[at_] == '.' && is_digit(text_[at_ + 1])) {
    const std::size_t fraction = ++at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    token.kind = Token::Kind::decimal;
    if (!read_billionths(word, text_.substr(fraction, at_ - fraction), token.number)) {
      token.kind = Token::Kind::fault;
      token.text = "the number " + std::string(text_.substr(begin, at_ - begin)) + " is too large";
    }
  } else if (read_hex(word, token.number) || (digits && read_decimal(word, token.number))) {
    token.kind = Token::Kind::integer;
  } else if (digits) {
    token.kind = Token::Kind::fault;
    token.text = "the number " + std::string(word) + " is too large";
  } else {
    token.kind = Token::Kind::word;
    token.text = std::string(word);
  }
  if (negative) token.number = -token.number;
  return token;
}

Token Lexer::lex() {
  Token token;
  if (at_ >= text_.size()) return token;
  if (comment_open_) {
    token.kind = Token::Kind::fault;
    token.text = "no */ ends the comment that begins here";
    at_ = text_.size();
    return token;
  }
  const std::string_view rest = text_.substr(at_);
  const char c = rest[0];
  if (rest.starts_with("...")) {
    token.kind = Token::Kind::ellipsis;
    at_ += 3;
    return token;
  }
  if (c == '"') return quoted(Token::Kind::string, "\"");
  if (c == '`') return quoted(Token::Kind::command, "`");
  if (rest.starts_with("%{")) return quoted(Token::Kind::code, "}%");
  const bool fraction = c == '.' && rest.size() > 1 && is_digit(rest[1]);
  const bool negative =
      c == '-' && rest.size() > 1 && (is_digit(rest[1]) || (rest[1] == '.' && rest.size() > 2 && is_digit(rest[2])));
  if (is_word_character(c) || fraction || negative) return lex_number_or_word();
  token.kind = Token::Kind::sign;
  ++at_;
  return token;
}

// The value of a name that --define gave, in the place of the word.
Token Lexer::defined(const Token& word) {
  const auto found = definitions_.find(word.text);
  if (found == definitions_.end()) return word;
  const Definitions none;
  Lexer value(found->second, none);
  Token token = value.take();
  if (value.peek().kind != Token::Kind::end) {
    token.kind = Token::Kind::word;
    token.text = found->second;
  }
  token.begin = word.begin;
  token.finish = word.finish;
  token.where = word.where;
  token.raw = word.raw;
  return token;
}

}  // namespace fourtuple::drill
