// Expressions as written, before their values have types: words and numbers are kept as literals (resolve.h) until the
// selector they are compared with is known.
#pragma once

#include "sim/netfilter/nft/parser.h"

namespace fourtuple::nft {

enum class Side : std::uint8_t {
  left,       // of a comparison: selectors, combined with constants
  right,      // constants only; a/1,b compares flags
  element,    // constants in a set, where a/1,b is a prefix and another element
  statement,  // what a statement sets: both
};

// Values and selectors joined by operators, those joined by dots. On the right and in elements also prefixes and
// ranges.
bool parse_concat(Parser& p, Expr& expr, Side side);
// The right of a comparison: a concatenation, a set, @name or a list a,b.
bool parse_right(Parser& p, Expr& expr);
// What a statement sets: also `key map { … }`, a prefix, a range or a list.
bool parse_statement_value(Parser& p, Expr& expr);
// { … }: elements, or for maps elements and data.
bool parse_set(Parser& p, Expr& expr);
// @name.
bool parse_set_name(Parser& p, Expr& expr);
// @name, or a variable that holds it or (where `or_elements`) a set.
bool parse_set_reference(Parser& p, Expr& expr, bool or_elements);
// a,b[,c…] after the first value, which becomes the first of the list.
bool parse_list_rest(Parser& p, Expr& expr);

bool begins_verdict(const Parser& p);
bool parse_verdict(Parser& p, Verdict& verdict);

}  // namespace fourtuple::nft
