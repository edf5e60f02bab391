#include "viz/panels/packet/compare_view.h"

#include <fmt/format.h>

#include "viz/kit/capsule.h"
#include "viz/kit/controls.h"
#include "viz/kit/icons.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

constexpr float compare_row_height = 23;

// Where the sign and the two values of a row begin.
struct Columns {
  float name = 0, sign = 0, pinned = 0, shown = 0, end = 0;
};

Columns columns_in(const Canvas& canvas, const Rect& r) {
  const float values = r.x + r.w * 0.36F, gap = canvas.px(8);
  return {r.x + gap, values, values + canvas.px(18), values + (r.right() - values) * 0.55F, r.right() - gap};
}

void draw_owner(const Canvas& canvas, Vec2 at, const PacketModel& packet, std::string_view what, float room) {
  const Palette& colors = canvas.colors();
  draw_flow_sign(canvas, {at.x + canvas.px(8), at.y + canvas.px(8)}, packet.capsule.shape,
                 flow_color(packet.capsule.flow));
  const float x = at.x + canvas.px(22), width = room - canvas.px(22);
  draw_text(canvas, {x, at.y + canvas.px(12)}, style::label_strong, colors.text,
            fit_text(canvas, style::label_strong, what, width));
  if (packet.hops.empty()) return;
  const std::string time = clock_text(Time{packet.hops.front().at.ns / 1000 * 1000});
  draw_text(canvas, {x, at.y + canvas.px(29)}, style::number, colors.muted,
            fit_text(canvas, style::number, time, width));
}

void draw_values(const Canvas& canvas, const Rect& row, const ComparedField& field) {
  const Palette& colors = canvas.colors();
  const Columns at = columns_in(canvas, row);
  const float baseline = baseline_for_middle(canvas, TextSize::small, row.center().y);
  const auto put = [&](float x, float end, const std::string& value) {
    const std::string words = value.empty() ? "none" : value;
    const TextStyle face = field.same() ? style::number : style::number_strong;
    draw_text(canvas, {x, baseline}, face, field.same() || value.empty() ? colors.muted : colors.text,
              fit_text(canvas, face, words, end - x));
  };
  draw_text(canvas, {at.sign, baseline}, style::number_strong, field.same() ? colors.muted : colors.text,
            field.same() ? "=" : "≠");
  if (field.same()) {
    put(at.pinned, at.end - canvas.px(36), field.pinned);
    draw_text(canvas, {at.end, baseline}, style::label, colors.faint, "both", Align::right);
    return;
  }
  put(at.pinned, at.shown - canvas.px(8), field.pinned);
  put(at.shown, at.end, field.shown);
}

}  // namespace

std::optional<std::size_t> PacketCompareView::draw_fields(const Ui& ui, const Rect& r,
                                                          const PacketComparison& comparison, std::size_t chosen) {
  ScrollArea scroll(ui, "compare-fields", r);
  const Canvas& canvas = scroll.ui().canvas;
  const Palette& colors = canvas.colors();
  const float height = canvas.px(compare_row_height);
  const std::size_t before = cursor_.at();
  cursor_.update(scroll, "compare-keys", comparison.fields.size(), height);
  std::optional<std::size_t> wanted;
  if (cursor_.focused() && cursor_.at() != before) wanted = comparison.fields[cursor_.at()].field;
  for (std::size_t i = 0; i < comparison.fields.size(); ++i) {
    const ComparedField& field = comparison.fields[i];
    const Rect row{scroll.content().x, scroll.content().y + height * static_cast<float>(i),
                   scroll.content().w - canvas.px(10), height};
    if (!row.overlaps(r)) continue;
    TouchOptions options;
    options.focusable = false;
    const Touch over = touch(scroll.ui(), fmt::format("compared{}", i), row, options);
    const bool selected = field.field == chosen;
    if (selected || over.hovered) canvas.fill(row, with_alpha(colors.text, selected ? 0.10F : 0.05F), canvas.px(5));
    if (selected) canvas.stroke(row, colors.outline, canvas.px(2), canvas.px(5));
    if (cursor_.is_on(i)) draw_focus(canvas, row, canvas.px(5));
    if (over.clicked) {
      cursor_.set(i);
      wanted = field.field;
    }
    const Columns at = columns_in(canvas, row);
    draw_text_in(canvas, {at.name, row.y, at.sign - at.name - canvas.px(6), row.h},
                 selected ? style::label_strong : style::label, selected ? colors.text : colors.muted, field.name);
    draw_values(canvas, row, field);
  }
  scroll.set_height(height * static_cast<float>(comparison.fields.size()));
  return wanted;
}

CompareAnswer PacketCompareView::draw(const Ui& ui, Rect area, const PacketModel& pinned, const PacketModel& shown,
                                      const PacketComparison& comparison, std::size_t chosen) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  CompareAnswer answer;
  draw_icon(canvas, Icon::pin, {area.x + canvas.px(14), area.y + canvas.px(16)}, colors.text, 16);
  draw_text(canvas, {area.x + canvas.px(28), area.y + canvas.px(21)}, style::heading, colors.text,
            "Compared with the pinned packet");
  area.take_top(canvas.px(40));
  const Columns at = columns_in(canvas, area);
  draw_owner(canvas, {at.pinned - canvas.px(16), area.y}, pinned, "pinned", at.shown - at.pinned);
  draw_owner(canvas, {at.shown - canvas.px(16), area.y}, shown, "shown", at.end - at.shown + canvas.px(16));
  area.take_top(canvas.px(40));
  canvas.hline(area.x, area.right(), area.y, colors.line);
  area.take_top(canvas.px(6));
  const bool flat = area.h < canvas.px(300);  // then words and buttons share a line
  Rect foot = area.take_bottom(canvas.px(flat ? 52 : 96));
  answer.field = draw_fields(ui, area, comparison, chosen);
  canvas.hline(foot.x, foot.right(), foot.y, colors.line);
  foot.take_top(canvas.px(10));
  const bool itself = pinned.packet == shown.packet;
  const Button next{.label = "Next difference"}, unpin{.label = "Unpin"};
  const float width = button_width(canvas, next) + button_width(canvas, unpin) + canvas.px(8);
  Rect buttons = flat ? foot.take_right(width) : foot.take_bottom(canvas.px(32));
  buttons.h = canvas.px(32);
  draw_paragraph(canvas, foot.inset(canvas.px(8), 0), style::name, colors.text,
                 itself ? "This is the pinned packet. Choose another one to compare." : comparison.summary, 2);
  const Rect left = buttons.take_left(button_width(canvas, next));
  if (button(ui, "next-difference", left, next)) answer.field = next_difference(comparison, chosen);
  buttons.take_left(canvas.px(8));
  answer.unpin = button(ui, "unpin", buttons.take_left(button_width(canvas, unpin)), unpin);
  if (answer.field && *answer.field >= shown.fields.size()) answer.field.reset();
  return answer;
}

}  // namespace fourtuple::viz
