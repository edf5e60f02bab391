// Asks for all cache lines of an object at once, so that their misses overlap.
#pragma once

#include <cstddef>

namespace fourtuple::capture {

// g++ takes a function that only prefetches for one without effect and leaves its calls out; this has one.
inline void keep_prefetches() {
  asm volatile("");
}

template <class T>
void prefetch_whole(const T& object) {
  keep_prefetches();
  constexpr std::size_t cache_line = 64;
  const auto* bytes = reinterpret_cast<const char*>(&object);
  for (std::size_t at = 0; at < sizeof(T); at += cache_line) __builtin_prefetch(bytes + at, 1);
}

}  // namespace fourtuple::capture
