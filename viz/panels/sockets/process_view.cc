// Descriptor tables: the numbers of a process as squares, and what each leads to.
#include "viz/panels/sockets/process_view.h"

#include <array>
#include <fmt/format.h>

#include "sim/replay/columns.h"
#include "viz/kit/controls.h"
#include "viz/kit/marks.h"
#include "viz/kit/panel.h"
#include "viz/kit/strokes.h"

namespace fourtuple::viz {
namespace {

// The descriptor numbers of one process as squares, as many as fit.
void draw_cells(const Ui& ui, const Rect& r, const ProcessTable& table, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const float step = canvas.px(48);
  const auto fits = static_cast<std::size_t>(std::max(1.0F, (r.w + canvas.px(6)) / step));
  for (std::size_t i = 0; i < table.cells.size() && i < fits; ++i) {
    const FdCell& cell = table.cells[i];
    const Rect box{r.x + step * static_cast<float>(i), r.y, canvas.px(42), canvas.px(34)};
    const float hair = std::max(1.0F, canvas.px(1)), radius = canvas.px(6);
    Color ink = colors.text;
    if (!cell.open) {
      dashed_rect(canvas, box, colors.faint, hair, radius);
      ink = colors.faint;
    } else if (cell.flow) {
      canvas.fill(box, flow_color(*cell.flow), radius);
      ink = flow_ink(*cell.flow);
    } else {
      canvas.fill(box, colors.raised, radius);
      if (cell.is_socket) canvas.stroke(box, cell.listening ? colors.muted : colors.link, canvas.px(1.5F), radius);
    }
    draw_text_in(canvas, box, style::number_strong, ink, std::to_string(cell.fd), Align::center);
    if (cell.added) canvas.disc({box.right() - canvas.px(2), box.y + canvas.px(2)}, canvas.px(5), colors.ok);
    if (!cell.is_socket) continue;
    if (cell.socket == context.selection.socket)
      canvas.stroke(box.inset(-canvas.px(3)), colors.outline, canvas.px(2), radius + canvas.px(3));
    if (touch(ui, fmt::format("cell{}-{}", table.process.value, cell.fd), box).clicked) context.select(cell.socket);
  }
}

void draw_legend(const Canvas& canvas, const Rect& r) {
  const Palette& colors = canvas.colors();
  float x = r.x;
  const auto entry = [&](std::string_view text, auto sign) {
    const Rect box = rect_around({x + canvas.px(6), r.center().y}, canvas.px(11), canvas.px(11));
    sign(box);
    x += canvas.px(20);
    x += draw_text(canvas, {x, baseline_for_middle(canvas, TextSize::small, r.center().y)}, style::label, colors.muted,
                   text);
    x += canvas.px(20);
  };
  entry("no IP socket", [&](const Rect& b) { canvas.fill(b, colors.raised, canvas.px(3)); });
  entry("socket without a peer", [&](const Rect& b) { canvas.stroke(b, colors.muted, canvas.px(1.5F), canvas.px(3)); });
  entry("connected socket", [&](const Rect& b) { canvas.fill(b, flow_color(1), canvas.px(3)); });
  entry("new", [&](const Rect& b) { canvas.disc(b.center(), canvas.px(4), colors.ok); });
  entry("free",
        [&](const Rect& b) { dashed_rect(canvas, b, colors.faint, std::max(1.0F, canvas.px(1)), canvas.px(3)); });
}

void draw_process_title(const Canvas& canvas, const Rect& r, const ProcessTable& table) {
  const Palette& colors = canvas.colors();
  const float middle = r.center().y;
  canvas.fill(rect_around({r.x + canvas.px(8), middle}, canvas.px(16), canvas.px(16)),
              table.flow ? flow_color(*table.flow) : colors.faint, canvas.px(4));
  float x = r.x + canvas.px(26);
  const float baseline = baseline_for_middle(canvas, TextSize::normal, middle);
  x += draw_text(canvas, {x, baseline}, style::heading, colors.text, table.name) + canvas.px(10);
  x += draw_text(canvas, {x, baseline}, style::number, colors.muted, table.pid) + canvas.px(10);
  if (table.guessed) draw_pill(canvas, {x, middle}, "guess", colors.muted, PillLook::dashed);
  draw_text_in(canvas, r, style::label, colors.muted, table.note, Align::right);
}

constexpr std::array<Column, 4> fd_columns = {Column{"FD", 52}, Column{"TYPE", 64}, Column{"NODE", 64},
                                              Column{"NAME", 0}};

void draw_fd_header(const Ui& ui, const Rect& r, const ProcessTable& table) {
  const Rect header{r.x + ui.canvas.px(28), r.y, r.w - ui.canvas.px(36), r.h};
  draw_table_header(ui.canvas, header, fd_columns);
  const std::vector<Rect> cells = column_cells(header, fd_columns, ui.canvas.theme->scale());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Touch state = touch(ui, fmt::format("fd-column{}-{}", table.process.value, i), cells[i]);
    if (state.focused) draw_focus(ui.canvas, cells[i].inset(0, ui.canvas.px(6)), ui.canvas.px(3));
    if (state.focused || state.hovered)
      show_tooltip_below(ui, cells[i], fd_columns[i].title, replay::column_meaning("lsof", fd_columns[i].title));
  }
}

// True when the keyboard is on it.
bool draw_fd_row(const Ui& ui, const Rect& r, const ProcessTable& table, const FdRow& row,
                 const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const bool selected = row.socket.valid() && row.socket == context.selection.socket;
  const Touch over = table_row(ui, fmt::format("fd{}-{}", table.process.value, row.fd), r, {selected, row.change});
  if (over.clicked && row.socket.valid()) context.select(row.socket);
  const std::vector<Rect> cells =
      column_cells({r.x + canvas.px(28), r.y, r.w - canvas.px(36), r.h}, fd_columns, canvas.theme->scale());
  draw_text_in(canvas, cells[0], style::number_strong, colors.text, row.fd);
  draw_text_in(canvas, cells[1], style::number, colors.muted, row.type);
  draw_text_in(canvas, cells[2], style::number, colors.muted, row.node);
  draw_text_in(canvas, cells[3], style::number, colors.text, row.name);
  return over.focused;
}

}  // namespace

