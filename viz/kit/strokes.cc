#include "viz/kit/strokes.h"

#include <array>
#include <cmath>
#include <vector>

namespace fourtuple::viz {
namespace {

// Walks a polyline and draws the pieces where the pattern is on.
class DashWalker {
 public:
  DashWalker(const Canvas& canvas, Color color, float width, float on, float off)
      : canvas_(canvas), color_(color), width_(width), on_(std::max(on, 0.5F)), period_(on_ + std::max(off, 0.5F)) {}

  void to(Vec2 from, Vec2 to) {
    const float total = distance(from, to);
    for (float at = 0; at < total;) {
      const float inside = std::fmod(walked_ + at, period_);
      const bool drawing = inside < on_;
      const float step = std::min((drawing ? on_ : period_) - inside, total - at);
      if (drawing) canvas_.line(lerp(from, to, at / total), lerp(from, to, (at + step) / total), color_, width_);
      at += std::max(step, 0.01F);
    }
    walked_ += total;
  }

 private:
  const Canvas& canvas_;
  Color color_;
  float width_, on_, period_, walked_ = 0;
};

// The canvas for the dots or dashes that the tape took down as one line.
Canvas untaped(Canvas canvas) {
  canvas.tape = nullptr;
  return canvas;
}

void tape_dots(const Canvas& canvas, std::span<const Vec2> points, Color color, float radius) {
  if (canvas.tape == nullptr) return;
  canvas.tape->polyline(points, false, {canvas.tint(color), 2 * radius, 0, canvas.px(8), true});
}

}  // namespace

void dashed_polyline(const Canvas& canvas, std::span<const Vec2> points, Color color, float width, Dash dash) {
  const float on = canvas.px(dash.on), off = canvas.px(dash.off);
  if (canvas.tape != nullptr) canvas.tape->polyline(points, false, {canvas.tint(color), width, on, off});
  const Canvas list_only = untaped(canvas);
  DashWalker walker(list_only, color, width, on, off);
  for (std::size_t i = 1; i < points.size(); ++i) walker.to(points[i - 1], points[i]);
}

void dashed_line(const Canvas& canvas, Vec2 from, Vec2 to, Color color, float width, Dash dash) {
  const std::array points = {from, to};
  dashed_polyline(canvas, points, color, width, dash);
}

void dashed_rect(const Canvas& canvas, const Rect& r, Color color, float width, float radius, Dash dash) {
  const Rect inner = r.inset(width / 2);
  const float corner = clamped(radius, 0.0F, std::min(inner.w, inner.h) / 2);
  constexpr float turn = 6.2831853F;
  constexpr int steps = 6;
  std::vector<Vec2> points;
  const std::array<Vec2, 4> centers = {
      Vec2{inner.right() - corner, inner.y + corner}, Vec2{inner.right() - corner, inner.bottom() - corner},
      Vec2{inner.x + corner, inner.bottom() - corner}, Vec2{inner.x + corner, inner.y + corner}};
  for (std::size_t c = 0; c < 4; ++c) {
    for (int i = 0; i <= steps; ++i) {
      const float angle = (static_cast<float>(c) - 1 + static_cast<float>(i) / steps) * turn / 4;
      points.push_back(centers[c] + Vec2{std::cos(angle), std::sin(angle)} * corner);
    }
  }
  points.push_back(points.front());
  dashed_polyline(canvas, points, color, width, dash);
}

void dashed_path(const Canvas& canvas, const Path& path, Color color, float width, Dash dash) {
  dashed_polyline(canvas, path.points(), color, width, dash);
}

void dotted_path(const Canvas& canvas, const Path& path, Color color, float width, float from, float to) {
  const float step = canvas.px(8);
  const float radius = canvas.px(width) * 0.6F;
  const float total = path.length();
  if (total <= 0) return;
  tape_dots(canvas, path.part(from, to).points(), color, radius);
  const Canvas list_only = untaped(canvas);
  for (float at = from * total; at <= to * total; at += step) list_only.disc(path.point_at(at / total), radius, color);
}

void dotted_line(const Canvas& canvas, Vec2 from, Vec2 to, Color color, float width) {
  const float total = distance(from, to), radius = canvas.px(width) * 0.6F;
  tape_dots(canvas, std::array{from, to}, color, radius);
  const Canvas list_only = untaped(canvas);
  for (float at = 0; at <= total && total > 0; at += canvas.px(8)) {
    list_only.disc(lerp(from, to, at / total), radius, color);
  }
}

namespace {

// Points of a path that are enough to look round: one every 7 to 14 pixels.
std::size_t enough_points(const Path& path, std::array<Vec2, Path::sample_count>& out) {
  constexpr std::size_t pieces = Path::sample_count - 1;
  const std::span<const Vec2> points = path.points();
  const Vec2 along = unit(points.back() - points.front()), side{-along.y, along.x};
  float bend = 0;
  for (const Vec2 point : points) {
    const Vec2 from = point - points.front();
    bend = std::max(bend, std::abs(from.x * side.x + from.y * side.y));
  }
  if (bend < 0.5F) {
    out[0] = points.front();
    out[1] = points.back();
    return 2;
  }
  std::size_t stride = 1;
  while (stride < pieces / 4 && path.length() * static_cast<float>(stride) < 7.0F * pieces) stride *= 2;
  std::size_t count = 0;
  for (std::size_t i = 0; i <= pieces; i += stride) out[count++] = points[i];
  return count;
}

// A band of quads with colours across it: four points for each point of the line.
void add_band(const Canvas& canvas, std::span<const Vec2> points, const std::array<float, 4>& across,
              const std::array<ImU32, 4>& colors) {
  const auto count = static_cast<int>(points.size());
  canvas.list->PrimReserve((count - 1) * 18, count * 4);
  const ImVec2 uv = ImGui::GetFontTexUvWhitePixel();
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Vec2 along = unit(points[std::min(i + 1, points.size() - 1)] - points[i == 0 ? 0 : i - 1]);
    const Vec2 side{-along.y, along.x};
    const unsigned base = canvas.list->_VtxCurrentIdx;
    for (std::size_t k = 0; k < 4; ++k) canvas.list->PrimWriteVtx(im(points[i] + side * across[k]), uv, colors[k]);
    if (i + 1 == points.size()) continue;
    for (unsigned k = 0; k < 3; ++k) {
      for (const unsigned corner : {k, k + 1, k + 5, k, k + 5, k + 4})
        canvas.list->PrimWriteIdx(static_cast<ImDrawIdx>(base + corner));
    }
  }
}

}  // namespace

