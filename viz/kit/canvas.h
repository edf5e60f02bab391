// Where drawing functions draw: an ImGui draw list, the theme, and an opacity for everything drawn through it.
// Coordinates are framebuffer pixels; component sizes in the design are turned into pixels with px().
// Cheap to copy; valid during one frame; main thread only.
#pragma once

#include <algorithm>
#include <imgui.h>
#include <span>

#include "viz/kit/draw_tape.h"
#include "viz/kit/geometry.h"
#include "viz/theme/theme.h"

namespace fourtuple::viz {

inline ImVec2 im(Vec2 v) {
  return {v.x, v.y};
}
inline Vec2 from_im(const ImVec2& v) {
  return {v.x, v.y};
}

struct Canvas {
  ImDrawList* list = nullptr;
  Theme* theme = nullptr;
  float alpha = 1;
  DrawTape* tape = nullptr;  // takes down what is drawn; none in a window
  bool verbatim = false;     // texts stay as their author wrote them, in every language
  bool out_of_use = false;   // of a control that cannot be pressed: its words may be pale (WCAG 2.1, 1.4.3)

  const Palette& colors() const { return theme->colors(); }
  float px(float design_pixels) const { return theme->px(design_pixels); }
  // The same canvas at a fraction of its opacity, such as 0.35 for what lies after the time cursor; looks that are
  // to be read easily fade less. Words stay readable, see ink().
  Canvas faded(float part) const {
    return {list, theme, std::max(alpha * part, std::min(alpha, colors().least_fade)), tape, verbatim, out_of_use};
  }
  Canvas disabled() const { return {list, theme, alpha * 0.4F, tape, verbatim, true}; }
  // The same canvas for titles, captions and other texts of an author.
  Canvas as_written() const { return {list, theme, alpha, tape, true, out_of_use}; }
  Color tint(Color color) const { return alpha >= 1 ? color : with_alpha(color, alpha); }
  // What words are drawn in: as pale as the canvas, but not below a contrast of 4.5:1 with the ground.
  Color ink(Color color) const;

  void fill(const Rect& r, Color color, float radius = 0) const;
  void fill_top(const Rect& r, Color color, float radius) const;  // only the upper corners are round
  // The outline lies inside the rectangle.
  void stroke(const Rect& r, Color color, float width = 1, float radius = 0) const;
  // A soft light around a rectangle, drawn below it: one larger rectangle at 10 to 18 % alpha.
  void halo(const Rect& r, Color color, float spread, float radius, float strength = 0.14F) const;
  void line(Vec2 from, Vec2 to, Color color, float width = 1) const;
  // One-pixel separators that stay sharp at any scale.
  void hline(float x_from, float x_to, float y, Color color) const;
  void vline(float x, float y_from, float y_to, Color color) const;
  void disc(Vec2 center, float radius, Color color) const;
  void circle(Vec2 center, float radius, Color color, float width = 1) const;
  void arc(Vec2 center, float radius, float from_turn, float to_turn, Color color, float width) const;
  void polyline(std::span<const Vec2> points, Color color, float width, bool closed = false) const;
  // REQUIRES: convex.
  void polygon(std::span<const Vec2> points, Color color) const;
};

// Restricts drawing while it lives.
class Clip {
 public:
  Clip(const Canvas& canvas, const Rect& r);
  ~Clip();
  Clip(const Clip&) = delete;
  Clip& operator=(const Clip&) = delete;

 private:
  ImDrawList* list_;
  DrawTape* tape_;
};

}  // namespace fourtuple::viz
