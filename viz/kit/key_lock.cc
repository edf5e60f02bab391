#include "viz/kit/key_lock.h"

#include <array>

#include "viz/kit/icons.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

// Depth of one notch in design pixels, from the value's characters.
float notch_depth(const std::string& value, std::size_t index) {
  static constexpr std::array<float, 4> depths = {2, 3, 5, 8};
  std::uint32_t hash = 2166136261U + static_cast<std::uint32_t>(index) * 2654435761U;
  for (const char c : value) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return depths[(hash >> 13) % depths.size()];
}

void draw_tooth(const Canvas& canvas, const KeyColumn& column, float middle, float grow, Color fill, Color ink) {
  const Rect tooth{column.x, middle - canvas.px(16 * grow), column.width, canvas.px(32 * grow)};
  canvas.fill(tooth, fill, canvas.px(5));
  const float step = canvas.px(18);
  const float bottom = tooth.bottom() - 1;
  std::size_t index = 0;
  for (float x = tooth.x + canvas.px(6); x + canvas.px(10) <= tooth.right() - canvas.px(3); x += step, ++index) {
    const float depth = canvas.px(notch_depth(column.value, index) * grow) + 1;
    const std::array<Vec2, 4> notch = {Vec2{x, bottom}, Vec2{x + canvas.px(10), bottom},
                                       Vec2{x + canvas.px(7), bottom + depth}, Vec2{x + canvas.px(3), bottom + depth}};
    canvas.polygon(notch, fill);
  }
  const bool large = text_width(canvas, style::clock, column.value) + canvas.px(12) <= column.width;
  draw_text_in(canvas, tooth, grow > 1.2F && large ? style::clock : style::code_strong, ink, column.value,
               Align::center);
}

void draw_cell(const Canvas& canvas, const Rect& r, const LockCell& cell, bool row_tried) {
  const Palette& colors = canvas.colors();
  const float radius = canvas.px(5);
  const bool large = r.h > canvas.px(30);
  const TextStyle plain = large ? style::code : style::number;
  const TextStyle strong = large ? style::code_strong : style::number_strong;
  const Vec2 mark{r.right() - canvas.px(13), r.y + r.h / 2};
  // The mark stands on the right of the cell; the text is centred in what remains.
  const Rect marked{r.x, r.y, r.w - canvas.px(16), r.h};
  switch (cell.state) {
    case CellState::match:
      canvas.fill(r, with_alpha(colors.ok, 0.18F), radius);
      draw_icon(canvas, Icon::check, mark, colors.ok, 17);
      draw_text_in(canvas, marked, plain, colors.text, cell.value, Align::center);
      break;
    case CellState::mismatch:
      canvas.fill(r, with_alpha(colors.drop, 0.20F), radius);
      canvas.stroke(r, colors.drop, std::max(1.0F, canvas.px(1)), radius);
      draw_icon(canvas, Icon::cross, mark, colors.drop, 17);
      draw_text_in(canvas, marked, strong, colors.text, cell.value, Align::center);
      break;
    case CellState::skipped:
      if (row_tried) canvas.fill(r, with_alpha(colors.hover, 0.5F), radius);
      draw_text_in(canvas, r, plain, colors.faint, cell.value, Align::center);
      break;
    case CellState::untried:
      draw_text_in(canvas, r, plain, colors.muted, cell.value, Align::center);
      break;
  }
}

}  // namespace

