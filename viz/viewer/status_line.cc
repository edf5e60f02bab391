#include "viz/viewer/status_line.h"

#include <algorithm>
#include <fmt/format.h>

#include "viz/kit/controls.h"
#include "viz/kit/marks.h"
#include "viz/kit/text.h"
#include "viz/panels/timeline/timeline_model.h"

namespace fourtuple::viz {
namespace {

constexpr float status_side = 18;

bool draw_progress(const Ui& ui, const Rect& area, Rect& rest, const Progress& progress) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const float line = canvas.px(3);
  canvas.fill({area.x, area.y - line / 2, area.w, line}, colors.line);
  if (progress.part >= 0)
    canvas.fill({area.x, area.y - line / 2, area.w * std::min(progress.part, 1.0F), line}, colors.accent);
  const Button stop{.label = "Stop", .key = "Esc"};
  const Rect place = rest.take_right(button_width(canvas, stop));
  const bool stopped = button(ui, "stop growing", place.inset(0, canvas.px(2)), stop);
  rest.take_right(canvas.px(12));
  const float words = std::min(text_width(canvas, style::label_medium, progress.words), rest.w);
  draw_text_in(canvas, rest.take_right(words), style::label_medium, colors.text, progress.words);
  rest.take_right(canvas.px(24));
  return stopped;
}

}  // namespace

std::string growth_words(const Growth& growth) {
  return fmt::format("simulated {} of {}", length_text({growth.reached.ns}), length_text({growth.end.ns}));
}

StatusAnswer draw_status(const Ui& ui, const Rect& area, const StatusLine& line) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(area, line.message.empty() ? colors.surface : colors.raised);
  canvas.hline(area.x, area.right(), area.y, colors.line);
  Rect rest = area.inset(canvas.px(status_side), 0);
  StatusAnswer answer = StatusAnswer::none;
  if (line.progress && draw_progress(ui, area, rest, *line.progress)) answer = StatusAnswer::stop;
  if (line.more_notes) {
    const Button notes{.label = "Notes", .key = "Ctrl+N"};
    const Rect place = rest.take_right(button_width(canvas, notes));
    if (button(ui, "status-notes", place.inset(0, canvas.px(2)), notes)) answer = StatusAnswer::show_notes;
    rest.take_right(canvas.px(12));
  }
  if (!line.aside.empty()) {
    rest.take_right(
        draw_pill(canvas, rest.right_middle(), line.aside, colors.accent, PillLook::tinted, Align::right).w);
    rest.take_right(canvas.px(16));
  }
  const bool told = !line.message.empty();
  const std::string_view words = told ? line.message : line.happened;
  if (words.empty() || rest.w < canvas.px(40)) return answer;
  const TextStyle look = told ? style::label_medium : style::label;
  if (told) {
    canvas.fill({area.x, area.y, canvas.px(4), area.h}, colors.accent);
    canvas.disc({rest.x + canvas.px(4), rest.center().y}, canvas.px(4), colors.accent);
    rest.take_left(canvas.px(16));
  }
  draw_text_in(canvas, rest, look, told ? colors.text : colors.muted, words);
  const bool cut = text_width(canvas, look, words) > rest.w;
  if (cut && touch(ui, "status", rest, {.focusable = false}).hovered) show_tooltip_below(ui, rest, {}, words);
  return answer;
}

}  // namespace fourtuple::viz
