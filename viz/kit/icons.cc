#include "viz/kit/icons.h"

#include <array>
#include <initializer_list>

namespace fourtuple::viz {
namespace {

// Draws in a box from -10 to 10 around the icon's middle.
class IconPen {
 public:
  IconPen(const Canvas& canvas, Vec2 at, Color color, float size)
      : canvas_(canvas), at_(at), color_(color), unit_(canvas.px(size) / 20) {}

  Vec2 p(float x, float y) const { return at_ + Vec2{x, y} * unit_; }
  Rect box(float x, float y, float w, float h) const {
    const Vec2 corner = p(x, y);
    return {corner.x, corner.y, w * unit_, h * unit_};
  }
  void lines(std::initializer_list<Vec2> points, float width = 1.5F, bool closed = false) const {
    std::array<Vec2, 12> moved{};
    std::size_t count = 0;
    for (const Vec2& point : points) moved[count++] = p(point.x, point.y);
    canvas_.polyline({moved.data(), count}, color_, width * unit_, closed);
    if (closed || count == 0) return;
    // Round ends; ImGui's lines have flat ones.
    canvas_.disc(moved[0], width * unit_ / 2, color_);
    canvas_.disc(moved[count - 1], width * unit_ / 2, color_);
  }
  void shape(std::initializer_list<Vec2> points) const {
    std::array<Vec2, 12> moved{};
    std::size_t count = 0;
    for (const Vec2& point : points) moved[count++] = p(point.x, point.y);
    canvas_.polygon({moved.data(), count}, color_);
  }
  void frame(float x, float y, float w, float h, float radius, float width = 1.5F) const {
    // Centred on the outline, as the design draws it.
    canvas_.stroke(box(x, y, w, h).inset(-width * unit_ / 2), color_, width * unit_, (radius + width / 2) * unit_);
  }
  void block(float x, float y, float w, float h, float radius = 0) const {
    canvas_.fill(box(x, y, w, h), color_, radius * unit_);
  }
  void dot(float x, float y, float radius) const { canvas_.disc(p(x, y), radius * unit_, color_); }
  void ring(float x, float y, float radius, float width = 1.5F) const {
    canvas_.circle(p(x, y), radius * unit_, color_, width * unit_);
  }
  void arc(float x, float y, float radius, float from, float to, float width) const {
    canvas_.arc(p(x, y), radius * unit_, from, to, color_, width * unit_);
  }
  const Canvas& canvas() const { return canvas_; }

