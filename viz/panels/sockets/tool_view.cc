#include "viz/panels/sockets/tool_view.h"

#include <fmt/format.h>

#include "sim/replay/columns.h"
#include "viz/kit/controls.h"
#include "viz/kit/marks.h"
#include "viz/kit/strokes.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

constexpr float tool_row_height = 26, header_height = 28, table_side = 28, widest_gap = 36, least_gap = 14;

bool is_peer(const ListingColumn& column) {
  return column.title.starts_with("Peer") || column.title.starts_with("Foreign") || column.title.starts_with("rem_");
}

// `full`: the width of its column; the cell has less at the table's right edge.
void draw_cell(const Canvas& drawn, const Rect& cell, float full, const ListingColumn& column, const ListingRow& row,
               std::size_t index) {
  const Canvas canvas = drawn.as_written();  // what the tool prints
  const Palette& colors = canvas.colors();
  const ListingCell& text = row.cells[index];
  const bool removed = row.change == RowChange::removed;
  const bool quiet = removed || (index == 0 && column.title != "State") || (row.waiting && is_peer(column));
  const float baseline = baseline_for_middle(canvas, TextSize::small, cell.center().y);
  float x = cell.x;
  if (removed && (column.title == "State" || index == 0)) {
    draw_struck(canvas, {x, baseline}, style::number, colors.muted, colors.drop, text.text);
    return;
  }
  if (text.shows_before()) {
    if (column.right) x = cell.right() - text_width(canvas, style::number, text.before + " " + text.text);
    x += draw_struck(canvas, {x, baseline}, style::number, colors.muted, colors.rewrite, text.before);
    x += text_width(canvas, style::number, " ");
  } else if (column.right) {
    x = std::max(cell.x, cell.right() - text_width(canvas, style::number, text.text + text.tail));
  }
  const bool changed = !text.before.empty();
  const Color color = changed ? colors.rewrite : quiet ? colors.muted : colors.text;
  x += draw_text(canvas, {x, baseline}, changed ? style::number_strong : style::number, color,
                 fit_text(canvas, style::number, text.text, std::max(cell.right() + 1 - x, canvas.px(8))));
  const TextStyle tail = quiet ? style::number : style::number_strong;
  draw_text(canvas, {x, baseline}, tail, color,
            cell.w < full ? fit_text(canvas, tail, text.tail, cell.right() - x) : text.tail);
}

void draw_marks(const Canvas& canvas, const Rect& r, const ListingRow& row) {
  const Palette& colors = canvas.colors();
  if (row.flow)
    canvas.fill(rect_around({r.x + canvas.px(17), r.center().y}, canvas.px(9), canvas.px(9)), flow_color(*row.flow),
                canvas.px(2));
  if (!row.inferred) return;
  dashed_rect(canvas, r, colors.line, std::max(1.0F, canvas.px(1)), canvas.px(6));
  draw_pill(canvas, {r.right() - canvas.px(8), r.center().y}, "inferred", colors.muted, PillLook::dashed, Align::right);
}

void show_changes(const Ui& ui, const ListingRow& row, const std::vector<ListingColumn>& columns) {
  std::string words;
  for (std::size_t i = 0; i < row.cells.size() && i < columns.size(); ++i) {
    if (row.cells[i].before.empty()) continue;
    words += fmt::format("{}{}: {} was {}", words.empty() ? "" : "\n", columns[i].title,
                         row.cells[i].text + row.cells[i].tail, row.cells[i].before);
  }
  if (!words.empty()) show_tooltip(ui, "Changed", words);
}

}  // namespace

ToolView::Layout ToolView::lay_out(const Canvas& canvas, const Rect& header, const ToolListing& listing) const {
  const float letter = text_width(canvas, style::number, "0");
  float natural = 0;
  for (const ListingColumn& column : listing.columns) natural += letter * static_cast<float>(column.characters);
  const float gaps = static_cast<float>(std::max<std::size_t>(listing.columns.size(), 2) - 1);
  const float gap = clamped((header.w - natural) / gaps, canvas.px(least_gap), canvas.px(widest_gap));
  Layout layout;
  layout.hidden = std::max(natural + gap * gaps - header.w, 0.0F);
  float x = header.x - std::min(shift_, layout.hidden);
  for (const ListingColumn& column : listing.columns) {
    const float width = letter * static_cast<float>(column.characters);
    layout.cells.push_back({x, header.y, width + 1, header.h});
    x += width + gap;
  }
  return layout;
}

