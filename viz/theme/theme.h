// Everything a drawing function needs to know about the look: colours, scale and fonts.
// Sizes in the design are in design pixels; px() turns them into framebuffer pixels. Main thread only.
#pragma once

#include "sim/base/outcome.h"
#include "viz/theme/fonts.h"
#include "viz/theme/palette.h"
#include "viz/theme/phrases/phrasebook.h"

namespace fourtuple::viz {

class Surface;

struct ThemeChoice {
  Look look = Look::dark;
  float scale = 1;  // content scale times the user's font scale; presenter mode uses 2
  bool reduced_motion = false;
  bool japanese = false;
  bool operator==(const ThemeChoice&) const = default;
};

class Theme {
 public:
  // Loads fonts and colours into the surface. Call outside a frame. May be called again with another choice.
  Outcome<void> apply(Surface& surface, const ThemeChoice& choice);
  // Reloads the fonts when drawn text needed new (Japanese) letters. Call outside a frame; true: draw again.
  Outcome<bool> refresh(Surface& surface);

  const Palette& colors() const { return palette_of(choice_.look); }
  const ThemeChoice& choice() const { return choice_; }
  float scale() const { return choice_.scale; }
  float px(float design_pixels) const { return design_pixels * choice_.scale; }
  // A label or a sentence in the language of the window. The view lives until refresh(), or as long as `english`.
  std::string_view words(std::string_view english) const {
    return choice_.japanese ? phrasebook_.in_japanese(english) : english;
  }
  Fonts& fonts() { return fonts_; }
  const Fonts& fonts() const { return fonts_; }
  // Another number whenever fonts or language changed: what was measured before may be of another size now.
  std::uint64_t generation() const { return generation_; }
  // Milliseconds the last font load took.
  double load_ms() const { return load_ms_; }

 private:
  Outcome<void> load_fonts(Surface& surface);
  ThemeChoice choice_;
  Fonts fonts_;
  mutable Phrasebook phrasebook_;  // remembers its answers
  double load_ms_ = 0;
  std::uint64_t generation_ = 0;
  bool loaded_ = false;
};

}  // namespace fourtuple::viz
