#include "viz/kit/path.h"

#include <vector>

namespace fourtuple::viz {
namespace {

constexpr std::size_t pieces = Path::sample_count - 1;
constexpr std::size_t fine_pieces = 256;
constexpr int corner_pieces = 8;

Vec2 cubic(const std::array<Vec2, 4>& c, float t) {
  const float u = 1 - t;
  return c[0] * (u * u * u) + c[1] * (3 * u * u * t) + c[2] * (3 * u * t * t) + c[3] * (t * t * t);
}

}  // namespace

Path Path::line(Vec2 from, Vec2 to) {
  return from_curve({from, lerp(from, to, 1.0F / 3), lerp(from, to, 2.0F / 3), to});
}

Path Path::bezier(Vec2 from, Vec2 control_1, Vec2 control_2, Vec2 to) {
  return from_curve({from, control_1, control_2, to});
}

Path Path::link(Vec2 from, Vec2 to) {
  const float middle = (from.x + to.x) / 2;
  return bezier(from, {middle, from.y}, {middle, to.y}, to);
}

Path Path::through(std::span<const Vec2> corners, float radius) {
  std::vector<Vec2> fine{corners.front()};
  for (std::size_t i = 1; i + 1 < corners.size(); ++i) {
    const Vec2 in = corners[i] - corners[i - 1], out = corners[i + 1] - corners[i];
    const float round = std::min({radius, viz::length(in) / 2, viz::length(out) / 2});
    const Vec2 begin = corners[i] - unit(in) * round, end = corners[i] + unit(out) * round;
    for (int step = 0; step <= corner_pieces; ++step) {
      const float t = static_cast<float>(step) / corner_pieces;
      fine.push_back(lerp(lerp(begin, corners[i], t), lerp(corners[i], end, t), t));
    }
  }
  fine.push_back(corners.back());
  return from_points(fine);
}

Path Path::then(const Path& next) const {
  std::vector<Vec2> fine(points_.begin(), points_.end());
  fine.insert(fine.end(), next.points_.begin() + 1, next.points_.end());
  return from_points(fine);
}

Path Path::from_curve(const std::array<Vec2, 4>& control) {
  std::array<Vec2, fine_pieces + 1> fine{};
  for (std::size_t i = 0; i <= fine_pieces; ++i) fine[i] = cubic(control, static_cast<float>(i) / fine_pieces);
  return from_points(fine);
}

Path Path::from_points(std::span<const Vec2> fine) {
  float whole = 0;
  for (std::size_t i = 1; i < fine.size(); ++i) whole += distance(fine[i - 1], fine[i]);
  Path path;
  std::size_t at = 0;
  float travelled = 0;  // as far as fine[at]
  for (std::size_t i = 0; i <= pieces; ++i) {
    const float wanted = whole * static_cast<float>(i) / pieces;
    float step = distance(fine[at], fine[at + 1]);
    while (at + 2 < fine.size() && travelled + step < wanted) {
      travelled += step;
      ++at;
      step = distance(fine[at], fine[at + 1]);
    }
    const float inside = step > 1e-6F ? (wanted - travelled) / step : 0;
    path.points_[i] = lerp(fine[at], fine[at + 1], clamped(inside, 0.0F, 1.0F));
  }
  path.measure();
  return path;
}

void Path::measure() {
  length_ = 0;
  for (std::size_t i = 1; i < sample_count; ++i) length_ += distance(points_[i - 1], points_[i]);
}

Vec2 Path::point_at(float fraction) const {
  const float at = clamped(fraction, 0.0F, 1.0F) * pieces;
  const auto i = std::min(static_cast<std::size_t>(at), pieces - 1);
  return lerp(points_[i], points_[i + 1], at - static_cast<float>(i));
}

Vec2 Path::direction_at(float fraction) const {
  const float at = clamped(fraction, 0.0F, 1.0F) * pieces;
  const auto i = std::min(static_cast<std::size_t>(at), pieces - 1);
  return unit(points_[i + 1] - points_[i]);
}

Path Path::shifted(float pixels) const {
  Path path;
  for (std::size_t i = 0; i < sample_count; ++i) {
    const Vec2 along = unit(points_[std::min(i + 1, pieces)] - points_[i == 0 ? 0 : i - 1]);
    path.points_[i] = points_[i] + Vec2{-along.y, along.x} * pixels;
  }
  path.measure();
  return path;
}

Path Path::reversed() const {
  Path path = *this;
  std::reverse(path.points_.begin(), path.points_.end());
  return path;
}

Path Path::moved(Vec2 by) const {
  Path path = *this;
  for (Vec2& point : path.points_) point = point + by;
  return path;
}

Path Path::part(float from, float to) const {
  Path path;
  for (std::size_t i = 0; i < sample_count; ++i) {
    path.points_[i] = point_at(from + (to - from) * static_cast<float>(i) / pieces);
  }
  path.measure();
  return path;
}

Path::Nearest Path::nearest(Vec2 point) const {
  Nearest best{distance(point, points_[0]), 0};
  for (std::size_t i = 0; i < pieces; ++i) {
    const Vec2 along = points_[i + 1] - points_[i];
    const float square = along.x * along.x + along.y * along.y;
    const Vec2 from = point - points_[i];
    const float part = square > 0 ? clamped((from.x * along.x + from.y * along.y) / square, 0.0F, 1.0F) : 0;
    const float d = distance(point, lerp(points_[i], points_[i + 1], part));
    if (d < best.distance) best = {d, (static_cast<float>(i) + part) / pieces};
  }
  return best;
}

}  // namespace fourtuple::viz
