// Text to a filter. The grammar is in docs/filter.md: libpcap's language, joined with words of our own by and, or, not
// and parentheses. As in libpcap, `and` and `or` bind equally and from the left, `not` binds first. Pure.
#pragma once

#include <string_view>

#include "sim/base/outcome.h"
#include "sim/replay/filter/expression.h"
#include "sim/replay/filter/names.h"

namespace fourtuple::replay {

// Fails with one sentence, the column (from 1) of what it is about, and what was expected. `bpf` may be empty: then
// text for libpcap is refused. A name of a program that the trace does not have is refused once all are known.
Outcome<FilterExpression> parse_filter(std::string_view text, const FilterNames& names, const BpfCompiler& bpf);

}  // namespace fourtuple::replay
