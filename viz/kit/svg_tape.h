// A tape that becomes an SVG 1.1 document: shapes as shapes, text as text that can be selected and searched. The same
// calls give the same bytes. Letters stay where they were measured also when the reader lacks the fonts: every line
// tells its length. Main thread only.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "viz/kit/draw_tape.h"
#include "viz/theme/palette.h"

namespace fourtuple::viz {

class SvgTape final : public DrawTape {
 public:
  // `width`, `height`: of the picture, pixels, from the origin. `title`: what a reader is told that it shows.
  SvgTape(float width, float height, Color background, std::string_view title);

  // The whole document. REQUIRES: every clip has ended.
  std::string document() const;

  void fill(const Rect& r, Color color, float radius) override;
  void fill_top(const Rect& r, Color color, float radius) override;
  void stroke(const Rect& r, float radius, const TapePen& pen) override;
  void polyline(std::span<const Vec2> points, bool closed, const TapePen& pen) override;
  void polygon(std::span<const Vec2> points, Color color) override;
  void disc(Vec2 center, float radius, Color color) override;
  void circle(Vec2 center, float radius, const TapePen& pen) override;
  void arc(Vec2 center, float radius, float from_turn, float to_turn, const TapePen& pen) override;
  void hatch(const Rect& r, float spacing, const TapePen& pen) override;
  void text(Vec2 at, std::string_view text, const Letters& letters) override;
  void image(const Rect& r, const Image& image) override;
  void begin_clip(const Rect& r) override;
  void end_clip() override;

 private:
  void rectangle(const Rect& r, float radius, std::string_view attributes);

  float width_, height_;
  std::string title_;
  std::string body_;
  std::string definitions_;
  std::vector<std::string> hatches_;  // patterns defined so far
  int clip_count_ = 0, depth_ = 0;
};

}  // namespace fourtuple::viz
