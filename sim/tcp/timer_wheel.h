// When a Linux timer really fires. The kernel's wheel (kernel/time/timer.c, HZ = 250) counts in ticks of 4 ms, rounds
// every expiry up past the next slot, and its slots get eight times wider with each level: a timer of 1 s may be 32 ms
// late, one of 4 s 256 ms. That is why a SYN is repeated after 1.0 2.1 3.1 4.1 5.1 7.1 11.3 s and not after 1 2 3 4 5
// 7 11.
#pragma once

#include <cstdint>

#include "sim/base/time.h"

namespace fourtuple::tcp {

inline constexpr Duration kernel_tick = milliseconds(4);

// The instant at which a timer armed at `now` for `delay` fires; ticks count from the start of the simulation.
constexpr Time wheel_expiry(Time now, Duration delay) {
  constexpr auto tick_ns = static_cast<std::uint64_t>(kernel_tick.ns);
  const std::uint64_t tick = static_cast<std::uint64_t>(now.ns) / tick_ns;
  const std::uint64_t ticks = (static_cast<std::uint64_t>(delay.ns) + tick_ns - 1) / tick_ns;
  int shift = 0;  // log2 of the slot width at the level that holds the timer
  for (std::uint64_t level_end = 63; ticks >= level_end && shift < 24; level_end <<= 3) shift += 3;
  const std::uint64_t expiry = (((tick + ticks) >> shift) + 1) << shift;
  return Time{static_cast<std::int64_t>(expiry * tick_ns)};
}

}  // namespace fourtuple::tcp
