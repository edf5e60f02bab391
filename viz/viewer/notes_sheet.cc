#include "viz/viewer/notes_sheet.h"

#include <algorithm>

#include "viz/kit/controls.h"
#include "viz/kit/panel.h"
#include "viz/kit/text.h"
#include "viz/viewer/dialog.h"

namespace fourtuple::viz {
namespace {

constexpr float note_gap = 10, bullet_room = 18;

float note_height(const Canvas& canvas, const std::string& note, float width) {
  const auto lines = wrap_text(canvas, style::body, note, width - canvas.px(bullet_room)).size();
  return line_height(canvas, TextSize::normal) * static_cast<float>(std::max<std::size_t>(lines, 1)) +
         canvas.px(note_gap);
}

float draw_note(const Canvas& canvas, Rect r, const std::string& note) {
  const float height = note_height(canvas, note, r.w);
  const float middle = r.y + line_height(canvas, TextSize::normal) / 2;
  canvas.disc({r.x + canvas.px(4), middle}, canvas.px(2.5F), canvas.colors().accent);
  r.take_left(canvas.px(bullet_room));
  draw_paragraph(canvas, r, style::body, canvas.colors().text, note, 99);
  return height;
}

}  // namespace

void NotesSheet::draw(const Ui& ui, const Rect& screen, const std::string& file,
                      const std::vector<std::string>& notes) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  dim(canvas, screen);
  const float width = std::min(canvas.px(760), screen.w - canvas.px(48));
  float needed = canvas.px(24 + 32 + 24 + 12 + 24 + 32 + 24);
  for (const std::string& note : notes) needed += note_height(canvas, note, width - canvas.px(80));
  const Rect card = draw_dialog(canvas, screen, 760, std::min(needed / canvas.px(1), 620.0F));
  Rect inner = card.inset(canvas.px(32), canvas.px(24));
  draw_text_in(canvas, inner.take_top(canvas.px(32)), style::title, colors.text, "Notes about this file");
  draw_text_in(canvas, inner.take_top(canvas.px(24)), style::number, colors.muted, file);
  inner.take_top(canvas.px(12));
  Rect foot = inner.take_bottom(canvas.px(32));
  inner.take_bottom(canvas.px(12));
  if (notes.empty()) {
    draw_text_in(canvas, inner.take_top(canvas.px(24)), style::body, colors.muted,
                 "All of it was understood; there is nothing to note.");
  } else {
    ScrollArea scroll(ui, "notes", inner);
    keys_.apply(scroll, canvas);
    Rect rest = scroll.content();
    rest.h = 1e6F;
    const float top = rest.y;
    rest.w -= canvas.px(16);
    for (const std::string& note : notes) rest.take_top(draw_note(scroll.ui().canvas, rest, note));
    scroll.set_height(rest.y - top);
  }
  const Button ok{.label = "Close", .key = "Esc", .look = ButtonLook::primary};
  const bool pressed = button(ui, "notes-ok", foot.take_left(button_width(canvas, ok)), ok);
  if (close_button(ui, card) || pressed || pressed_outside(card)) close();
}

}  // namespace fourtuple::viz
