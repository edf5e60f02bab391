// A stage's picture as a file, for `fourtuple render` and for what the window saves. Main thread only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/view/stage.h"
#include "sim/base/time.h"

namespace fourtuple::app {

enum class PictureKind : std::uint8_t { png, svg, gif };

// By the ending of the name, in any case of letters. Fails when it is none of them.
Outcome<PictureKind> picture_kind(const std::string& path);
// Fails, naming `path`, when its folder does not exist or the file cannot be written.
Outcome<void> check_target(const std::string& path);

// What the stage draws in its next frame, as SVG of that size in pixels.
std::string svg_of(Stage& stage, float width, float height);
Outcome<void> save_text(const std::string& text, const std::string& path);

// Seeks to every instant, `fps` (1 to 50) of them a second; the last is shown for a second and a half. Pictures wider
// than `widest` pixels are halved until they fit.
struct GifWish {
  std::vector<Time> times;
  std::uint32_t fps = 20;
  int widest = 1920;
};
Outcome<void> save_gif(Stage& stage, const GifWish& wish, const std::string& path);

}  // namespace fourtuple::app
