// Takes down what a Canvas draws, besides the ImGui draw list, so that a picture can be written as something else than
// pixels (viz/kit/svg_tape.h). A canvas without a tape pays one test of a pointer. Coordinates are framebuffer pixels,
// colours are final (the canvas' opacity is in them), calls come in drawing order. Main thread only.
#pragma once

#include <span>
#include <string_view>

#include "viz/kit/geometry.h"
#include "viz/surface/image.h"
#include "viz/theme/color.h"
#include "viz/theme/fonts.h"

namespace fourtuple::viz {

// How a line is drawn.
struct TapePen {
  Color color = 0;
  float width = 1;
  float on = 0, off = 0;  // lengths of dashes and of the gaps between them; 0: solid
  bool dots = false;      // round dots of the pen's width, `off` apart
};

class DrawTape {
 public:
  virtual ~DrawTape() = default;
  DrawTape(const DrawTape&) = delete;
  DrawTape& operator=(const DrawTape&) = delete;

  virtual void fill(const Rect& r, Color color, float radius) = 0;
  // Only the upper corners are round.
  virtual void fill_top(const Rect& r, Color color, float radius) = 0;
  // The line's middle runs along the rectangle.
  virtual void stroke(const Rect& r, float radius, const TapePen& pen) = 0;
  virtual void polyline(std::span<const Vec2> points, bool closed, const TapePen& pen) = 0;
  virtual void polygon(std::span<const Vec2> points, Color color) = 0;
  virtual void disc(Vec2 center, float radius, Color color) = 0;
  virtual void circle(Vec2 center, float radius, const TapePen& pen) = 0;
  // Clockwise from `from_turn` to `to_turn`, in whole turns from the top.
  virtual void arc(Vec2 center, float radius, float from_turn, float to_turn, const TapePen& pen) = 0;
  // Lines at 45 degrees, rising to the right, `spacing` apart along a row.
  virtual void hatch(const Rect& r, float spacing, const TapePen& pen) = 0;
  struct Letters {
    Face face = Face::regular;
    float em = 14;    // pixels
    float width = 0;  // of the whole line, as it was measured
    Color color = 0;
  };
  // One line; `at` is the left end of its baseline.
  virtual void text(Vec2 at, std::string_view text, const Letters& letters) = 0;
  // Without smoothing when it is enlarged.
  virtual void image(const Rect& r, const Image& image) = 0;
  // Nothing outside the rectangle is visible until end_clip(); clips nest.
  virtual void begin_clip(const Rect& r) = 0;
  virtual void end_clip() = 0;

 protected:
  DrawTape() = default;
};

}  // namespace fourtuple::viz
