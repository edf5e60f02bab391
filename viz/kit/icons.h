// Icons as lines and simple shapes, never glyphs, sharp at any scale. Main thread only.
#pragma once

#include <cstdint>

#include "viz/kit/canvas.h"

namespace fourtuple::viz {

enum class Icon : std::uint8_t {
  laptop,
  server,
  router,
  magnifier,
  globe,
  door,
  phone,
  tablet,
  database,
  directory,  // answers questions about names
  logo,
  padlock_closed,
  padlock_open,
  play,
  pause,
  step_forward,
  step_back,
  to_start,
  to_end,
  check,
  cross,
  triangle,
  ring,
  diamond,
  arrow_right,
  arrow_left,
  arrow_down,
  chevron_right,
  chevron_down,
  clock,
  file_drop,
  pin,
  bookmark,
  fork,
  plus,
  minus,
};

// Centred on `at`; `size` is the side of the icon's box in design pixels (20 is the drawn size of the design;
// check and cross are drawn for 20 as the 12-pixel marks of the mockups).
void draw_icon(const Canvas& canvas, Icon icon, Vec2 at, Color color, float size = 20);

}  // namespace fourtuple::viz
