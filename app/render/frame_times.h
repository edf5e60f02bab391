// At which instants the pictures of an animation are taken. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/replay/lanes.h"

namespace fourtuple::app {

enum class Pace : std::uint8_t {
  hops,  // every hop takes the same time on screen, idle stretches are short
  time   // true time, slowed down or hurried as a whole
};

struct Animation {
  Time from{0}, to{0};  // from <= to
  Pace pace = Pace::hops;
  std::uint32_t fps = 20;                 // 1 to 50
  std::optional<std::int64_t> length_us;  // on screen; none: as long as the hops take, or 5 s of true time
};

constexpr std::int64_t longest_animation_us = 60'000'000;

// Ascending from `from` to `to`, one for each picture. Fails when the animation would last longer than a minute.
Outcome<std::vector<Time>> frame_times(const Animation& animation, const replay::Lanes& lanes);

// For how many hundredths of a second a GIF shows picture `i`: they add up to i / fps.
int hundredths_of(std::size_t i, std::uint32_t fps);

}  // namespace fourtuple::app
