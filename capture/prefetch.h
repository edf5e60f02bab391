// Asks for all cache lines of an object at once, so that their misses overlap.
#pragma once

#include <cstddef>

namespace fourtuple::capture {

template <class T>
void prefetch_whole(const T& object) {
  constexpr std::size_t cache_line = 64;
  const auto* bytes = reinterpret_cast<const char*>(&object);
  for (std::size_t at = 0; at < sizeof(T); at += cache_line) __builtin_prefetch(bytes + at, 1);
}

}  // namespace fourtuple::capture
