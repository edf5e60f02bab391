// Lines with meaning: dashed = inferred or not yet, dotted = a packet's trail, hatched = estimated or folded,
// thick and pale = a ribbon whose width is the rate. Main thread only.
#pragma once

#include <cstdint>
#include <span>

#include "viz/kit/canvas.h"
#include "viz/kit/path.h"

namespace fourtuple::viz {

struct Dash {
  float on = 4, off = 3;  // design pixels
};

void dashed_line(const Canvas& canvas, Vec2 from, Vec2 to, Color color, float width = 1, Dash dash = {});
void dashed_polyline(const Canvas& canvas, std::span<const Vec2> points, Color color, float width = 1, Dash dash = {});
void dashed_rect(const Canvas& canvas, const Rect& r, Color color, float width = 1, float radius = 0, Dash dash = {});
void dashed_path(const Canvas& canvas, const Path& path, Color color, float width = 1, Dash dash = {});
// Round dots every 8 design pixels, between two fractions of the path.
void dotted_path(const Canvas& canvas, const Path& path, Color color, float width = 2.5F, float from = 0, float to = 1);
void dotted_line(const Canvas& canvas, Vec2 from, Vec2 to, Color color, float width = 2);

void path_stroke(const Canvas& canvas, const Path& path, Color color, float width = 1.5F);
// The design's flow ribbon, `width` framebuffer pixels wide with soft edges. pale: what passed; solid: what is there.
enum class RibbonLook : std::uint8_t { pale, solid };
void ribbon(const Canvas& canvas, const Path& path, Color color, float width, RibbonLook look = RibbonLook::pale);
// Dots of a map's ground, `step` framebuffer pixels apart.
void draw_dots(const Canvas& canvas, const Rect& area, float step);
// 45 degree lines each 6 design pixels, clipped to the rectangle.
void hatch(const Canvas& canvas, const Rect& r, Color color, float spacing = 6);
// Stroked arrow head with its tip at `tip`, pointing along `direction`.
void arrow_head(const Canvas& canvas, Vec2 tip, Vec2 direction, Color color, float size = 4, float width = 1.5F);
// Filled triangle head, as on the ladder's arrows.
void arrow_tip(const Canvas& canvas, Vec2 tip, Vec2 direction, Color color, float size = 8);

}  // namespace fourtuple::viz
