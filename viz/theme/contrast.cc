#include "viz/theme/contrast.h"

#include <array>
#include <cmath>
#include <cstddef>

namespace fourtuple::viz {
namespace {

// Luminance of one channel of sRGB, for each of its 256 values.
std::array<float, 256> linear_values() {
  std::array<float, 256> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float part = static_cast<float>(i) / 255;
    values[i] = part <= 0.03928F ? part / 12.92F : std::pow((part + 0.055F) / 1.055F, 2.4F);
  }
  return values;
}

float luminance(Color color) {
  static const std::array<float, 256> linear = linear_values();
  return 0.2126F * linear[static_cast<std::size_t>(red_of(color))] +
         0.7152F * linear[static_cast<std::size_t>(green_of(color))] +
         0.0722F * linear[static_cast<std::size_t>(blue_of(color))];
}

}  // namespace

float contrast(Color a, Color b) {
  const float first = luminance(a), second = luminance(b);
  return (std::max(first, second) + 0.05F) / (std::min(first, second) + 0.05F);
}

float least_alpha(Color ink, Color ground, float ratio) {
  int low = 0, high = 100;  // contrast grows with the opacity
  while (low < high) {
    const int middle = (low + high) / 2;
    const bool enough = contrast(mix(ground, ink, static_cast<float>(middle) / 100), ground) >= ratio;
    (enough ? high : low) = enough ? middle : middle + 1;
  }
  return static_cast<float>(low) / 100;
}

}  // namespace fourtuple::viz
