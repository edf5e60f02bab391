#include "sim/replay/filter/expression.h"

#include <algorithm>

namespace fourtuple::replay {

bool FilterAtom::has(std::uint32_t number) const {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

bool FilterExpression::holds(std::uint32_t mask) const {
  std::uint64_t stack = 0;  // the newest answer is bit 0
  for (const std::uint8_t op : program_) {
    if (op < most_atoms) {
      stack = stack << 1 | (mask >> op & 1);
    } else if (op == op_not) {
      stack ^= 1;
    } else {
      const std::uint64_t last = stack & 1;
      stack >>= 1;
      stack = op == op_and ? stack & (last | ~std::uint64_t{1}) : stack | last;
    }
  }
  return (stack & 1) != 0;
}

bool FilterExpression::asks(FilterWord word) const {
  return std::any_of(atoms_.begin(), atoms_.end(), [&](const FilterAtom& atom) { return atom.word == word; });
}

}  // namespace fourtuple::replay
