#include "viz/kit/table.h"

namespace fourtuple::viz {

std::vector<Rect> column_cells(const Rect& row, std::span<const Column> columns, float scale, float gap) {
  float fixed = 0;
  int shares = 0;
  for (const Column& column : columns) {
    fixed += column.width * scale;
    if (column.width <= 0) ++shares;
  }
  if (columns.size() > 1) fixed += gap * scale * static_cast<float>(columns.size() - 1);
  const float share = shares > 0 ? std::max(row.w - fixed, 0.0F) / static_cast<float>(shares) : 0;
  std::vector<Rect> cells;
  float x = row.x;
  for (const Column& column : columns) {
    const float width = column.width > 0 ? column.width * scale : share;
    cells.push_back({x, row.y, width, row.h});
    x += width + gap * scale;
  }
  return cells;
}

void draw_table_header(const Canvas& canvas, const Rect& r, std::span<const Column> columns) {
  const std::vector<Rect> cells = column_cells(r, columns, canvas.theme->scale());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    draw_text_in(canvas, cells[i], style::number, canvas.colors().muted, columns[i].title, columns[i].align);
  }
  canvas.hline(r.x, r.right(), r.bottom() - 1, canvas.colors().line);
}

void draw_row_back(const Canvas& canvas, const Rect& r, RowLook look, float hover) {
  const Palette& colors = canvas.colors();
  const float radius = canvas.px(5);
  const Rect back = r.inset(-canvas.px(8), 0);
  Color mark = 0;
  std::string_view sign;
  switch (look.change) {
    case RowChange::none:
      break;
    case RowChange::added:
      mark = colors.ok;
      sign = "+";
      break;
    case RowChange::changed:
      mark = colors.rewrite;
      sign = "~";
      break;
    case RowChange::removed:
      mark = colors.drop;
      sign = "−";
      break;
  }
  if (mark != 0) canvas.fill(back, with_alpha(mark, 0.13F), radius);
  if (look.selected) canvas.fill(back, colors.hover, radius);
  if (hover > 0 && !look.selected) canvas.fill(back, with_alpha(colors.hover, 0.6F * hover), radius);
  if (mark != 0)
    draw_text_in(canvas, {back.x, r.y, canvas.px(14), r.h}, style::number_strong, mark, sign, Align::center);
}

Touch table_row(const Ui& ui, std::string_view id, const Rect& r, RowLook look) {
  TouchOptions options;
  options.focusable = look.focusable;
  const Touch state = touch(ui, id, r.inset(-ui.canvas.px(8), 0), options);
  draw_row_back(ui.canvas, r, look, state.glow);
  if (state.focused || look.cursor) draw_focus(ui.canvas, r.inset(-ui.canvas.px(4), ui.canvas.px(3)), ui.canvas.px(5));
  return state;
}

}  // namespace fourtuple::viz