 private:
  const Canvas& canvas_;
  Vec2 at_;
  Color color_;
  float unit_;
};

void draw_place(const IconPen& pen, Icon icon) {
  switch (icon) {
    case Icon::laptop:
      pen.frame(-8, -8, 16, 11, 2);
      pen.block(-11, 6, 22, 2, 1);
      break;
    case Icon::server:
      pen.frame(-9, -9, 18, 8, 2);
      pen.frame(-9, 1, 18, 8, 2);
      pen.dot(-5, -5, 1.4F);
      pen.dot(-5, 5, 1.4F);
      break;
    case Icon::router:
      pen.frame(-10, -1, 20, 9, 2.5F);
      pen.dot(-5, 3.5F, 1.4F);
      pen.dot(0, 3.5F, 1.4F);
      pen.lines({{5, -1}, {8, -9}});
      break;
    case Icon::phone:
      pen.frame(-5, -9, 10, 18, 2.5F);
      pen.dot(0, 6, 1.2F);
      break;
    case Icon::tablet:
      pen.frame(-7, -9, 14, 18, 2);
      pen.dot(0, 6.5F, 1.1F);
      break;
    case Icon::database:
      pen.frame(-8, -9, 16, 6, 3);
      pen.lines({{-8.7F, -6}, {-8.7F, 6}, {-6, 8.7F}, {6, 8.7F}, {8.7F, 6}, {8.7F, -6}});
      pen.lines({{-8, 1}, {-4, 2.5F}, {4, 2.5F}, {8, 1}});
      break;
    case Icon::directory:
      pen.frame(-8, -9, 16, 18, 2);
      pen.lines({{-4, -9}, {-4, 9}});
      pen.lines({{0, -4}, {5, -4}});
      pen.lines({{0, 1}, {5, 1}});
      break;
    case Icon::magnifier:
      pen.ring(-2, -2, 6.5F);
      pen.lines({{3, 3}, {8, 8}}, 2);
      break;
    case Icon::globe:
      pen.ring(0, 0, 8);
      pen.lines({{-8, 0}, {8, 0}}, 1.2F);
      pen.lines({{0, -8}, {-3, -5}, {-4.4F, 0}, {-3, 5}, {0, 8}, {3, 5}, {4.4F, 0}, {3, -5}}, 1.2F, true);
      break;
    case Icon::door:
      pen.frame(-7, -10, 14, 20, 1);
      pen.block(2, -1, 3, 2);
      break;
    default:
      break;
  }
}

void draw_transport(const IconPen& pen, Icon icon) {
  switch (icon) {
    case Icon::play:
      pen.shape({{-5, -8}, {8, 0}, {-5, 8}});
      break;
    case Icon::pause:
      pen.block(-6, -7, 4, 14, 1);
      pen.block(2, -7, 4, 14, 1);
      break;
    case Icon::step_forward:
      pen.block(-8, -6, 2, 12);
      pen.shape({{-3, -6}, {6, 0}, {-3, 6}});
      break;
    case Icon::step_back:
      pen.block(6, -6, 2, 12);
      pen.shape({{3, -6}, {3, 6}, {-6, 0}});
      break;
    case Icon::to_start:
      pen.block(-8, -6, 2, 12);
      pen.shape({{1, -6}, {1, 6}, {-6, 0}});
      pen.shape({{8, -6}, {8, 6}, {1, 0}});
      break;
    case Icon::to_end:
      pen.block(6, -6, 2, 12);
      pen.shape({{-1, -6}, {6, 0}, {-1, 6}});
      pen.shape({{-8, -6}, {-1, 0}, {-8, 6}});
      break;
    default:
      break;
  }
}

void draw_mark(const IconPen& pen, Icon icon) {
  switch (icon) {
    case Icon::padlock_closed:
    case Icon::padlock_open:
      pen.block(-7, -1, 14, 10, 2.5F);
      pen.arc(0, -4.5F, 4.5F, -0.25F, icon == Icon::padlock_closed ? 0.25F : 0.17F, 2);
      pen.lines({{-4.5F, -4.5F}, {-4.5F, 0}}, 2);
      if (icon == Icon::padlock_closed) pen.lines({{4.5F, -4.5F}, {4.5F, 0}}, 2);
      break;
    case Icon::check:
      pen.lines({{-4.2F, 0}, {-1.2F, 3.4F}, {4.2F, -3.6F}}, 2);
      break;
    case Icon::cross:
      pen.lines({{-3.4F, -3.4F}, {3.4F, 3.4F}}, 2);
      pen.lines({{3.4F, -3.4F}, {-3.4F, 3.4F}}, 2);
      break;
    case Icon::triangle:
      pen.shape({{0, -4.5F}, {5, 4}, {-5, 4}});
      break;
    case Icon::ring:
      pen.ring(0, 0, 4, 2);
      break;
    case Icon::diamond:
      pen.shape({{0, -6}, {6, 0}, {0, 6}, {-6, 0}});
      break;
    case Icon::plus:
      pen.lines({{0, -4}, {0, 4}});
      [[fallthrough]];
    case Icon::minus:
      pen.lines({{-4, 0}, {4, 0}});
      break;
    default:
      break;
  }
}

void draw_sign(const IconPen& pen, Icon icon) {
  switch (icon) {
    case Icon::arrow_right:
      pen.lines({{-7, 0}, {7, 0}});
      pen.lines({{3, -4}, {7, 0}, {3, 4}});
      break;
    case Icon::arrow_left:
      pen.lines({{7, 0}, {-7, 0}});
      pen.lines({{-3, -4}, {-7, 0}, {-3, 4}});
      break;
    case Icon::arrow_down:
      pen.lines({{0, -7}, {0, 7}});
      pen.lines({{-4, 3}, {0, 7}, {4, 3}});
      break;
    case Icon::chevron_right:
      pen.lines({{-2, -5}, {3, 0}, {-2, 5}});
      break;
    case Icon::chevron_down:
      pen.lines({{-5, -2}, {0, 3}, {5, -2}});
      break;
    case Icon::clock:
      pen.ring(0, 0, 4.5F);
      pen.lines({{0, -2.6F}, {0, 0.3F}, {2, 0.9F}}, 1.3F);
      break;
    case Icon::file_drop:
      pen.lines({{0, -9}, {0, 4}}, 2);
      pen.lines({{-5, -1}, {0, 4}, {5, -1}}, 2);
      pen.lines({{-8, 8.5F}, {8, 8.5F}}, 2);
      break;
    case Icon::pin:
      pen.frame(-3, -8, 6, 7, 1);
      pen.lines({{-6, 0}, {6, 0}});
      pen.lines({{0, 0}, {0, 8}});
      break;
    case Icon::bookmark:
      pen.shape({{-4, -6}, {4, -6}, {4, 2}, {0, 2}, {-4, 2}});
      pen.shape({{-4, 1}, {0, 1}, {-4, 5}});
      pen.shape({{4, 1}, {4, 5}, {0, 1}});
      break;
    case Icon::fork:
      pen.ring(-5, 6, 2);
      pen.ring(5, -6, 2);
      pen.ring(-5, -6, 2);
      pen.lines({{-5, -4}, {-5, 4}});
      pen.lines({{5, -4}, {5, 0}, {-5, 2.5F}});
      break;
    default:
      break;
  }
}

void draw_logo(const Canvas& canvas, Vec2 at, float size) {
  const float s = canvas.px(size) / 16;
  const Palette& c = canvas.colors();
  for (int i = 0; i < 4; ++i) {
    const float x = at.x + (i % 2 == 0 ? -8 : 1) * s, y = at.y + (i < 2 ? -8 : 1) * s;
    canvas.fill({x, y, 7 * s, 7 * s}, i == 1 ? c.rewrite : c.accent, 2 * s);
  }
}

}  // namespace

void draw_icon(const Canvas& canvas, Icon icon, Vec2 at, Color color, float size) {
  if (icon == Icon::logo) {
    draw_logo(canvas, at, size);
    return;
  }
  const IconPen pen(canvas, at, color, size);
  if (icon < Icon::logo) {
    draw_place(pen, icon);
  } else if (icon >= Icon::play && icon <= Icon::to_end) {
    draw_transport(pen, icon);
  } else if (icon >= Icon::arrow_right && icon <= Icon::fork) {
    draw_sign(pen, icon);
  } else {
    draw_mark(pen, icon);
  }
}

}  // namespace fourtuple::viz
