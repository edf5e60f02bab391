#include "viz/panels/sockets/sockets_panel.h"

#include <array>
#include <fmt/format.h>

#include "viz/kit/controls.h"
#include "viz/kit/marks.h"
#include "viz/kit/panel.h"
#include "viz/kit/strokes.h"
#include "viz/panels/common/names.h"
#include "viz/panels/host/visit.h"

namespace fourtuple::viz {
namespace {

constexpr std::array<Column, 7> columns = {Column{"Netid", 40},
                                           Column{"State", 128},
                                           Column{"Recv-Q", 60, Align::right},
                                           Column{"Send-Q", 60, Align::right},
                                           Column{"Local Address:Port", 184},
                                           Column{"Peer Address:Port", 196},
                                           Column{"Process", 0}};
constexpr std::array<std::string_view, 7> meanings = {
    "Transport protocol of the socket.",
    "Where the connection stands (RFC 9293); UNCONN: a UDP socket without a peer.",
    "Bytes the program has not read yet; of a listener: connections waiting for accept().",
    "Bytes sent and not acknowledged; of a listener: how many may wait.",
    "The socket's own address and port; 0.0.0.0 is any address.",
    "The other end; * means anyone.",
    "The program that holds it, its process number and the descriptor's number."};

void draw_endpoint(const Canvas& canvas, const Rect& cell, const std::string& address, const std::string& port,
                   bool muted) {
  const Palette& colors = canvas.colors();
  const float baseline = baseline_for_middle(canvas, TextSize::small, cell.center().y);
  const std::string tail = ":" + port;
  const float room = cell.w - text_width(canvas, style::number_strong, tail);
  const Color color = muted ? colors.muted : colors.text;
  const float width =
      draw_text(canvas, {cell.x, baseline}, style::number, color, fit_text(canvas, style::number, address, room));
  draw_text(canvas, {cell.x + width, baseline}, muted ? style::number : style::number_strong, color, tail);
}

void draw_row(const Ui& ui, const Rect& r, const SocketRow& row, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const Touch over = table_row(ui, fmt::format("socket{}-{}", row.socket.value, static_cast<int>(row.change)), r,
                               {row.socket == context.selection.socket, row.change});
  if (over.clicked && row.change != RowChange::removed) context.select(row.socket);
  if (row.inferred) dashed_rect(canvas, r, colors.line, std::max(1.0F, canvas.px(1)), canvas.px(6));
  const Rect inner{r.x + canvas.px(28), r.y, r.w - canvas.px(36), r.h};
  const std::vector<Rect> cells = column_cells(inner, columns, canvas.theme->scale());
  const bool removed = row.change == RowChange::removed;
  const bool quiet = row.listening || removed;
  const float baseline = baseline_for_middle(canvas, TextSize::small, r.center().y);
  draw_text_in(canvas, cells[0], style::number, colors.muted, row.protocol);
  float x = cells[1].x;
  if (!row.old_state.empty()) {
    x += draw_struck(canvas, {x, baseline}, style::number, colors.muted, colors.rewrite, row.old_state) + canvas.px(8);
  }
  const Color state_color = row.old_state.empty() ? (quiet ? colors.muted : colors.text) : colors.rewrite;
  if (removed) {
    draw_struck(canvas, {x, baseline}, style::number, colors.muted, colors.drop, row.state);
  } else {
    draw_text(canvas, {x, baseline}, row.old_state.empty() ? style::number : style::number_strong, state_color,
              fit_text(canvas, style::number, row.state, cells[2].x - x + canvas.px(24)));
  }
  const Color queue = row.queues_changed ? colors.rewrite : row.receive > 0 && !row.listening ? colors.ok : colors.text;
  draw_text_in(canvas, cells[2], style::number, queue, std::to_string(row.receive), Align::right);
  draw_text_in(canvas, cells[3], style::number, row.queues_changed ? colors.rewrite : colors.text,
               std::to_string(row.send), Align::right);
  draw_endpoint(canvas, cells[4], row.local_address, row.local_port, removed);
  if (row.flow) {
    canvas.fill(rect_around({cells[5].x - canvas.px(2), r.center().y}, canvas.px(9), canvas.px(9)),
                flow_color(*row.flow), canvas.px(2));
  }
  const Rect peer{cells[5].x + canvas.px(10), r.y, cells[5].w - canvas.px(10), r.h};
  draw_endpoint(canvas, peer, row.peer_address, row.peer_port, quiet);
  const float pill = row.inferred ? canvas.px(72) : 0;
  const Rect process{cells[6].x, r.y, cells[6].w - pill, r.h};
  draw_text_in(canvas, process, style::number, row.owner.valid() ? colors.text : colors.muted, row.process);
  if (over.hovered && text_width(canvas, style::number, row.process) > process.w) show_tooltip(ui, row.process);
  if (row.inferred) {
    draw_pill(canvas, {r.right() - canvas.px(8), r.center().y}, "inferred", colors.muted, PillLook::dashed,
              Align::right);
  }
}

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
  entry("file or terminal", [&](const Rect& b) { canvas.fill(b, colors.raised, canvas.px(3)); });
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

void draw_fd_row(const Ui& ui, const Rect& r, const ProcessTable& table, const FdRow& row,
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
}

const ProcessTable* shown_process(const SocketsModel& model, const Selection& selection) {
  for (const ProcessTable& table : model.processes) {
    for (const FdRow& row : table.rows) {
      if (row.socket.valid() && row.socket == selection.socket) return &table;
    }
  }
  return model.processes.empty() ? nullptr : &model.processes.front();
}

}  // namespace

void SocketsPanel::refresh(const PanelContext& context) {
  if (context.selection.host != selected_) {
    selected_ = context.selection.host;
    if (selected_.valid()) host_ = selected_;
    stale_ = true;
  }
  if (!host_.valid()) host_ = choose_host(context);
  if (!stale_ && context.cursor.position() == position_ && context.indexes.end() == end_) return;
  stale_ = false;
  position_ = context.cursor.position();
  end_ = context.indexes.end();
  const std::uint64_t boundary = since_start_ ? context.cursor.index().first() : boundary_of_last_step(context);
  const replay::NetState before = context.cursor.state_at(boundary);
  model_ = build_sockets(context, host_, before.state);
}

void SocketsPanel::draw_head(const Ui& ui, Rect& rest, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  Rect head = rest.take_top(canvas.px(64));
  const float middle = head.y + canvas.px(30);
  std::vector<std::string_view> names(model_.host_names.begin(), model_.host_names.end());
  constexpr std::array<std::string_view, 2> tabs = {"sockets", "processes"}, since = {"last step", "start"};
  const float tabs_width = segmented_width(canvas, tabs), since_width = segmented_width(canvas, since);
  const float hosts_width = segmented_width(canvas, names);
  float x = head.x + canvas.px(16);
  if (hosts_width + tabs_width + since_width + canvas.px(180) < head.w) {
    if (const auto chosen = segmented(ui, "sockets-host", {x, middle}, names, model_.host)) {
      host_ = model_.hosts[*chosen];
      context.select(host_);
      stale_ = true;
    }
    x += hosts_width + canvas.px(20);
  } else if (!names.empty()) {
    // Too many to stand in a row: one at a time.
    const Rect back{x, middle - canvas.px(16), canvas.px(32), canvas.px(32)};
    const bool previous = icon_button(ui, "host-previous", back, Icon::step_back, false, names.size() > 1);
    const bool next =
        icon_button(ui, "host-next", back.moved(canvas.px(36), 0), Icon::step_forward, false, names.size() > 1);
    if (previous || next) {
      const std::size_t count = model_.hosts.size();
      host_ = model_.hosts[(model_.host + (next ? 1 : count - 1)) % count];
      context.select(host_);
      stale_ = true;
    }
    x += canvas.px(84);
    const float room = head.w - tabs_width - since_width - canvas.px(260);
    x += draw_text(
        canvas, {x, baseline_for_middle(canvas, TextSize::title, middle)}, style::title, colors.text,
        fit_text(canvas, style::title, names[std::min(model_.host, names.size() - 1)], std::max(room, canvas.px(80))));
    x += canvas.px(20);
  }
  if (const auto chosen = segmented(ui, "sockets-tab", {x, middle}, tabs, tab_)) tab_ = *chosen;
  const float right = head.right() - canvas.px(16) - since_width;
  if (const auto chosen = segmented(ui, "sockets-since", {right, middle}, since, since_start_ ? 1 : 0)) {
    since_start_ = *chosen == 1;
    stale_ = true;
  }
  const float label = text_width(canvas, style::label, "changes since") + canvas.px(12);
  if (x + tabs_width + label + canvas.px(12) < right) {
    draw_text(canvas, {right - label, baseline_for_middle(canvas, TextSize::small, middle)}, style::label, colors.muted,
              "changes since");
  }
}

void SocketsPanel::draw_sockets(const Ui& ui, Rect rest, const PanelContext& context) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const ProcessTable* process = shown_process(model_, context.selection);
  if (process != nullptr && rest.h > canvas.px(360)) {
    Rect below = rest.take_bottom(canvas.px(140));
    canvas.hline(below.x - canvas.px(16), below.right() + canvas.px(16), below.y, colors.line);
    below.take_top(canvas.px(12));
    draw_process_title(canvas, below.take_top(canvas.px(28)), *process);
    below.take_top(canvas.px(8));
    draw_cells(ui, below.take_top(canvas.px(34)), *process, context);
    below.take_top(canvas.px(8));
    draw_legend(canvas, below.take_top(canvas.px(24)));
    rest.take_bottom(canvas.px(8));
  }
  const Rect header = rest.take_top(canvas.px(28));
  const Rect inner{header.x + canvas.px(28), header.y, header.w - canvas.px(36), header.h};
  draw_table_header(canvas, inner, columns);
  const std::vector<Rect> cells = column_cells(inner, columns, canvas.theme->scale());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    TouchOptions quiet;
    quiet.focusable = false;
    if (touch(ui, fmt::format("column{}", i), cells[i], quiet).hovered) show_tooltip(ui, columns[i].title, meanings[i]);
  }
  if (model_.rows.empty()) {
    draw_text_in(canvas, rest.take_top(canvas.px(64)), style::body, colors.muted, model_.note, Align::center);
    return;
  }
  const float height = canvas.px(28);
  // Wider than the table: marks and the selection's outline stand outside the rows.
  const float margin = canvas.px(12);
  ScrollArea scroll(ui, "sockets-rows", rest.inset(-margin, 0));
  const ScrollArea::Rows rows = scroll.visible_rows(model_.rows.size(), height);
  for (std::size_t i = rows.first; i < rows.last; ++i) {
    const Rect content = scroll.content();
    const Rect row{content.x + margin, content.y + canvas.px(4) + height * static_cast<float>(i),
                   content.w - 2 * margin, height - canvas.px(1)};
    draw_row(scroll.ui(), row, model_.rows[i], context);
  }
  scroll.set_height(height * static_cast<float>(model_.rows.size()) + canvas.px(8));
}

