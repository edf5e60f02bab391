#include "viz/panels/conntrack/conntrack_draw.h"

#include "viz/kit/icons.h"
#include "viz/kit/marks.h"

namespace fourtuple::viz {
namespace {

// One part of an end; rewritten ones are told by colour, weight and a line below.
float draw_part(const Canvas& canvas, Vec2 at, const std::string& text, Color color, bool rewritten) {
  if (!rewritten) return draw_text(canvas, at, style::number, color, text);
  const Color amber = canvas.colors().rewrite;
  const float width = draw_text(canvas, at, style::number_strong, amber, text);
  const float y = std::round(at.y + canvas.px(3)) + 0.5F;
  canvas.line({at.x, y}, {at.x + width, y}, amber, std::max(1.0F, canvas.px(1)));
  return width;
}

float draw_end(const Canvas& canvas, Vec2 at, const TupleEnd& end, Color color) {
  const float start = at.x;
  const bool bracket = !end.port.empty() && end.address.find(':') != std::string::npos;
  if (bracket) at.x += draw_text(canvas, at, style::number, color, "[");
  at.x += draw_part(canvas, at, end.address, color, end.address_rewritten);
  if (bracket) at.x += draw_text(canvas, at, style::number, color, "]");
  if (!end.port.empty()) {
    at.x += draw_text(canvas, at, style::number, color, ":");
    at.x += draw_part(canvas, at, end.port, color, end.port_rewritten);
  }
  return at.x - start;
}

std::string end_text(const TupleEnd& end) {
  const bool bracket = !end.port.empty() && end.address.find(':') != std::string::npos;
  const std::string address = bracket ? "[" + end.address + "]" : end.address;
  return end.port.empty() ? address : address + ":" + end.port;
}

float end_width(const Canvas& canvas, const TupleEnd& end) {
  return text_width(canvas, style::number_strong, end_text(end));
}

}  // namespace

void draw_tuple(const Canvas& canvas, Vec2 at, const TupleEnd (&ends)[2], Color color, float width) {
  const float right = at.x + width, gap = canvas.px(28);
  // Without the room each end keeps half of it.
  const bool fits = end_width(canvas, ends[0]) + gap + end_width(canvas, ends[1]) <= width + 0.5F;
  const auto draw = [&](const TupleEnd& end, float room) {
    if (end_width(canvas, end) <= room + 0.5F) return draw_end(canvas, at, end, color);
    const bool rewritten = end.address_rewritten || end.port_rewritten;
    return draw_text(canvas, at, style::number, rewritten ? canvas.colors().rewrite : color,
                     fit_text(canvas, style::number, end_text(end), room));
  };
  at.x += draw(ends[0], fits ? width : (width - gap) / 2) + canvas.px(8);
  draw_icon(canvas, Icon::arrow_right, {at.x + canvas.px(6), at.y - canvas.px(4)}, canvas.colors().muted, 16);
  at.x += canvas.px(20);
  draw(ends[1], right - at.x);
}

void draw_time_left(const Canvas& canvas, const Rect& r, const ConntrackRow& row) {
  const Palette& colors = canvas.colors();
  const bool gone = row.change == RowChange::removed;
  const std::string_view text = row.pending ? "not yet" : gone ? "forgotten" : std::string_view(row.left_text);
  // The words first; the bar takes what they leave.
  const float wide = std::min(canvas.px(72), r.w - text_width(canvas, style::number, text) - canvas.px(10));
  Rect words = r;
  if (wide >= canvas.px(12)) {
    const Rect bar{r.x, r.center().y - canvas.px(3), wide, canvas.px(6)};
    draw_timer_bar(canvas, bar, row.pending ? 1 : gone ? 0 : row.left, row.pending);
    words.take_left(wide + canvas.px(10));
  }
  draw_text_in(canvas, words, style::number, row.pending ? colors.muted : gone ? colors.drop : colors.text, text);
}

float draw_header_changes(const Canvas& canvas, Rect r, const std::vector<HeaderChange>& changes) {
  const Palette& colors = canvas.colors();
  const float top = r.y;
  for (const HeaderChange& change : changes) {
    Rect line = r.take_top(canvas.px(24));
    draw_text_in(canvas, line.take_left(canvas.px(44)), style::label, colors.muted, change.name);
    const Vec2 at{line.x, baseline_for_middle(canvas, TextSize::small, line.center().y)};
    if (!change.changed()) {
      draw_text(canvas, at, style::number, colors.text, change.before);
      continue;
    }
    const float both = text_width(canvas, style::number, change.before) +
                       text_width(canvas, style::number_strong, change.after) + canvas.px(30);
    if (both <= line.w) {
      draw_rewrite(canvas, at, change.before, change.after);
      continue;
    }
    // The new value below the old one.
    draw_struck(canvas, at, style::number, colors.muted, colors.rewrite, change.before);
    line = r.take_top(canvas.px(20));
    line.take_left(canvas.px(44));
    const float y = baseline_for_middle(canvas, TextSize::small, line.center().y);
    draw_icon(canvas, Icon::arrow_right, {line.x + canvas.px(7), y - canvas.px(4)}, colors.rewrite);
    draw_text(canvas, {line.x + canvas.px(22), y}, style::number_strong, colors.rewrite, change.after);
  }
  return r.y - top;
}

}  // namespace fourtuple::viz
