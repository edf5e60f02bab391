#include "viz/viewer/dialog.h"

#include "viz/kit/controls.h"
#include "viz/kit/host_card.h"

namespace fourtuple::viz {

void dim(const Canvas& canvas, const Rect& screen) {
  canvas.fill(screen, with_alpha(canvas.colors().background, 0.72F));
}

Rect draw_dialog(const Canvas& canvas, const Rect& screen, float width, float height) {
  const float margin = canvas.px(24);
  const Rect r = rect_around(screen.center(), std::min(canvas.px(width), screen.w - 2 * margin),
                             std::min(canvas.px(height), screen.h - 2 * margin));
  const Rect sharp{std::round(r.x), std::round(r.y), r.w, r.h};
  draw_card(canvas, sharp, canvas.colors().link, 12);
  return sharp;
}

bool close_button(const Ui& ui, const Rect& card) {
  const Rect r{card.right() - ui.canvas.px(44), card.y + ui.canvas.px(14), ui.canvas.px(28), ui.canvas.px(28)};
  const bool pressed = button(ui, "close overlay", r, {.label = "", .look = ButtonLook::quiet});
  draw_icon(ui.canvas, Icon::cross, r.center(), ui.canvas.colors().muted, 16);
  return pressed;
}

bool pressed_outside(const Rect& card) {
  return ImGui::IsMouseClicked(0) && !card.contains(from_im(ImGui::GetIO().MousePos));
}

}  // namespace fourtuple::viz
