// Colours as ImGui packs them (alpha, blue, green, red from the high byte), made from 0xRRGGBB. Constexpr, any thread.
#pragma once

#include <algorithm>
#include <cstdint>

namespace fourtuple::viz {

using Color = std::uint32_t;

constexpr Color transparent = 0;

constexpr Color rgb(std::uint32_t hex) {
  return 0xFF000000U | ((hex & 0xFFU) << 16) | (hex & 0xFF00U) | ((hex >> 16) & 0xFFU);
}

// The same colour at `alpha` (0 to 1) of its present opacity.
constexpr Color with_alpha(Color color, float alpha) {
  const float present = static_cast<float>(color >> 24);
  const auto value = static_cast<std::uint32_t>(std::clamp(present * alpha + 0.5F, 0.0F, 255.0F));
  return (color & 0x00FFFFFFU) | (value << 24);
}

// Straight mix of every channel: 0 is `from`, 1 is `to`.
constexpr Color mix(Color from, Color to, float part) {
  Color result = 0;
  for (unsigned shift = 0; shift < 32; shift += 8) {
    const auto a = static_cast<float>((from >> shift) & 0xFFU), b = static_cast<float>((to >> shift) & 0xFFU);
    result |= static_cast<std::uint32_t>(a + (b - a) * part + 0.5F) << shift;
  }
  return result;
}

constexpr int red_of(Color color) {
  return static_cast<int>(color & 0xFFU);
}
constexpr int green_of(Color color) {
  return static_cast<int>((color >> 8) & 0xFFU);
}
constexpr int blue_of(Color color) {
  return static_cast<int>((color >> 16) & 0xFFU);
}

}  // namespace fourtuple::viz
