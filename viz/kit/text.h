// Text in one of the design's fonts. Positions are baselines; widths are measured, never guessed.
// Labels are put into the language of the window here (Theme::words), so callers write English alone.
// Letters the fonts lack (Japanese) are noted and appear after Theme::refresh. Main thread only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "viz/kit/canvas.h"

namespace fourtuple::viz {

struct TextStyle {
  Face face = Face::regular;
  TextSize size = TextSize::normal;
};

namespace style {
constexpr TextStyle label{Face::regular, TextSize::small};        // 12/400
constexpr TextStyle label_medium{Face::medium, TextSize::small};  // 12/500
constexpr TextStyle label_strong{Face::strong, TextSize::small};  // 12/600
constexpr TextStyle body{Face::regular, TextSize::normal};        // 14/400
constexpr TextStyle name{Face::medium, TextSize::normal};         // 14/500
constexpr TextStyle heading{Face::strong, TextSize::normal};      // 14/600
constexpr TextStyle title{Face::strong, TextSize::title};         // 20/600
constexpr TextStyle number{Face::mono, TextSize::small};          // mono 12
constexpr TextStyle number_strong{Face::mono_strong, TextSize::small};
constexpr TextStyle code{Face::mono, TextSize::normal};  // mono 14
constexpr TextStyle code_strong{Face::mono_strong, TextSize::normal};
constexpr TextStyle clock{Face::mono, TextSize::title};  // mono 20
}  // namespace style

enum class Align : std::uint8_t { left, center, right };

float text_width(const Canvas& canvas, TextStyle style, std::string_view text);
// Height of one line of this size as the design sets it: 18, 20, 28.
float line_height(const Canvas& canvas, TextSize size);
// Baseline that centres capitals and digits on y.
float baseline_for_middle(const Canvas& canvas, TextSize size, float middle_y);

// Draws with its baseline at `at`; `align` says which end `at` is. Returns the width.
float draw_text(const Canvas& canvas, Vec2 at, TextStyle style, Color color, std::string_view text,
                Align align = Align::left);
// Vertically centred in the rectangle, `padding` design pixels from the side; cut with "…" when too long.
float draw_text_in(const Canvas& canvas, const Rect& r, TextStyle style, Color color, std::string_view text,
                   Align align = Align::left, float padding = 0);
// With a line through it, in `strike`: an old value.
float draw_struck(const Canvas& canvas, Vec2 at, TextStyle style, Color color, Color strike, std::string_view text,
                  Align align = Align::left);
// The longest beginning that fits with "…"; the text itself when it fits.
std::string fit_text(const Canvas& canvas, TextStyle style, std::string_view text, float width);

// One line of differently styled pieces.
struct TextRun {
  TextStyle style = {};
  Color color = 0;
  std::string text = {};
};
float draw_runs(const Canvas& canvas, Vec2 at, const std::vector<TextRun>& runs);

// Breaks at spaces, and between Japanese letters. '\n' forces a break. The views point into `text`.
std::vector<std::string_view> wrap_text(const Canvas& canvas, TextStyle style, std::string_view text, float width);
// Draws wrapped lines, the first line's box at the top of `r`; at most `max_lines` (the last gets "…").
// Returns the height used.
float draw_paragraph(const Canvas& canvas, const Rect& r, TextStyle style, Color color, std::string_view text,
                     int max_lines = 100);
// In the middle of `r`, in lines of at most `r`'s width without its margins: what a panel says when it is empty.
void draw_note_in(const Canvas& canvas, const Rect& r, std::string_view text);

}  // namespace fourtuple::viz
