// The fifteen fonts of the design: three weights of words and two of numbers, each in three sizes, never scaled.
// Japanese glyphs are merged on demand: text that needs them is remembered and wants_reload() turns true.
// Main thread only; the fonts live in the ImGui font atlas of the current context.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "sim/base/outcome.h"

struct ImFont;

namespace fourtuple::viz {

// Words: Inter 400, 500, 600. Numbers, addresses, rules: JetBrains Mono 400, 600.
enum class Face : std::uint8_t { regular, medium, strong, mono, mono_strong };
// 12, 14 and 20 pixels times the font scale.
enum class TextSize : std::uint8_t { small, normal, title };

constexpr std::size_t face_count = 5;
constexpr std::size_t text_size_count = 3;

// Em size in design pixels.
constexpr float em_of(TextSize size) {
  return size == TextSize::small ? 12 : size == TextSize::normal ? 14 : 20;
}

class Fonts {
 public:
  // Builds the atlas of the current ImGui context at `scale` (0.5 to 4). The caller then uploads it
  // (Surface::upload_fonts). Fails when no font can be read at all; missing Japanese is not an error.
  Outcome<void> load(float scale);

  ImFont* at(Face face, TextSize size) const {
    return fonts_[static_cast<std::size_t>(face)][static_cast<std::size_t>(size)];
  }
  // Remembers the letters of `text` that the atlas lacks. Cheap for plain Latin text.
  void want(std::string_view text);
  bool wants_reload() const { return wanted_.size() > loaded_; }

 private:
  std::array<std::array<ImFont*, text_size_count>, face_count> fonts_{};
  std::set<char32_t> wanted_;  // beyond the fixed ranges: Japanese, in practice
  std::size_t loaded_ = 0;     // how many of wanted_ were present at the last load
};

}  // namespace fourtuple::viz
