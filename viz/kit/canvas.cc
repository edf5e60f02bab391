#include "viz/kit/canvas.h"

#include <array>
#include <cmath>

#include "viz/theme/contrast.h"

namespace fourtuple::viz {
namespace {

constexpr std::size_t most_points = 256;

// ImVec2 and Vec2 have the same two floats, but copying keeps the compiler's aliasing rules.
std::size_t convert(std::span<const Vec2> points, std::array<ImVec2, most_points>& out) {
  const std::size_t count = std::min(points.size(), most_points);
  for (std::size_t i = 0; i < count; ++i) out[i] = im(points[i]);
  return count;
}

}  // namespace

Color Canvas::ink(Color color) const {
  if (alpha >= 1 || out_of_use) return tint(color);
  const Palette& grounds = colors();
  const float least = std::max(least_alpha(color, grounds.background, least_text_contrast),
                               least_alpha(color, grounds.surface, least_text_contrast));
  return with_alpha(color, std::max(alpha, least));
}

void Canvas::fill(const Rect& r, Color color, float radius) const {
  if (r.empty()) return;
  list->AddRectFilled(im(r.min()), im(r.max()), tint(color), radius);
  if (tape != nullptr) tape->fill(r, tint(color), radius);
}

void Canvas::fill_top(const Rect& r, Color color, float radius) const {
  if (r.empty()) return;
  list->AddRectFilled(im(r.min()), im(r.max()), tint(color), radius, ImDrawFlags_RoundCornersTop);
  if (tape != nullptr) tape->fill_top(r, tint(color), radius);
}

void Canvas::stroke(const Rect& r, Color color, float width, float radius) const {
  if (r.empty()) return;
  // ImGui strokes half a pixel inside the box; wider lines are moved in by the rest so that they stay inside.
  const Rect inner = r.inset((width - 1) / 2);
  const float corner = std::max(radius - (width - 1) / 2, 0.0F);
  list->AddRect(im(inner.min()), im(inner.max()), tint(color), corner, 0, width);
  if (tape != nullptr) tape->stroke(inner.inset(0.5F), std::max(corner - 0.5F, 0.0F), {tint(color), width});
}

void Canvas::halo(const Rect& r, Color color, float spread, float radius, float strength) const {
  fill(r.inset(-spread), with_alpha(color, strength), radius + spread);
}

void Canvas::line(Vec2 from, Vec2 to, Color color, float width) const {
  list->AddLine(im(from), im(to), tint(color), width);
  if (tape == nullptr) return;
  constexpr Vec2 pixel_middle{0.5F, 0.5F};  // where ImGui draws lines
  tape->polyline(std::array{from + pixel_middle, to + pixel_middle}, false, {tint(color), width});
}

void Canvas::hline(float x_from, float x_to, float y, Color color) const {
  const float width = std::max(1.0F, std::floor(px(1)));
  fill({x_from, std::floor(y), x_to - x_from, width}, color);
}

void Canvas::vline(float x, float y_from, float y_to, Color color) const {
  const float width = std::max(1.0F, std::floor(px(1)));
  fill({std::floor(x), y_from, width, y_to - y_from}, color);
}

void Canvas::disc(Vec2 center, float radius, Color color) const {
  list->AddCircleFilled(im(center), radius, tint(color));
  if (tape != nullptr) tape->disc(center, radius, tint(color));
}

void Canvas::circle(Vec2 center, float radius, Color color, float width) const {
  list->AddCircle(im(center), radius, tint(color), 0, width);
  if (tape != nullptr) tape->circle(center, std::max(radius - 0.5F, 0.1F), {tint(color), width});
}

void Canvas::arc(Vec2 center, float radius, float from_turn, float to_turn, Color color, float width) const {
  constexpr float turn = 6.2831853F;
  list->PathArcTo(im(center), radius, (from_turn - 0.25F) * turn, (to_turn - 0.25F) * turn, 48);
  list->PathStroke(tint(color), 0, width);
  if (tape != nullptr) tape->arc(center, radius, from_turn, to_turn, {tint(color), width});
}

void Canvas::polyline(std::span<const Vec2> points, Color color, float width, bool closed) const {
  if (tape != nullptr && points.size() >= 2) tape->polyline(points, closed, {tint(color), width});
  // Long lines go in pieces that share one point.
  std::array<ImVec2, most_points> piece;
  while (points.size() >= 2) {
    const std::size_t count = convert(points, piece);
    list->AddPolyline(piece.data(), static_cast<int>(count), tint(color), closed ? ImDrawFlags_Closed : 0, width);
    if (count == points.size()) break;
    points = points.subspan(count - 1);
  }
}

void Canvas::polygon(std::span<const Vec2> points, Color color) const {
  std::array<ImVec2, most_points> corners;
  const std::size_t count = convert(points, corners);
  list->AddConvexPolyFilled(corners.data(), static_cast<int>(count), tint(color));
  if (tape != nullptr) tape->polygon(points.first(count), tint(color));
}

Clip::Clip(const Canvas& canvas, const Rect& r) : list_(canvas.list), tape_(canvas.tape) {
  list_->PushClipRect(im(r.min()), im(r.max()), true);
  if (tape_ != nullptr) tape_->begin_clip(r);
}

Clip::~Clip() {
  list_->PopClipRect();
  if (tape_ != nullptr) tape_->end_clip();
}

}  // namespace fourtuple::viz
