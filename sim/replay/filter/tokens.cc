#include "sim/replay/filter/tokens.h"

#include <algorithm>

#include "sim/base/nearest.h"

namespace fourtuple::replay {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
// A minus belongs to a word as it does in libpcap: tcp-syn, 80-90.
bool in_word(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == ':' || c == '-' || c == '\\';
}

// "a1:b2:…", "fe80::1": with colons, but not a word of ours.
bool is_address(std::string_view word) {
  return std::all_of(word.begin(), word.end(), [](char c) { return is_hex(c) || c == ':' || c == '.'; });
}

std::string nearest_word(std::string_view name) {
  std::vector<std::string_view> names;
  for (const FilterWordInfo& info : filter_words())
    if (info.has_value) names.push_back(info.name);
  const std::string found = nearest(name, names);
  return found.empty() ? found : found + ":";
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  Outcome<std::vector<FilterToken>> run() {
    while (at_ < text_.size()) {
      if (is_space(text_[at_])) {
        ++at_;
        continue;
      }
      if (auto done = next(); !done) return tl::unexpected<Error>(done.error());
    }
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void put(FilterTokenKind kind, std::size_t length) {
    FilterToken token;
    token.kind = kind;
    token.begin = at_;
    at_ += length;
    token.end = at_;
    tokens_.push_back(std::move(token));
  }

  Outcome<void> next() {
    const char c = text_[at_];
    if (is_letter(c) || is_digit(c) || c == '\\' || c == '_' || (c == ':' && peek(1) == ':')) return read_word();
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e)
      return fail_at(at_, "this character has no meaning in a filter", "words, addresses and numbers");
    if (c == '"' || c == '\'') return fail_at(at_, "a quote stands alone", "quotes behind a colon: process:\"web\"");
    if (c == '(')
      put(FilterTokenKind::open, 1);
    else if (c == ')')
      put(FilterTokenKind::close, 1);
    else if (c == '[' || c == ']')
      in_brackets(c);
    else if (c == '&' && peek(1) == '&')
      put(FilterTokenKind::and_, 2);
    else if (c == '|' && peek(1) == '|')
      put(FilterTokenKind::or_, 2);
    else if (c == '!' && peek(1) != '=')
      put(FilterTokenKind::not_, 1);
    else if (c == '!')
      put(FilterTokenKind::symbol, 2);
    else
      put(FilterTokenKind::symbol, 1);
    return {};
  }

  // tcp[13:1]: the colon is libpcap's there.
  void in_brackets(char c) {
    brackets_ = c == '[';
    put(FilterTokenKind::symbol, 1);
  }

  Outcome<void> read_word() {
    std::size_t length = 0;
    while (in_word(peek(length))) ++length;
    const std::string_view word = text_.substr(at_, length);
    const std::size_t colon = brackets_ ? std::string_view::npos : word.find(':');
    if (colon != std::string_view::npos) {
      const FilterWordInfo* info = find_filter_word(word.substr(0, colon));
      if (info != nullptr) return read_own(*info, colon);
      if (!is_address(word))
        return fail_at(
            at_, "there is no word '" + std::string(word.substr(0, colon + 1)) + "'",
            "one of host:, process:, state:, verdict:, rule:, reason:, flow:", nearest_word(word.substr(0, colon)));
    }
    const FilterWordInfo* info = find_filter_word(word);
    if (info != nullptr && !info->has_value) {
      put(FilterTokenKind::own, length);
      tokens_.back().word = info->word;
      return {};
    }
    put(word == "and"   ? FilterTokenKind::and_
        : word == "or"  ? FilterTokenKind::or_
        : word == "not" ? FilterTokenKind::not_
                        : FilterTokenKind::word,
        length);
    return {};
  }

  Outcome<void> read_own(const FilterWordInfo& info, std::size_t colon) {
    const std::string name(info.name);
    if (!info.has_value) return fail_at(at_ + colon, "'" + name + "' takes no value", name);
    const std::size_t begin = at_;
    at_ += colon + 1;
    const char quote = peek(0) == '"' || peek(0) == '\'' ? peek(0) : '\0';
    std::size_t value_begin = at_, value_end = at_;
    if (quote != '\0') {
      value_begin = at_ + 1;
      value_end = text_.find(quote, value_begin);
      if (value_end == std::string_view::npos)
        return fail_at(at_, "this quote is not closed", std::string(1, quote) + " behind the value");
      at_ = value_end + 1;
    } else {
      while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != '(' && text_[at_] != ')') ++at_;
      value_end = at_;
    }
    if (value_begin == value_end)
      return fail_at(value_begin, "'" + name + ":' has no value",
                     "the value directly behind it: " + std::string(info.example));
    FilterToken token;
    token.kind = FilterTokenKind::own;
    token.begin = begin;
    token.end = at_;
    token.word = info.word;
    token.value = std::string(text_.substr(value_begin, value_end - value_begin));
    token.value_begin = value_begin;
    tokens_.push_back(std::move(token));
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool brackets_ = false;
  std::vector<FilterToken> tokens_;
};

}  // namespace

tl::unexpected<Error> fail_at(std::size_t at, std::string message, std::string expected, std::string suggestion) {
  return fail({{}, 1, static_cast<int>(at) + 1}, std::move(message), std::move(expected), std::move(suggestion));
}

Outcome<std::vector<FilterToken>> tokenize_filter(std::string_view text) {
  if (text.size() > longest_filter)
    return fail_at(longest_filter, "the filter is too long",
                   "at most " + std::to_string(longest_filter) + " characters");
  return Tokenizer(text).run();
}

}  // namespace fourtuple::replay
