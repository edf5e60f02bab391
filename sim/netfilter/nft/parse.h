// Reads a text of the nft language as `nft -f` does.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/netfilter/nft/syntax.h"

namespace fourtuple::nft {

struct ParseOptions {
  std::string source_name = "ruleset";
  // Where the text begins in a larger file (a scenario): added to the positions of messages. 1 and 1: its own file.
  int first_line = 1, first_column = 1;
  // Text of an included file, or nothing when it cannot be read. Absent: `include` is an error.
  std::function<std::optional<std::string>(std::string_view path)> include;
};

// All faults found, in order of the text; the script holds what could be read only when there are none.
// Never fails on size: nesting is limited to 16 and errors to 20.
struct ParseResult {
  Script script;
  std::vector<Error> errors;
};

ParseResult parse(std::string_view text, const ParseOptions& options = {});

// The place in a file of a byte of Script::text, for messages about its spans.
SourcePosition position(const Script& script, std::uint32_t offset);

// Types the elements of an element command, which the parser can do only when the same script defines their set before:
// otherwise they are literals (type invalid, the word in `text`) until the set is known. Elements that have types stay.
// Returns the faults.
std::vector<Error> type_elements(const Script& script, std::vector<Expr>& elements, const Set& definition);
// The same for constants in `add @set { … : 5 }` (Statement::left and right of a set_update).
std::vector<Error> type_update(const Script& script, Statement& update, const Set& definition);

}  // namespace fourtuple::nft
