// Beside the rules: the current rule taken apart, the jump stack, the packet's header, and tracked flows.
#include <algorithm>
#include <array>

#include "viz/kit/icons.h"
#include "viz/kit/marks.h"
#include "viz/kit/strokes.h"
#include "viz/kit/table.h"
#include "viz/panels/conntrack/conntrack_draw.h"
#include "viz/panels/rules/rules_draw.h"

namespace fourtuple::viz {
namespace {

constexpr float narrow_side = 480;
constexpr float table_row_height = 26, detail_height = 18;

struct Sign {
  Icon icon;
  Color color;
};
Sign sign_of(const Palette& colors, const ExpressionRow& row) {
  if (!row.mark.seen) return {Icon::ring, colors.faint};
  switch (row.mark.result) {
    case trace::ExpressionResult::failed:
    case trace::ExpressionResult::absent:
      return {Icon::cross, colors.drop};
    case trace::ExpressionResult::skipped:
      return {Icon::ring, colors.rewrite};
    default:
      return {Icon::check, colors.ok};
  }
}

void draw_expression_row(const Canvas& canvas, const Rect& r, const ExpressionRow& row, const std::vector<Rect>& cells,
                         TextStyle face) {
  const Palette& colors = canvas.colors();
  const Rect back = r.inset(-canvas.px(10), 0);
  if (row.current) {
    canvas.fill(back, mix(colors.background, colors.accent, 0.14F), canvas.px(6));
    canvas.stroke(back, colors.accent, canvas.px(1.5F), canvas.px(6));
  }
  const auto cell = [&](std::size_t i) { return Rect{cells[i].x, r.y, cells[i].w, r.h}; };
  const Color ink = row.mark.seen ? colors.text : colors.muted;
  if (row.action) {
    Rect wide = cell(0);
    wide.w = cells[2].right() - wide.x;
    if (row.detail.empty()) {
      draw_text_in(canvas, wide, face, ink, row.subject);
    } else {
      draw_text_in(canvas, wide.take_top(canvas.px(table_row_height - 2)), face, ink, row.subject);
      draw_text_in(canvas, wide.take_top(canvas.px(detail_height - 2)), style::number, colors.muted, row.detail);
    }
  } else {
    draw_text_in(canvas, cell(0), face, ink, row.subject);
    draw_text_in(canvas, cell(1), face, ink, row.wants);
    draw_text_in(canvas, cell(2), face, ink, row.mark.seen && row.has.empty() ? "none" : row.has);
  }
  const Sign sign = sign_of(colors, row);
  const Rect last = cell(3);
  draw_icon(canvas, sign.icon, {last.x + canvas.px(8), last.center().y}, sign.color, row.mark.seen ? 18 : 12);
  draw_text_in(canvas, {last.x + canvas.px(24), last.y, last.w - canvas.px(24), last.h},
               row.current ? style::label_strong : style::label, row.mark.seen ? sign.color : colors.muted, row.words);
}

float draw_expressions(const Canvas& canvas, Rect r, const RulesModel& model) {
  const Palette& colors = canvas.colors();
  const float top = r.y;
  const std::string title = model.current_title.empty() ? std::string("No rule was asked yet") : model.current_title;
  draw_text_in(canvas, r.take_top(canvas.px(32)), style::title, colors.text, title);
  if (model.expressions.empty()) return r.y - top;
  const bool narrow = r.w < canvas.px(560);
  const std::array<Column, 4> columns = {Column{"", narrow ? 92.0F : 132.0F}, Column{"", 0}, Column{"", 0},
                                         Column{"", narrow ? 104.0F : 128.0F}};
  const Rect head = r.take_top(canvas.px(24));
  const std::vector<Rect> cells = column_cells(head, columns, canvas.theme->scale());
  constexpr std::array<std::string_view, 3> titles = {"expression", "rule wants", "packet has"};
  for (std::size_t i = 0; i < titles.size(); ++i) draw_text_in(canvas, cells[i], style::label, colors.muted, titles[i]);
  canvas.hline(r.x, r.right(), r.y, colors.line);
  r.take_top(canvas.px(4));
  for (const ExpressionRow& row : model.expressions)
    draw_expression_row(canvas, r.take_top(canvas.px(table_row_height + (row.detail.empty() ? 0 : detail_height))), row,
                        cells, narrow ? style::number : style::code);
  return r.y - top;
}

// One line for each chain, where the full frames would leave no room below.
float draw_short_stack(const Canvas& canvas, Rect r, const std::vector<ChainFrame>& stack) {
  const Palette& colors = canvas.colors();
  const float top = r.y;
  for (const ChainFrame& frame : stack) {
    const bool innermost = &frame == &stack.back();
    const Rect box = r.take_top(canvas.px(26));
    canvas.fill(box, colors.surface, canvas.px(6));
    if (innermost) canvas.stroke(box, colors.accent, canvas.px(1.5F), canvas.px(6));
    const Rect inner = box.inset(canvas.px(10), 0);
    draw_text_in(canvas, inner, innermost ? style::number_strong : style::number,
                 innermost ? colors.text : colors.muted, frame.name);
    draw_text_in(canvas, inner, style::label, colors.muted, frame.remark, Align::right);
    r.take_top(canvas.px(5));
  }
  return r.y - top;
}

float draw_stack(const Canvas& canvas, Rect r, const std::vector<ChainFrame>& stack) {
  const Palette& colors = canvas.colors();
  const float top = r.y;
  draw_text_in(canvas, r.take_top(canvas.px(28)), style::heading, colors.text, "Jump stack");
  if (stack.empty()) draw_text_in(canvas, r.take_top(canvas.px(22)), style::label, colors.muted, "in no chain now");
  const float frames = canvas.px(60) * static_cast<float>(stack.size());
  if (stack.size() > 1 && r.h - frames < canvas.px(120)) return r.y - top + draw_short_stack(canvas, r, stack);
  for (std::size_t i = 0; i < stack.size(); ++i) {
    const bool innermost = i + 1 == stack.size();
    const Rect box = r.take_top(canvas.px(42));
    canvas.fill(box, colors.surface, canvas.px(6));
    if (innermost) canvas.stroke(box, colors.accent, canvas.px(1.5F), canvas.px(6));
    Rect inner = box.inset(canvas.px(12), canvas.px(3));
    const Rect first = inner.take_top(canvas.px(18));
    draw_text_in(canvas, first, innermost ? style::number_strong : style::number,
                 innermost ? colors.text : colors.muted, stack[i].name);
    draw_text_in(canvas, first, style::label, colors.muted, stack[i].origin, Align::right);
    draw_text_in(canvas, inner.take_top(canvas.px(18)), style::number, colors.muted, stack[i].remark);
    const Rect gap = r.take_top(canvas.px(18));
    if (!innermost) draw_icon(canvas, Icon::arrow_down, {gap.x + canvas.px(20), gap.center().y}, colors.muted, 16);
  }
  return r.y - top;
}

float draw_header(const Canvas& canvas, Rect r, const std::vector<HeaderChange>& header) {
  const float top = r.y;
  draw_text_in(canvas, r.take_top(canvas.px(28)), style::heading, canvas.colors().text, "Header: as it came, and now");
  return r.y - top + draw_header_changes(canvas, r, header);
}

void draw_tracked_row(const Canvas& canvas, Rect r, const ConntrackRow& row) {
  const Palette& colors = canvas.colors();
  const Rect back = r.inset(-canvas.px(10), canvas.px(1));
  if (row.pending) {
    dashed_rect(canvas, back, colors.accent, canvas.px(1.5F), canvas.px(6), {4, 4});
  } else if (row.current) {
    canvas.fill(back, colors.hover, canvas.px(6));
    canvas.stroke(back, colors.outline, canvas.px(1.5F), canvas.px(6));
  }
  draw_flow_sign(canvas, {r.x + canvas.px(8), r.center().y}, shape_of(row.protocol),
                 row.flow && *row.flow < named_flow_colors ? flow_color(*row.flow) : colors.muted);
  const bool narrow = r.w < canvas.px(narrow_side);
  r.take_left(canvas.px(narrow ? 24 : 28));
  draw_time_left(canvas, r.take_right(canvas.px(narrow ? 66 : 140)), row);
  r.take_right(canvas.px(narrow ? 8 : 12));
  if (r.w > canvas.px(420)) {
    const Rect state = r.take_right(canvas.px(104));
    draw_text_in(canvas, state, style::number, row.old_state.empty() ? colors.muted : colors.rewrite,
                 row.state.empty() ? (row.replied ? "answered" : "unreplied") : row.state);
  }
  const float upper = baseline_for_middle(canvas, TextSize::small, r.center().y - canvas.px(9));
  draw_tuple(canvas, {r.x, upper}, row.original, colors.text, r.w);
  draw_tuple(canvas, {r.x, upper + canvas.px(18)}, row.reply, colors.muted, r.w);
}

// At the bottom, where there is room.
void draw_sets(const Canvas& canvas, Rect r, const std::vector<SetRow>& sets) {
  const Palette& colors = canvas.colors();
  draw_text_in(canvas, r.take_top(canvas.px(28)), style::heading, colors.text, "What packets put into sets");
  for (const SetRow& row : sets) {
    if (r.h < canvas.px(24)) return;
    Rect line = r.take_top(canvas.px(24));
    const TextStyle face = row.fresh ? style::number_strong : style::number;
    draw_text_in(canvas, line.take_right(canvas.px(140)), style::number, colors.muted,
                 row.left.empty() ? std::string("stays") : row.left + " left");
    draw_text_in(canvas, line.take_left(canvas.px(140)), style::number, colors.muted, row.set);
    draw_text_in(canvas, line, face, row.fresh ? colors.ok : colors.text, row.element);
  }
}

// The packet's own flow first.
void draw_tracked(const Canvas& canvas, Rect r, const ConntrackModel& tracked, const RulesModel& model) {
  const bool tracks = model.tracks;
  // Hooks before connection tracking see a packet that it does not know of.
  const bool looked_up = std::any_of(model.stops.begin(), model.stops.end(), [](const HookStop& stop) {
    return stop.title == "conntrack" && stop.state != StageState::coming;
  });
  const Palette& colors = canvas.colors();
  const Rect head = r.take_top(canvas.px(28));
  draw_text_in(canvas, head, style::heading, colors.text, "Connection tracking");
  if (!tracked.rows.empty())
    draw_text_in(canvas, {head.right() - canvas.px(140), head.y, canvas.px(140), head.h}, style::label, colors.muted,
                 "forgotten in", head.w < canvas.px(narrow_side) ? Align::right : Align::left);
  if (tracked.pending && tracks && looked_up) {
    draw_tracked_row(canvas, r.take_top(canvas.px(44)), *tracked.pending);
    draw_text_in(canvas, r.take_top(canvas.px(24)), style::label, colors.rewrite,
                 "not stored yet: that happens when the packet has passed everything");
    if (tracked.rows.empty()) return;
  }
  if (tracked.rows.empty()) {
    draw_text_in(canvas, r.take_top(canvas.px(24)), style::label, colors.muted,
                 tracks ? "the table is empty" : "nothing is tracked: no rule here needs it");
    return;
  }
  for (const bool current : {true, false}) {
    for (const ConntrackRow& row : tracked.rows) {
      if (row.current != current || r.h < canvas.px(44)) continue;
      draw_tracked_row(canvas, r.take_top(canvas.px(44)), row);
    }
  }
}

}  // namespace

void draw_rule_side(const Ui& ui, const Rect& area, const RulesModel& model, const ConntrackModel& tracked,
                    const std::vector<SetRow>& sets) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  Rect r = area.inset(canvas.px(24), 0);
  r.take_top(canvas.px(14));
  if (!model.note.empty()) {
    r.take_top(draw_paragraph(canvas, r, style::body, colors.muted, model.note, 3) + canvas.px(14));
  } else {
    r.take_top(draw_expressions(canvas, r, model) + canvas.px(12));
    canvas.hline(r.x, r.right(), r.y, colors.line);
    r.take_top(canvas.px(10));
    const bool narrow = r.w < canvas.px(narrow_side);
    const Rect left{r.x, r.y, narrow ? r.w * 0.42F : canvas.px(208), r.h};
    const float gap = canvas.px(narrow ? 20 : 32);
    const Rect right{left.right() + gap, r.y, r.right() - left.right() - gap, r.h};
    const float used = std::max(draw_stack(canvas, left, model.stack), draw_header(canvas, right, model.header));
    r.take_top(used + canvas.px(10));
  }
  canvas.hline(r.x, r.right(), r.y, colors.line);
  r.take_top(canvas.px(10));
  const float lines = canvas.px(28 + 24) + canvas.px(24) * static_cast<float>(std::min<std::size_t>(sets.size(), 8));
  if (!sets.empty() && r.h > lines + canvas.px(140)) {
    const Rect below = r.take_bottom(lines);
    canvas.hline(below.x, below.right(), below.y, colors.line);
    draw_sets(canvas, below.inset(0, canvas.px(10)), sets);
  }
  if (r.h > canvas.px(60)) draw_tracked(canvas, r, tracked, model);
}

}  // namespace fourtuple::viz
