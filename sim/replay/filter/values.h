// The values of our words: "host:alice,bob" to the numbers that records have. Pure.
#pragma once

#include "sim/base/outcome.h"
#include "sim/replay/filter/expression.h"
#include "sim/replay/filter/names.h"
#include "sim/replay/filter/tokens.h"

namespace fourtuple::replay {

// REQUIRES: token.kind is own.
Outcome<FilterAtom> make_atom(const FilterToken& token, const FilterNames& names);

// Every value that a word can have in this trace, as it is written: hosts' names, states, reasons; none for flow.
std::vector<std::string> values_of(FilterWord word, const FilterNames& names);

}  // namespace fourtuple::replay
