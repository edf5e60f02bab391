// Time spent, for measurements only: nothing that is simulated may depend on it.
#pragma once

#include <chrono>
#include <ctime>

namespace fourtuple::app {

inline double wall_seconds() {
  using clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(clock::now().time_since_epoch()).count();
}

// Of this thread on a processor: what other programs do at the same time counts for little.
inline double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace fourtuple::app
