// The few colours of a GIF for the many of a picture: the most frequent ones as they are, so that flat areas stay what
// they were, and median cut for the rest. The same pixels give the same palette. Pure, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace fourtuple::viz {

using Rgb = std::uint32_t;  // 0xRRGGBB

struct ReducedColors {
  std::vector<Rgb> palette;            // at most as many as asked for
  std::vector<std::uint8_t> in_place;  // for every pixel given: its place in the palette
};

// REQUIRES: 2 <= most <= 256.
ReducedColors reduce_colors(std::span<const Rgb> pixels, std::size_t most);

}  // namespace fourtuple::viz