void SocketsPanel::draw_processes(const Ui& ui, Rect rest, const PanelContext& context) const {
  const Canvas& canvas = ui.canvas;
  if (model_.processes.empty()) {
    draw_text_in(canvas, rest.take_top(canvas.px(64)), style::body, canvas.colors().muted,
                 "No program runs on this host.", Align::center);
    return;
  }
  ScrollArea scroll(ui, "sockets-processes", rest);
  Rect content = scroll.content();
  content.h = 1e6F;
  const float top = content.y;
  for (const ProcessTable& table : model_.processes) {
    draw_process_title(scroll.ui().canvas, content.take_top(canvas.px(32)), table);
    content.take_top(canvas.px(6));
    draw_cells(scroll.ui(), content.take_top(canvas.px(40)), table, context);
    const Rect header = content.take_top(canvas.px(28));
    draw_table_header(scroll.ui().canvas, {header.x + canvas.px(28), header.y, header.w - canvas.px(36), header.h},
                      fd_columns);
    for (const FdRow& row : table.rows) draw_fd_row(scroll.ui(), content.take_top(canvas.px(22)), table, row, context);
    content.take_top(canvas.px(24));
  }
  scroll.set_height(content.y - top);
}

void SocketsPanel::draw(Ui& ui, Rect area, const PanelContext& context) {
  refresh(context);
  const Canvas& canvas = ui.canvas;
  canvas.fill(area, canvas.colors().background);
  const Clip clip(canvas, area);
  Rect rest = area;
  draw_head(ui, rest, context);
  rest = rest.inset(canvas.px(16), 0);
  if (tab_ == 0) {
    draw_sockets(ui, rest, context);
  } else {
    draw_processes(ui, rest, context);
  }
}

}  // namespace fourtuple::viz
