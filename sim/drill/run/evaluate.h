// The values of code in a script: whole numbers and texts, as Python would work them out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sim/drill/language/script.h"

namespace fourtuple::drill {

struct Evaluated {
  std::string failed;    // why an assertion does not hold
  std::string expected;  // what it wanted
  std::string unknown;   // a name nobody knows: nothing was done
  std::string text;      // printed
};

using Names = std::map<std::string, std::int64_t, std::less<>>;
using ValueOf = std::function<std::optional<std::int64_t>(std::string_view)>;

// `names` are those of the code itself, which it may change; `others` knows those of the kernel.
Evaluated evaluate(const CodeStatement& statement, Names& names, const ValueOf& others);

}  // namespace fourtuple::drill
