#include "viz/viewer/overlays.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

#include "viz/kit/controls.h"
#include "viz/kit/panel.h"
#include "viz/kit/text.h"
#include "viz/viewer/dialog.h"

namespace fourtuple::viz {
namespace {

// Height of one fault in the list.
float error_height(const Canvas& canvas, const Error& error, float width) {
  float lines = static_cast<float>(wrap_text(canvas, style::body, error.message, width).size());
  if (!error.expected.empty()) lines += 1;
  if (!error.suggestion.empty()) lines += 1;
  return canvas.px(28) + lines * line_height(canvas, TextSize::normal) + canvas.px(12);
}

void draw_error(const Canvas& canvas, Rect r, const Error& error) {
  const Palette& colors = canvas.colors();
  canvas.fill({r.x, r.y + canvas.px(6), canvas.px(3), r.h - canvas.px(20)}, colors.drop, canvas.px(1.5F));
  r.take_left(canvas.px(16));
  std::string place = std::filesystem::path(error.where.file).filename().string();
  if (error.where.line > 0) place += fmt::format(":{}", error.where.line);
  if (error.where.column > 0) place += fmt::format(":{}", error.where.column);
  draw_text_in(canvas, r.take_top(canvas.px(24)), style::number, colors.muted, place);
  r.take_top(draw_paragraph(canvas, r, style::body, colors.text, error.message, 6));
  const float line = line_height(canvas, TextSize::normal);
  if (!error.expected.empty())
    draw_text_in(canvas, r.take_top(line), style::label, colors.muted, "expected " + error.expected);
  if (!error.suggestion.empty()) {
    draw_text_in(canvas, r.take_top(line), style::label_strong, colors.accent,
                 "did you mean “" + error.suggestion + "”?");
  }
}

}  // namespace

bool draw_errors(const Ui& ui, const Rect& screen, const std::string& file, const std::vector<Error>& errors) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  dim(canvas, screen);
  const float width = std::min(canvas.px(720), screen.w - canvas.px(48));
  float needed = canvas.px(24 + 64 + 24 + 32 + 24);
  for (const Error& error : errors) needed += error_height(canvas, error, width - canvas.px(80));
  const Rect card = draw_dialog(canvas, screen, 720, std::min(needed / canvas.px(1), 560.0F));
  Rect inner = card.inset(canvas.px(32), canvas.px(24));
  const std::string name = std::filesystem::path(file).filename().string();
  draw_text_in(canvas, inner.take_top(canvas.px(32)), style::title, colors.text,
               fit_text(canvas, style::title, "This file cannot be shown: " + name, inner.w - canvas.px(40)));
  const std::string count =
      errors.size() == 1 ? "one thing is wrong with it" : fmt::format("{} things are wrong with it", errors.size());
  draw_text_in(canvas, inner.take_top(canvas.px(24)), style::label, colors.muted, count);
  inner.take_top(canvas.px(8));
  Rect foot = inner.take_bottom(canvas.px(32));
  inner.take_bottom(canvas.px(12));
  {
    ScrollArea scroll(ui, "errors", inner);
    Rect rest = scroll.content();
    rest.h = 1e6F;
    float used = 0;
    for (const Error& error : errors) {
      const float height = error_height(canvas, error, rest.w - canvas.px(16));
      draw_error(scroll.ui().canvas, rest.take_top(height), error);
      used += height;
    }
    scroll.set_height(used);
  }
  const Button ok{.label = "Back", .key = "Esc", .look = ButtonLook::primary};
  const bool pressed = button(ui, "errors ok", foot.take_left(button_width(canvas, ok)), ok);
  return close_button(ui, card) || pressed;
}

}  // namespace fourtuple::viz
