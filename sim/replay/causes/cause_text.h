// A chain of causes as lines of text: what `fourtuple why` prints and the window copies.
#pragma once

#include <string>

#include "sim/replay/causes/cause.h"
#include "sim/trace/tables.h"

namespace fourtuple::replay {

// The headline as a sentence of the chain: the effect as it is, the others behind "because".
std::string cause_line(const CauseChain& chain, std::size_t index);
// Several lines, each with its line end; "" for an empty chain.
std::string chain_text(const trace::Tables& tables, const CauseChain& chain);
// "call", "rule", "fault", "setting", "unseen"; "" for none.
std::string_view name_of(CauseRoot root);

}  // namespace fourtuple::replay
