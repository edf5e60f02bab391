// Errors at the edges: an operation on outside input returns Outcome<T>, which holds a value or one Error that can
// be printed as `file:line:column: error: message` with what was expected and, where possible, a suggestion.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace fourtuple {

// Where in an input a fault lies. Line and column count from 1; 0 means unknown or not applicable.
struct SourcePosition {
  std::string file;
  int line = 0;
  int column = 0;
};

struct Error {
  SourcePosition where;
  std::string message;     // what is wrong, one sentence, no final period
  std::string expected;    // what would have been right; may be empty
  std::string suggestion;  // nearest valid word or next action; may be empty

  // "file:12:5: error: message; expected …; did you mean '…'?" Absent parts are left out.
  std::string to_string(std::string_view kind = "error") const;  // kind: "error" or "warning"
};

template <class T>
using Outcome = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message) {
  return tl::unexpected<Error>(Error{{}, std::move(message), {}, {}});
}

inline tl::unexpected<Error> fail(SourcePosition where, std::string message, std::string expected = {},
                                  std::string suggestion = {}) {
  return tl::unexpected<Error>(Error{std::move(where), std::move(message), std::move(expected), std::move(suggestion)});
}

}  // namespace fourtuple
