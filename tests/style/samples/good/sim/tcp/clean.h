// A header as it should be: an opening comment, #pragma once, includes downwards.
#pragma once

#include <cstdint>

#include "sim/base/time.h"
#include "sim/wire/seq_number.h"

namespace fourtuple::tcp {

// Not flagged: double and std::hash in a comment.
struct Clean {
  std::uint32_t time() const { return 1'000'000; }
  const char* words = "double rand() std::unordered_map";
};

}  // namespace fourtuple::tcp