void draw_key(const Canvas& canvas, Vec2 bow, float tip_x, const std::vector<KeyColumn>& columns, std::size_t flow,
              float grow) {
  const Palette& colors = canvas.colors();
  const Color fill = flow_color(flow), ink = flow_ink(flow);
  const float half_shaft = canvas.px(8 * grow);
  canvas.fill({bow.x, bow.y - half_shaft, tip_x - canvas.px(12) - bow.x, 2 * half_shaft}, fill);
  const std::array<Vec2, 3> tip = {Vec2{tip_x - canvas.px(12), bow.y - half_shaft}, Vec2{tip_x, bow.y},
                                   Vec2{tip_x - canvas.px(12), bow.y + half_shaft}};
  canvas.polygon(tip, fill);
  canvas.disc(bow, canvas.px(26 * grow), fill);
  canvas.disc({bow.x - canvas.px(10 * grow), bow.y}, canvas.px(8 * grow), colors.surface);
  const float title_baseline = bow.y - canvas.px(16 * grow + 8);
  for (const KeyColumn& column : columns) {
    draw_text(canvas, {column.x + column.width / 2, title_baseline}, style::label, colors.muted, column.title,
              Align::center);
    draw_tooth(canvas, column, bow.y, grow, fill, ink);
  }
}

Vec2 draw_lock_row(const Canvas& canvas, const Rect& r, const std::vector<KeyColumn>& columns, float result_x,
                   const LockRow& row) {
  const Palette& colors = canvas.colors();
  const float radius = canvas.px(7), middle = r.y + r.h / 2;
  const bool tried = row.state != LockState::not_tried, open = row.state == LockState::open;
  if (open) canvas.halo(r, colors.ok, canvas.px(4), radius, 0.12F);
  if (tried) canvas.fill(r, colors.raised, radius);
  if (!tried) canvas.stroke(r, colors.line, std::max(1.0F, canvas.px(1)), radius);
  if (open) canvas.stroke(r, colors.ok, canvas.px(2), radius);
  if (row.selected) canvas.stroke(r.inset(-canvas.px(3)), colors.outline, canvas.px(2), radius + canvas.px(3));

  draw_icon(canvas, open ? Icon::padlock_open : Icon::padlock_closed, {r.x + canvas.px(20), middle},
            open    ? colors.ok
            : tried ? colors.muted
                    : colors.faint);
  const float baseline = baseline_for_middle(canvas, TextSize::normal, middle);
  const float name =
      draw_text(canvas, {r.x + canvas.px(40), baseline}, style::name, tried ? colors.text : colors.muted, row.owner);
  const float detail_x = std::max(r.x + canvas.px(40) + name + canvas.px(9), r.x + canvas.px(90));
  draw_text(canvas, {detail_x, baseline}, style::number, tried ? colors.muted : colors.faint, row.detail);

  const float cell_height = std::min(std::max(canvas.px(26), r.h * 0.72F), r.h - canvas.px(6));
  for (std::size_t i = 0; i < columns.size() && i < row.cells.size(); ++i) {
    const Rect cell{columns[i].x, middle - cell_height / 2, columns[i].width, cell_height};
    draw_cell(canvas, cell, row.cells[i], tried);
  }
  // The winner's curve begins with a disc on the edge.
  const Rect reason{result_x, r.y, r.right() - result_x - canvas.px(open ? 10 : 0), r.h};
  draw_text_in(canvas, reason, tried ? style::label_strong : style::label,
               open    ? colors.ok
               : tried ? colors.drop
                       : colors.muted,
               row.result);
  return r.right_middle();
}

void draw_step_heading(const Canvas& canvas, Vec2 disc_center, int number, std::string_view title,
                       std::string_view remark, StepState state) {
  const Palette& colors = canvas.colors();
  const Color disc = state == StepState::reached ? colors.accent
                     : state == StepState::miss  ? colors.drop
                                                 : colors.raised;
  canvas.disc(disc_center, canvas.px(10), disc);
  draw_text(canvas, {disc_center.x, baseline_for_middle(canvas, TextSize::small, disc_center.y)}, style::label_strong,
            state == StepState::not_reached ? colors.muted : colors.accent_ink, std::to_string(number), Align::center);
  const float baseline = baseline_for_middle(canvas, TextSize::normal, disc_center.y);
  const float x = disc_center.x + canvas.px(20);
  const float width = draw_text(canvas, {x, baseline}, style::heading,
                                state == StepState::not_reached ? colors.muted : colors.text, title);
  draw_text(canvas, {x + width + canvas.px(12), baseline}, style::label, colors.muted, remark);
}

}  // namespace fourtuple::viz
