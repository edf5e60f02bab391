// Points and rectangles in framebuffer pixels, origin top left. No ImGui; plain data, any thread.
#pragma once

#include <algorithm>
#include <cmath>

namespace fourtuple::viz {

// Like std::clamp, but a range that a very small window turned around gives its lower end.
template <class T>
constexpr T clamped(T value, T low, T high) {
  return std::max(low, std::min(value, high));
}

struct Vec2 {
  float x = 0, y = 0;
  bool operator==(const Vec2&) const = default;
};

constexpr Vec2 operator+(Vec2 a, Vec2 b) {
  return {a.x + b.x, a.y + b.y};
}
constexpr Vec2 operator-(Vec2 a, Vec2 b) {
  return {a.x - b.x, a.y - b.y};
}
constexpr Vec2 operator*(Vec2 a, float k) {
  return {a.x * k, a.y * k};
}
inline float length(Vec2 a) {
  return std::sqrt(a.x * a.x + a.y * a.y);
}
inline float distance(Vec2 a, Vec2 b) {
  return length(a - b);
}
constexpr Vec2 lerp(Vec2 a, Vec2 b, float part) {
  return a + (b - a) * part;
}
// Unit vector, or (1, 0) for a null vector.
inline Vec2 unit(Vec2 a) {
  const float l = length(a);
  return l > 1e-6F ? a * (1 / l) : Vec2{1, 0};
}

struct Rect {
  float x = 0, y = 0, w = 0, h = 0;
  bool operator==(const Rect&) const = default;

  constexpr float right() const { return x + w; }
  constexpr float bottom() const { return y + h; }
  constexpr Vec2 min() const { return {x, y}; }
  constexpr Vec2 max() const { return {x + w, y + h}; }
  constexpr Vec2 center() const { return {x + w / 2, y + h / 2}; }
  constexpr Vec2 left_middle() const { return {x, y + h / 2}; }
  constexpr Vec2 right_middle() const { return {x + w, y + h / 2}; }
  constexpr bool empty() const { return w <= 0 || h <= 0; }
  constexpr bool contains(Vec2 p) const { return p.x >= x && p.x < x + w && p.y >= y && p.y < y + h; }
  constexpr bool contains(const Rect& o) const {
    return o.x >= x && o.y >= y && o.right() <= right() && o.bottom() <= bottom();
  }
  constexpr bool overlaps(const Rect& o) const {
    return x < o.right() && o.x < right() && y < o.bottom() && o.y < bottom();
  }
  constexpr Rect moved(float dx, float dy) const { return {x + dx, y + dy, w, h}; }
  // Smaller by d on every side (larger when d is negative).
  constexpr Rect inset(float d) const { return {x + d, y + d, w - 2 * d, h - 2 * d}; }
  constexpr Rect inset(float dx, float dy) const { return {x + dx, y + dy, w - 2 * dx, h - 2 * dy}; }

  // Cut a strip off one side: returns the strip and keeps the rest. A strip is never larger than what is left.
  constexpr Rect take_top(float d) {
    d = std::min(d, h);
    const Rect strip{x, y, w, d};
    y += d;
    h -= d;
    return strip;
  }
  constexpr Rect take_bottom(float d) {
    d = std::min(d, h);
    h -= d;
    return {x, y + h, w, d};
  }
  constexpr Rect take_left(float d) {
    d = std::min(d, w);
    const Rect strip{x, y, d, h};
    x += d;
    w -= d;
    return strip;
  }
  constexpr Rect take_right(float d) {
    d = std::min(d, w);
    w -= d;
    return {x + w, y, d, h};
  }
};

constexpr Rect rect_around(Vec2 center, float w, float h) {
  return {center.x - w / 2, center.y - h / 2, w, h};
}

}  // namespace fourtuple::viz
