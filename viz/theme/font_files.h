// Finds the installed font files through fontconfig. Main thread only (fontconfig is initialised on first use).
#pragma once

#include <cstdint>
#include <string>

#include "sim/base/outcome.h"

namespace fourtuple::viz {

struct FontFile {
  std::string path;
  int index = 0;       // face inside a collection
  float em_ratio = 1;  // (ascent + descent) / em: ImGui sizes fonts by line height, the design by em
};

enum class Typeface : std::uint8_t { words, mono, japanese };

// The closest installed file: Inter, JetBrains Mono or Noto Sans CJK JP; DejaVu when they are missing.
// `weight` is 400, 500 or 600. An error only when no font at all can be read.
Outcome<FontFile> find_font(Typeface typeface, int weight);

}  // namespace fourtuple::viz