void ToolView::draw_header(const Ui& ui, const Rect& header, const ToolListing& listing, const Layout& layout) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  Rect titles = header;
  if (layout.hidden > 0) {
    const float step = canvas.px(160), size = canvas.px(24);
    Rect buttons = titles.take_right(canvas.px(60));
    buttons.take_left(canvas.px(8));
    const Rect left{buttons.x, header.center().y - size / 2, size, size};
    if (icon_button(ui, "columns-left", left, Icon::step_back, false, shift_ > 0)) shift_ -= step;
    if (icon_button(ui, "columns-right", left.moved(size + canvas.px(4), 0), Icon::step_forward, false,
                    shift_ < layout.hidden))
      shift_ += step;
  }
  {
    const Clip clip(canvas, titles);
    for (std::size_t i = 0; i < layout.cells.size(); ++i) {
      const Rect& cell = layout.cells[i];
      const ListingColumn& column = listing.columns[i];
      const Touch state = touch(ui, fmt::format("column{}", i), cell);
      const Color color = state.focused || state.hovered ? colors.text : colors.muted;
      const Rect place{cell.x, cell.y, std::min(cell.w, titles.right() - cell.x), cell.h};
      if (place.w >= std::min(cell.w, canvas.px(24)))
        draw_text_in(canvas.as_written(), place, style::number, color, column.title,
                     column.right ? Align::right : Align::left);
      if (state.focused) {
        draw_focus(canvas, cell.inset(-canvas.px(1), canvas.px(6)), canvas.px(3));
        shift_ += std::min(std::max(cell.right() - titles.right(), 0.0F), std::max(cell.x - titles.x, 0.0F));
        shift_ -= std::max(titles.x - cell.x, 0.0F);
      }
      if ((state.focused || state.hovered) && !column.meaning.empty())
        show_tooltip_below(ui, cell, column.title, column.meaning);
    }
  }
  shift_ = clamped(shift_, 0.0F, layout.hidden);
  canvas.hline(header.x, header.right(), header.bottom() - 1, colors.line);
}

void ToolView::draw_rows(const Ui& ui, const Rect& rest, const ToolListing& listing, const Layout& layout,
                         const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const float height = canvas.px(tool_row_height), margin = canvas.px(12);
  if (context.selection.socket != shown_) {
    shown_ = context.selection.socket;
    for (std::size_t i = 0; i < listing.rows.size(); ++i)
      if (shown_.valid() && listing.rows[i].socket == shown_) cursor_.show(i);
  }
  // Wider than the table: marks and the selection's outline stand outside the rows.
  ScrollArea scroll(ui, "tool-rows", rest.inset(-margin, 0));
  const auto select = [&](const ListingRow& row) {
    if (row.socket.valid() && row.change != RowChange::removed) context.select(row.socket);
  };
  const auto chosen = cursor_.update(scroll, "tool-keys", listing.rows.size(), height);
  if (chosen) select(listing.rows[*chosen]);
  shift_ = clamped(shift_ + canvas.px(80) * static_cast<float>(cursor_.sideways()), 0.0F, layout.hidden);
  const ScrollArea::Rows visible = scroll.visible_rows(listing.rows.size(), height);
  for (std::size_t i = visible.first; i < visible.last; ++i) {
    const Rect content = scroll.content();
    const Rect r{content.x + margin, content.y + canvas.px(4) + height * static_cast<float>(i), content.w - 2 * margin,
                 height - canvas.px(1)};
    const ListingRow& row = listing.rows[i];
    const bool selected = row.socket.valid() && row.socket == context.selection.socket;
    const Touch state =
        table_row(scroll.ui(), fmt::format("row{}", i), r, {selected, row.change, false, cursor_.is_on(i)});
    if (state.clicked) {
      cursor_.set(i);
      select(row);
    }
    draw_marks(scroll.ui().canvas, r, row);
    const Clip clip(scroll.ui().canvas,
                    {r.x + canvas.px(table_side), r.y, r.w - canvas.px(table_side) - canvas.px(8), r.h});
    for (std::size_t c = 0; c < row.cells.size() && c < layout.cells.size(); ++c) {
      const Rect& column = layout.cells[c];
      const Rect cell{column.x, r.y, std::min(column.w, r.right() - canvas.px(8) - column.x), r.h};
      if (cell.w >= std::min(column.w, canvas.px(24)))
        draw_cell(scroll.ui().canvas, cell, column.w, listing.columns[c], row, c);
    }
    if (state.hovered) show_changes(ui, row, listing.columns);
  }
  scroll.set_height(height * static_cast<float>(listing.rows.size()) + canvas.px(8));
}