void path_stroke(const Canvas& canvas, const Path& path, Color color, float width) {
  std::array<Vec2, Path::sample_count> points;
  canvas.polyline({points.data(), enough_points(path, points)}, color, canvas.px(width));
}

void ribbon(const Canvas& canvas, const Path& path, Color color, float width, RibbonLook look) {
  std::array<Vec2, Path::sample_count> points;
  const std::size_t count = enough_points(path, points);
  if (path.length() < 1) return;
  const float body = width / 2, edge = body + (look == RibbonLook::pale ? canvas.px(1.5F) : 0.5F);
  const Color inner = canvas.tint(with_alpha(color, look == RibbonLook::pale ? 0.28F : 0.62F));
  const Color outer = canvas.tint(with_alpha(color, 0));
  const std::array across = {-edge, std::min(-body + 0.5F, 0.0F), std::max(body - 0.5F, 0.0F), edge};
  add_band(canvas, {points.data(), count}, across, {outer, inner, inner, outer});
}

void draw_dots(const Canvas& canvas, const Rect& area, float step) {
  const float dot = std::max(1.0F, canvas.px(1));
  for (float y = area.y + step; y < area.bottom(); y += step) {
    for (float x = area.x + step; x < area.right(); x += step) {
      canvas.list->AddRectFilled({x, y}, {x + dot, y + dot}, canvas.tint(canvas.colors().grid));
    }
  }
}

void hatch(const Canvas& canvas, const Rect& r, Color color, float spacing) {
  if (r.empty()) return;
  const float step = canvas.px(spacing), width = std::max(1.0F, canvas.px(1));
  if (canvas.tape != nullptr) canvas.tape->hatch(r, step, {canvas.tint(color), width});
  const Canvas list_only = untaped(canvas);
  const Clip clip(list_only, r);
  for (float x = r.x - r.h; x < r.right(); x += step) {
    list_only.line({x, r.bottom()}, {x + r.h, r.y}, color, width);
  }
}

void arrow_head(const Canvas& canvas, Vec2 tip, Vec2 direction, Color color, float size, float width) {
  const Vec2 along = unit(direction) * canvas.px(size);
  const Vec2 side{-along.y, along.x};
  const std::array points = {tip - along + side, tip, tip - along - side};
  canvas.polyline(points, color, canvas.px(width));
}

void arrow_tip(const Canvas& canvas, Vec2 tip, Vec2 direction, Color color, float size) {
  const Vec2 along = unit(direction) * canvas.px(size);
  const Vec2 side = Vec2{-along.y, along.x} * 0.5F;
  const std::array points = {tip, tip - along + side, tip - along - side};
  canvas.polygon(points, color);
}

}  // namespace fourtuple::viz
