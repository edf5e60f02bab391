// A filter's text as tokens. Ours (name:value and words without a value) are told from libpcap's, whose text is only
// cut where an `and`, `or` or parenthesis may join the two. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/replay/filter/words.h"

namespace fourtuple::replay {

enum class FilterTokenKind : std::uint8_t {
  own,     // name:value or a word of ours without a value
  word,    // anything else made of letters, digits, dots, colons: libpcap's
  and_,    // "and", "&&"
  or_,     // "or", "||"
  not_,    // "not", "!"
  open,    // (
  close,   // )
  symbol,  // libpcap's: [ ] + - / < = and so on
};

struct FilterToken {
  FilterTokenKind kind = FilterTokenKind::symbol;
  std::size_t begin = 0, end = 0;  // bytes of the text
  // own
  FilterWord word = FilterWord::bpf;
  std::string value;            // without quotes
  std::size_t value_begin = 0;  // of its first character
};

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Bytes a filter may have.
constexpr std::size_t longest_filter = 2000;

// Fails on bytes no filter has, on a quote that is not closed, and on name:value with an unknown name.
Outcome<std::vector<FilterToken>> tokenize_filter(std::string_view text);

// An error at byte `at` of a filter; the caller names the file.
tl::unexpected<Error> fail_at(std::size_t at, std::string message, std::string expected = {},
                              std::string suggestion = {});

}  // namespace fourtuple::replay
