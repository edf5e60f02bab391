// Time spent, for measurements only: nothing that is simulated may depend on it.
#pragma once

#include <chrono>
#include <ctime>
#include <sys/resource.h>

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

// The part of processor_seconds() spent in the operating system, as it accounts for it (in ticks).
inline double system_seconds() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return static_cast<double>(usage.ru_stime.tv_sec) + static_cast<double>(usage.ru_stime.tv_usec) * 1e-6;
}

}  // namespace fourtuple::app