// Lines as the tool prints them, and below them what the words in them mean.
void ToolView::draw_lines(const Ui& ui, const Rect& rest, const ToolListing& listing) {
  const Canvas& canvas = ui.canvas;
  ScrollArea scroll(ui, "tool-lines", rest);
  const Canvas& inner = scroll.ui().canvas;
  const Palette& colors = inner.colors();
  Rect content = scroll.content();
  const float top = content.y, line = canvas.px(22);
  content.h = 1e6F;
  content.take_left(canvas.px(8));
  content.take_right(canvas.px(16));
  const auto meanings = replay::column_meanings(listing.table);
  const float used = line * static_cast<float>(listing.rows.size()) + line * 2 * static_cast<float>(meanings.size());
  static_cast<void>(cursor_.update(scroll, "tool-keys", static_cast<std::size_t>(used / line), line));
  for (const ListingRow& row : listing.rows) {
    Rect r = content.take_top(line);
    draw_row_back(inner, r, {false, row.change});
    r.take_left(canvas.px(20));
    const std::string& text = row.cells.front().text;
    draw_text_in(inner, r, style::code, row.change == RowChange::changed ? colors.rewrite : colors.text, text);
    if (row.change == RowChange::changed) {
      r.take_left(text_width(inner, style::code, text) + canvas.px(24));
      draw_text_in(inner, r, style::number, colors.muted, "was " + row.cells.front().before);
    }
  }
  content.take_top(canvas.px(8));
  inner.hline(content.x, content.right(), content.y, colors.line);
  content.take_top(canvas.px(12));
  const float names = canvas.px(150);
  for (const replay::ColumnMeaning& meaning : meanings) {
    draw_text_in(inner, {content.x, content.y, names, canvas.px(18)}, style::number_strong, colors.text,
                 meaning.column);
    const float height = draw_paragraph(inner, {content.x + names, content.y, content.w - names, line}, style::label,
                                        colors.muted, meaning.meaning);
    content.take_top(height + canvas.px(6));
  }
  scroll.set_height(content.y - top);
}

void ToolView::draw(const Ui& ui, Rect rest, const ToolListing& listing, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  if (!listing.plain && listing.left_out > 0) {
    const std::string words = fmt::format(
        "These are from the first {} sockets; {} more are not listed. Search for a port to see all that have it.",
        grouped(listing.listed), grouped(listing.left_out));
    draw_text_in(canvas, rest.take_bottom(canvas.px(26)), style::label, canvas.colors().muted, words, Align::left, 8);
  }
  if (listing.plain) return draw_lines(ui, rest, listing);
  Rect header = rest.take_top(canvas.px(header_height));
  header.take_left(canvas.px(table_side));
  header.take_right(canvas.px(8));
  const Layout layout = lay_out(canvas, header, listing);
  draw_header(ui, header, listing, layout);
  if (!listing.rows.empty()) return draw_rows(ui, rest, listing, layout, context);
  draw_text_in(canvas, rest.take_top(canvas.px(64)), style::body, canvas.colors().muted, listing.note, Align::center);
}

}  // namespace fourtuple::viz
