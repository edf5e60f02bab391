// What a picture for a slide shows instead of the whole window: one panel and nothing to press. Plain data.
#pragma once

#include <cstddef>
#include <optional>

#include "viz/kit/geometry.h"

namespace fourtuple::viz {

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
