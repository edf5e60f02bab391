// Small signs with a meaning: drops, callouts, pills, key caps, timer bars, rewritten values. Main thread only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "viz/kit/canvas.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {

// Disc r 10 with ×; with `count` above 1 the number stands beside it.
void draw_drop_disc(const Canvas& canvas, Vec2 at, int count = 1);

// A box that explains a drop (drop colour) or a rewrite (rewrite colour), with a leader to what it is about.
struct CalloutLine {
  std::vector<TextRun> runs = {};
  bool arrow_before = false;  // an arrow in the callout's colour stands before the runs
  Color strike = 0;           // not 0: the first run is an old value, struck through in this colour
};
struct Callout {
  std::string title = {};
  std::vector<CalloutLine> lines = {};
  Color color = 0;
};
Vec2 callout_size(const Canvas& canvas, const Callout& callout);
void draw_callout(const Canvas& canvas, const Rect& r, const Callout& callout);
// From the nearest edge of the callout to the point.
void draw_leader(const Canvas& canvas, const Rect& callout, Vec2 to, Color color);

// "old → new": old muted and struck in amber, new bold. Returns the width.
float draw_rewrite(const Canvas& canvas, Vec2 at, std::string_view before, std::string_view after);

enum class PillLook : std::uint8_t { plain, tinted, dashed };
// Round-ended label 22 high. tinted: colour at 18 % with text in the colour; dashed: inferred. Returns its rectangle.
Rect draw_pill(const Canvas& canvas, Vec2 left_middle, std::string_view text, Color color,
               PillLook look = PillLook::tinted, Align align = Align::left);
// The name of a key in a small box, centred on `at` or, with left alignment, beginning there.
Rect draw_keycap(const Canvas& canvas, Vec2 left_middle, std::string_view key, bool on_accent = false);
float keycap_width(const Canvas& canvas, std::string_view key);
// "at 0.241 318 s" as a link: clock and mono time in accent, 22 high. `here`: the cursor stands there.
Rect draw_moment(const Canvas& canvas, Vec2 left_middle, std::string_view time, bool here, bool hovered);
// 80 x 6 bar, accent on raised; hatched while the entry is not stored or the value is estimated.
void draw_timer_bar(const Canvas& canvas, const Rect& r, float fraction, bool hatched = false);
// "The book says | Linux does" note.
void draw_book_note(const Canvas& canvas, const Rect& r, std::string_view book, std::string_view linux,
                    std::string_view book_title = "The book says", std::string_view linux_title = "Linux does");

}  // namespace fourtuple::viz
