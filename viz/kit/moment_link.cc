#include "viz/kit/moment_link.h"

#include "viz/kit/marks.h"

namespace fourtuple::viz {

float moment_link_width(const Canvas& canvas, std::string_view time) {
  return text_width(canvas, style::number, time) + canvas.px(30);
}

bool moment_link(const Ui& ui, std::string_view id, Vec2 left_middle, std::string_view time, bool here) {
  const Canvas& canvas = ui.canvas;
  const float height = canvas.px(22);
  const Rect body{left_middle.x, left_middle.y - height / 2, moment_link_width(canvas, time), height};
  const Touch touched = touch(ui, id, body);
  draw_moment(canvas, left_middle, time, here, touched.hovered || touched.held);
  if (touched.focused) draw_focus(canvas, body, canvas.px(6));
  return touched.clicked;
}

}  // namespace fourtuple::viz
