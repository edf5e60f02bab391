// What a picture for a slide shows instead of the whole window: one panel and nothing to press. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "sim/base/time.h"
#include "viz/kit/geometry.h"

namespace fourtuple::viz {

// What the user wants written to a file. Plain words for each stand in the table of keys.
enum class SaveKind : std::uint8_t { picture, panel, ladder, animation, capture };

// A stretch of time and how playing goes through it.
struct Stretch {
  Time from{0}, to{0};
  bool equal_hops = true;
};

struct PictureFrame {
  bool clock = false;        // the instant, in the lower left corner
  std::optional<Rect> area;  // pixels; instead of the whole surface, and it may be larger than that
};

// Of a ladder of a chosen stretch of time.
struct LadderExtent {
  float height = 0;  // design pixels, with its head
  std::size_t arrows = 0;
  std::size_t left_out = 0;  // packets beyond the most it can hold
};

}  // namespace fourtuple::viz
