#include "viz/viewer/progress.h"

#include <algorithm>
#include <fmt/format.h>

#include "viz/kit/controls.h"
#include "viz/kit/text.h"
#include "viz/panels/timeline/timeline_model.h"

namespace fourtuple::viz {

std::string growth_words(const Growth& growth) {
  return fmt::format("simulated {} of {}", length_text({growth.reached.ns}), length_text({growth.end.ns}));
}

bool draw_progress(const Ui& ui, const Rect& below, const std::string& words, float part) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const float line = canvas.px(3);
  canvas.fill({below.x, below.y - line / 2, below.w, line}, colors.line);
  if (part >= 0) canvas.fill({below.x, below.y - line / 2, below.w * std::min(part, 1.0F), line}, colors.accent);
  const Button stop{.label = "Stop", .key = "Esc", .look = ButtonLook::normal};
  const float button_room = button_width(canvas, stop), height = canvas.px(28);
  const float width = text_width(canvas, style::label_medium, words) + button_room + canvas.px(36);
  Rect card{below.center().x - width / 2, below.y - height - canvas.px(18), width, height + canvas.px(8)};
  canvas.fill(card, colors.raised, canvas.px(8));
  canvas.stroke(card, colors.link, std::max(1.0F, canvas.px(1)), canvas.px(8));
  const Rect press = rect_around({card.right() - canvas.px(4) - button_room / 2, card.center().y}, button_room, height);
  const bool stopped = button(ui, "stop growing", press, stop);
  draw_text_in(canvas, card, style::label_medium, colors.text, words, Align::left, 14);
  return stopped;
}

}  // namespace fourtuple::viz
