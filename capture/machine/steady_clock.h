// The clock that live captures measure waits with: it never goes back, and its zero means nothing.
#pragma once

#include <chrono>
#include <cstdint>

namespace fourtuple::capture {

inline std::int64_t steady_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

}  // namespace fourtuple::capture
