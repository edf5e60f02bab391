// Asks for cache lines before they are needed, so that the waits for them overlap.
#pragma once

#include <cstddef>

namespace fourtuple::capture {

// g++ takes a function that only prefetches for one without effect and leaves its calls out; this has one.
inline void keep_prefetches() {
  asm volatile("");
}

inline void prefetch_lines(const void* start, std::size_t size) {
  keep_prefetches();
  constexpr std::size_t cache_line = 64;
  const auto* bytes = static_cast<const char*>(start);
  for (std::size_t at = 0; at < size; at += cache_line) __builtin_prefetch(bytes + at, 1);
}

}  // namespace fourtuple::capture