const ProcessTable* shown_process(const SocketsModel& model, const Selection& selection) {
  for (const ProcessTable& table : model.processes) {
    for (const FdRow& row : table.rows) {
      if (row.socket.valid() && row.socket == selection.socket) return &table;
    }
  }
  return model.processes.empty() ? nullptr : &model.processes.front();
}

void draw_process_strip(const Ui& ui, Rect r, const ProcessTable& table, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  canvas.hline(r.x - canvas.px(16), r.right() + canvas.px(16), r.y, canvas.colors().line);
  r.take_top(canvas.px(12));
  draw_process_title(canvas, r.take_top(canvas.px(28)), table);
  r.take_top(canvas.px(8));
  draw_cells(ui, r.take_top(canvas.px(34)), table, context);
  r.take_top(canvas.px(8));
  draw_legend(canvas, r.take_top(canvas.px(24)));
}

void draw_process_tables(const Ui& ui, Rect rest, const std::vector<ProcessTable>& processes,
                         const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  if (processes.empty()) {
    draw_text_in(canvas, rest.take_top(canvas.px(64)), style::body, canvas.colors().muted,
                 "No program runs on this host.", Align::center);
    return;
  }
  ScrollArea scroll(ui, "sockets-processes", rest.inset(-canvas.px(12), 0));
  Rect content = scroll.content().inset(canvas.px(12), 0);
  content.h = 1e6F;
  const float top = content.y, margin = canvas.px(200);
  for (const ProcessTable& table : processes) {
    draw_process_title(scroll.ui().canvas, content.take_top(canvas.px(32)), table);
    content.take_top(canvas.px(6));
    draw_cells(scroll.ui(), content.take_top(canvas.px(40)), table, context);
    draw_fd_header(scroll.ui(), content.take_top(canvas.px(28)), table);
    for (const FdRow& row : table.rows) {
      const Rect r = content.take_top(canvas.px(22));
      // Rows a little beyond the edge are stops for the keyboard, which brings them into view.
      if (r.bottom() < rest.y - margin || r.y > rest.bottom() + margin) continue;
      if (draw_fd_row(scroll.ui(), r, table, row, context)) scroll.scroll_to(r.y - top - r.h, 3 * r.h);
    }
    content.take_top(canvas.px(24));
  }
  scroll.set_height(content.y - top);
}

}  // namespace fourtuple::viz
