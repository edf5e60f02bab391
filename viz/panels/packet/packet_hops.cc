// The table below the packet: one column per place it passed, what changed there in amber.
#include <algorithm>
#include <fmt/format.h>

#include "viz/kit/icons.h"
#include "viz/kit/text.h"
#include "viz/panels/packet/packet_panel.h"

namespace fourtuple::viz {
namespace {

constexpr float head_height = 32, hop_row_height = 20.5F, label_width = 120, title_height = 26;
constexpr std::size_t most_places = 6;

Rect row_in(const Canvas& canvas, const Rect& table, std::size_t row) {
  return {table.x, table.y + canvas.px(head_height + 6 + hop_row_height * static_cast<float>(row)), table.w,
          canvas.px(hop_row_height)};
}

}  // namespace

void PacketPanel::draw_hop(const Ui& ui, const Rect& column, std::size_t i, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const HopColumn& hop = model_.hops[i];
  if (i == hop_ && !model_.captured) canvas.fill(column, with_alpha(colors.text, 0.06F));
  const Touch over = touch(ui, fmt::format("hop{}", i), column);
  if (over.focused) draw_focus(canvas, column, 0);
  if (over.clicked) {
    hop_ = i;
    context.seek(hop.at);
  }
  const Canvas part = hop.at > context.now() ? canvas.faded(0.5F) : canvas;
  const Rect title{column.x + canvas.px(20), column.y, column.w - canvas.px(28), canvas.px(head_height)};
  const std::string time = clock_text(hop.at);
  const float time_width = text_width(canvas, style::number, time) + canvas.px(8);
  const bool both = title.w - time_width > canvas.px(60);
  draw_text_in(part, {title.x, title.y, title.w - (both ? time_width : 0), title.h}, style::label_strong, colors.text,
               hop.place);
  if (both) draw_text_in(part, title, style::number, colors.muted, time, Align::right);
  for (std::size_t v = 0; v < model_.hop_rows.size(); ++v) {
    const std::vector<std::string>& values = model_.hop_rows[v].values;
    Rect cell = row_in(canvas, column, v);
    if (cell.bottom() > column.bottom()) break;
    cell = {title.x, cell.y, title.w, cell.h};
    const bool changed = i > 0 && values[i] != values[i - 1];
    if (changed) draw_icon(part, Icon::arrow_right, {cell.x - canvas.px(12), cell.center().y}, colors.rewrite, 16);
    draw_text_in(part, cell, changed ? style::number_strong : style::number,
                 changed  ? colors.rewrite
                 : i == 0 ? colors.text
                          : colors.muted,
                 values[i]);
  }
}

void PacketPanel::draw_hops(const Ui& ui, const Rect& r, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const float used =
      draw_text(canvas, {r.x, r.y + canvas.px(15)}, style::heading, colors.text, "The same packet at each hop");
  draw_text(canvas, {r.right(), r.y + canvas.px(15)}, style::label, colors.muted,
            fit_text(canvas, style::label, "amber: changed since the hop before; all else stays as it is",
                     r.w - used - canvas.px(20)),
            Align::right);
  const Rect table{r.x, r.y + canvas.px(title_height), r.w, r.h - canvas.px(title_height)};
  canvas.fill(table, colors.surface, canvas.px(10));
  if (model_.hops.empty()) {
    draw_text_in(canvas, table, style::body, colors.muted, "It has not left its host.", Align::center);
    return;
  }
  for (std::size_t i = 0; i < model_.hop_rows.size(); ++i) {
    const Rect row = row_in(canvas, table, i);
    if (row.bottom() > table.bottom()) break;
    draw_text_in(canvas, {row.x + canvas.px(16), row.y, canvas.px(label_width), row.h}, style::label, colors.muted,
                 model_.hop_rows[i].name);
  }
  canvas.hline(table.x, table.right(), table.y + canvas.px(head_height), colors.line);
  const float label = canvas.px(label_width);
  const std::size_t count = std::min(model_.hops.size(), most_places);
  // The chosen place stays in view when there are more than fit.
  const std::size_t first = hop_ >= count ? hop_ + 1 - count : 0;
  const float width = (table.w - label - canvas.px(16)) / static_cast<float>(count);
  for (std::size_t i = 0; i < count; ++i)
    draw_hop(ui, {table.x + label + width * static_cast<float>(i), table.y, width, table.h}, first + i, context);
}

}  // namespace fourtuple::viz
