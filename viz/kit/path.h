// A curve sampled once into 64 arc lengths, so that something moving along it keeps a constant speed.
// Links, trails, ribbons and dashes walk these samples. No ImGui; immutable after creation, any thread.
#pragma once

#include <array>
#include <span>

#include "viz/kit/geometry.h"

namespace fourtuple::viz {

class Path {
 public:
  static constexpr std::size_t sample_count = 65;  // 64 pieces

  Path() = default;
  static Path line(Vec2 from, Vec2 to);
  static Path bezier(Vec2 from, Vec2 control_1, Vec2 control_2, Vec2 to);
  // The design's link: leaves and arrives horizontally, bending at half width.
  static Path link(Vec2 from, Vec2 to);
  // Straight from corner to corner, each rounded as far as `radius` and its legs allow; at least two points.
  static Path through(std::span<const Vec2> corners, float radius);
  // Along this one and then along another that begins where it ends.
  Path then(const Path& next) const;

  float length() const { return length_; }
  // `fraction` of the arc length, clamped to 0..1.
  Vec2 point_at(float fraction) const;
  // Unit direction of travel there.
  Vec2 direction_at(float fraction) const;
  // The same curve moved sideways, positive to the right of travel: flows that share a link run side by side.
  Path shifted(float pixels) const;
  Path reversed() const;
  Path moved(Vec2 by) const;
  // The piece between two fractions.
  Path part(float from, float to) const;
  // Shortest distance from a point, and the fraction where it is.
  struct Nearest {
    float distance = 0, fraction = 0;
  };
  Nearest nearest(Vec2 point) const;
  // Equally spaced in arc length.
  std::span<const Vec2> points() const { return points_; }

 private:
  static Path from_curve(const std::array<Vec2, 4>& control);
  static Path from_points(std::span<const Vec2> fine);
  void measure();
  std::array<Vec2, sample_count> points_{};
  float length_ = 0;
};

}  // namespace fourtuple::viz
