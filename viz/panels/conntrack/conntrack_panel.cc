#include "viz/panels/conntrack/conntrack_panel.h"

#include <array>
#include <fmt/format.h>

#include "viz/kit/capsule.h"
#include "viz/kit/controls.h"
#include "viz/kit/marks.h"
#include "viz/kit/panel.h"
#include "viz/kit/strokes.h"
#include "viz/panels/common/names.h"
#include "viz/panels/conntrack/conntrack_draw.h"
#include "viz/panels/sockets/sockets_model.h"

namespace fourtuple::viz {
namespace {

// Widths for a wide window, a narrow one, and large type; what has no room is left out from the right.
using Columns = std::array<Column, 7>;
constexpr Columns columns_of(float protocol, float state, float time, float status, float packets, float bytes) {
  return {Column{"Proto", protocol},
          Column{"State", state},
          Column{"Original direction, and what answers look like", 0},
          Column{"Forgotten in", time},
          Column{"Status", status},
          Column{"Packets", packets, Align::right},
          Column{"Bytes", bytes, Align::right}};
}
constexpr Columns wide_columns = columns_of(64, 148, 148, 176, 64, 76),
                  narrow_columns = columns_of(56, 104, 116, 140, 56, 60);

struct ConntrackLayout {
  Columns columns = wide_columns;
  bool labels = true;     // "original" and "reply" in words
  std::size_t shown = 7;  // columns from the left
  std::vector<Rect> cells(const Canvas& canvas, const Rect& row) const {
    return column_cells(row, std::span(columns).first(shown), canvas.theme->scale());
  }
};

ConntrackLayout layout_for(const Canvas& canvas, float width) {
  if (width >= canvas.px(1200)) return {};
  if (width >= canvas.px(960)) return {narrow_columns, false, 7};
  return {narrow_columns, false, 4};
}

constexpr std::array<std::string_view, 7> meanings = {
    "Transport protocol of the flow.",
    "Where the host believes the TCP connection stands; other protocols have no state.",
    "The tuple of the first packet, and the tuple its answers must have. Amber: NAT made it so.",
    "Each packet of the flow sets the timer anew; at zero the entry goes and later packets are strangers.",
    "UNREPLIED: nobody has answered. ASSURED: not thrown away when the table is full. NAT: which side is rewritten.",
    "Packets seen in each direction.",
    "Bytes of IP packets seen in each direction."};
constexpr float entry_row_height = 56;

void draw_status(const Canvas& canvas, const Rect& cell, const ConntrackRow& row) {
  const Palette& colors = canvas.colors();
  float x = cell.x;
  const float upper = cell.center().y - canvas.px(11), lower = cell.center().y + canvas.px(11);
  const bool nat = row.source_nat || row.destination_nat;
  const float first = nat || !row.mark.empty() ? upper : cell.center().y;
  if (!row.replied && !row.pending)
    x = draw_pill(canvas, {x, first}, "UNREPLIED", colors.muted, PillLook::plain).right() + canvas.px(6);
  if (row.assured) x = draw_pill(canvas, {x, first}, "ASSURED", colors.ok).right() + canvas.px(6);
  const bool upper_free = x == cell.x;
  x = upper_free ? x : cell.x;
  const float second = upper_free ? cell.center().y : lower;
  if (row.source_nat) x = draw_pill(canvas, {x, second}, "source NAT", colors.rewrite).right() + canvas.px(6);
  if (row.destination_nat)
    x = draw_pill(canvas, {x, second}, row.source_nat ? "+ dest." : "destination NAT", colors.rewrite).right() +
        canvas.px(6);
  if (!row.mark.empty()) draw_pill(canvas, {x, second}, "mark " + row.mark, colors.text, PillLook::plain);
}

void draw_state(const Canvas& canvas, const Rect& cell, const ConntrackRow& row) {
  const Palette& colors = canvas.colors();
  const float upper = baseline_for_middle(canvas, TextSize::small, cell.center().y - canvas.px(9));
  const float middle = baseline_for_middle(canvas, TextSize::small, cell.center().y);
  if (row.change == RowChange::removed) {
    draw_struck(canvas, {cell.x, middle}, style::number, colors.muted, colors.drop, row.state);
  } else if (row.old_state.empty()) {
    draw_text(canvas, {cell.x, middle}, style::number, colors.text, row.state);
  } else {
    draw_struck(canvas, {cell.x, upper}, style::number, colors.muted, colors.rewrite, row.old_state);
    draw_text(canvas, {cell.x, upper + canvas.px(18)}, style::number_strong, colors.rewrite, row.state);
  }
}

void draw_row(const Ui& ui, const Rect& r, const ConntrackRow& row, const ConntrackLayout& layout,
              const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const Touch over =
      table_row(ui, fmt::format("entry{}-{}", row.entry, static_cast<int>(row.change)), r, {row.current, row.change});
  if (row.pending) {
    dashed_rect(canvas, r.inset(-canvas.px(8), 0), colors.accent, canvas.px(1.5F), canvas.px(6), {4, 4});
  } else if (row.current) {
    canvas.stroke(r.inset(-canvas.px(8), 0), colors.outline, canvas.px(2), canvas.px(6));
  }
  if (over.clicked && row.flow_number != replay::FlowTable::none) context.select_flow(row.flow_number);
  const Canvas part = row.change == RowChange::removed ? canvas.faded(0.6F) : canvas;
  const Rect inner{r.x + canvas.px(12), r.y, r.w - canvas.px(20), r.h};
  const std::vector<Rect> cells = layout.cells(canvas, inner);
  const float upper = baseline_for_middle(canvas, TextSize::small, r.center().y - canvas.px(10));
  const float lower = baseline_for_middle(canvas, TextSize::small, r.center().y + canvas.px(10));
  draw_flow_sign(part, {cells[0].x + canvas.px(8), r.center().y}, shape_of(row.protocol),
                 row.flow && *row.flow < named_flow_colors ? flow_color(*row.flow) : colors.muted);
  draw_text_in(part, {cells[0].x + canvas.px(24), r.y, cells[0].w - canvas.px(24), r.h}, style::number, colors.muted,
               row.protocol_word);
  draw_state(part, cells[1], row);
  const float label = canvas.px(layout.labels ? 58 : 22);
  const float detail = row.detail.empty() ? 0 : text_width(canvas, style::number, row.detail) + canvas.px(12);
  if (layout.labels) {
    draw_text(part, {cells[2].x, upper}, style::label, colors.muted, "original");
    draw_text(part, {cells[2].x, lower}, style::label, colors.muted, "reply");
  } else {
    draw_icon(part, Icon::arrow_right, {cells[2].x + canvas.px(7), upper - canvas.px(4)}, colors.muted, 16);
    draw_icon(part, Icon::arrow_left, {cells[2].x + canvas.px(7), lower - canvas.px(4)}, colors.muted, 16);
  }
  draw_tuple(part, {cells[2].x + label, upper}, row.original, colors.text, cells[2].w - label - detail);
  draw_tuple(part, {cells[2].x + label, lower}, row.reply, row.replied ? colors.text : colors.muted,
             cells[2].w - label);
  if (detail > 0) {
    draw_text(part, {cells[2].right(), upper}, style::number, colors.muted, row.detail, Align::right);
  }
  draw_time_left(part, cells[3], row);
  if (over.hovered)
    show_tooltip(ui, row.pending ? std::string("Not stored yet") : fmt::format("Entry {}", row.entry), row.sentence);
  if (cells.size() < 7) return;
  draw_status(part, cells[4], row);
  for (int way = 0; way < 2; ++way) {
    const float y = way == 0 ? upper : lower;
    const Color ink = way == 1 && !row.replied ? colors.muted : colors.text;
    draw_text(part, {cells[5].right(), y}, style::number, ink, row.packets[way], Align::right);
    draw_text(part, {cells[6].right(), y}, style::number, ink, row.bytes[way], Align::right);
  }
}

// The selected packet and what this host made of its headers, in one line.
void draw_packet_line(const Ui& ui, Rect r, const ConntrackModel& model, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(r, colors.surface, canvas.px(8));
  const std::uint64_t now = context.cursor.position();
  const auto packet = context.indexes.packets().packet_at(model.packet, now == 0 ? 0 : now - 1);
  if (!packet) return;
  CapsuleModel capsule = capsule_of(context.indexes.packets(), model.packet, *packet);
  if (capsule.shape == PacketShape::icmp) capsule.text.clear();
  CapsuleLook look = capsule.look();
  look.selected = true;
  const float middle = r.center().y;
  const Rect body = draw_capsule(canvas, {r.x + canvas.px(20) + capsule_size(canvas, look).x / 2, middle}, look);
  float x = body.right() + canvas.px(24);
  const float baseline = baseline_for_middle(canvas, TextSize::small, middle);
  for (const HeaderChange& change : model.header) {
    const float values =
        text_width(canvas, style::number, change.before) +
        (change.changed() ? text_width(canvas, style::number_strong, change.after) + canvas.px(30) : 0);
    if (x + text_width(canvas, style::label, change.name) + values + canvas.px(20) > r.right()) break;
    x += draw_text(canvas, {x, baseline}, style::label, colors.muted, change.name) + canvas.px(10);
    x += change.changed() ? draw_rewrite(canvas, {x, baseline}, change.before, change.after)
                          : draw_text(canvas, {x, baseline}, style::number, colors.text, change.before);
    x += canvas.px(24);
  }
  if (model.untracked_yet && !model.pending) {
    const float width = text_width(canvas, style::label, "no entry in the table yet") + canvas.px(16);
    if (x + width < r.right())
      draw_text(canvas, {r.right() - canvas.px(16), baseline}, style::label, colors.muted, "no entry in the table yet",
                Align::right);
  }
}

}  // namespace

void ConntrackPanel::refresh(const PanelContext& context) {
  if (context.selection.host != selected_ || context.selection.packet != packet_ || !host_.valid()) {
    const bool packet_only = context.selection.host == selected_ && host_.valid();
    selected_ = context.selection.host;
    packet_ = context.selection.packet;
    if (!packet_only || packet_.valid()) host_ = choose_filter_host(context);
    stale_ = true;
  }
  // Timers run between records.
  const bool moved = context.cursor.position() != position_ || context.now() != time_;
  if (!stale_ && !moved && context.indexes.end() == end_) return;
  const bool step = stale_ || context.cursor.position() != position_ || context.indexes.end() != end_;
  scroll_ = scroll_ || step;
  stale_ = false;
  position_ = context.cursor.position();
  time_ = context.now();
  end_ = context.indexes.end();
  const std::uint64_t boundary = since_start_ ? context.cursor.index().first() : boundary_of_last_step(context);
  if (step) before_ = context.cursor.state_at(boundary);
  model_ = build_conntrack(context, host_, before_.state);
}

void ConntrackPanel::draw_head(const Ui& ui, Rect& rest, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const Rect head = rest.take_top(canvas.px(64));
  const float middle = head.y + canvas.px(30);
  float x = head.x + canvas.px(16);
  const std::vector<std::string_view> names(model_.host_names.begin(), model_.host_names.end());
  constexpr std::array<std::string_view, 2> since = {"last step", "start"};
  const float since_width = segmented_width(canvas, since);
  const float right = head.right() - canvas.px(16) - since_width;
  Ui own = ui;
  own.canvas = canvas.as_written();
  if (names.size() > 1 && segmented_width(own.canvas, names) < head.w * 0.4F) {
    if (const auto chosen = segmented(own, "conntrack-host", {x, middle}, names, model_.host)) {
      host_ = model_.hosts[*chosen];
      context.select(host_);
      stale_ = true;
    }
    x += segmented_width(own.canvas, names) + canvas.px(20);
  } else if (!names.empty()) {
    x += draw_text(own.canvas, {x, baseline_for_middle(canvas, TextSize::title, middle)}, style::title, colors.text,
                   fit_text(own.canvas, style::title, names[model_.host], head.w * 0.3F)) +
         canvas.px(16);
  }
  if (model_.inferred)
    x = draw_pill(canvas, {x, middle}, "inferred", colors.muted, PillLook::dashed).right() + canvas.px(16);
  std::string count = fmt::format("{} {}, {} translated by NAT", grouped(model_.total),
                                  model_.total == 1 ? "tracked flow" : "tracked flows", grouped(model_.translated));
  if (model_.rows.size() < model_.total) count += "; the latest are shown";
  const float label = text_width(canvas, style::label, "changes since") + canvas.px(12);
  draw_text(canvas, {x, baseline_for_middle(canvas, TextSize::normal, middle)}, style::body, colors.muted,
            fit_text(canvas, style::body, count, right - label - x - canvas.px(16)));
  if (const auto chosen = segmented(ui, "conntrack-since", {right, middle}, since, since_start_ ? 1 : 0)) {
    since_start_ = *chosen == 1;
    stale_ = true;
  }
  draw_text(canvas, {right - label, baseline_for_middle(canvas, TextSize::small, middle)}, style::label, colors.muted,
            "changes since");
}

void ConntrackPanel::draw_rows(const Ui& ui, Rect rest, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const Rect header = rest.take_top(canvas.px(28));
  const Rect inner{header.x + canvas.px(12), header.y, header.w - canvas.px(20), header.h};
  const ConntrackLayout layout = layout_for(canvas, inner.w);
  draw_table_header(canvas, inner, std::span(layout.columns).first(layout.shown));
  const std::vector<Rect> cells = layout.cells(canvas, inner);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (touch(ui, fmt::format("ct-column{}", i), cells[i], {.focusable = false}).hovered)
      show_tooltip(ui, layout.columns[i].title, meanings[i]);
  }
  if (model_.pending) {
    const Rect row = rest.take_top(canvas.px(entry_row_height));
    draw_row(ui, {row.x, row.y + canvas.px(4), row.w, row.h - canvas.px(4)}, *model_.pending, layout, context);
    if (model_.rows.empty()) return;
  }
  if (model_.rows.empty()) {
    draw_text_in(canvas, rest.take_top(canvas.px(72)), style::body, colors.muted, model_.note, Align::center);
    return;
  }
  const float height = canvas.px(entry_row_height), margin = canvas.px(12);
  ScrollArea scroll(ui, "conntrack-rows", rest.inset(-margin, 0));
  const auto current =
      std::find_if(model_.rows.begin(), model_.rows.end(), [](const auto& row) { return row.current; });
  if (scroll_ && current != model_.rows.end())
    scroll.scroll_to(height * static_cast<float>(current - model_.rows.begin()), height);
  const ScrollArea::Rows rows = scroll.visible_rows(model_.rows.size(), height);
  for (std::size_t i = rows.first; i < rows.last; ++i) {
    const Rect content = scroll.content();
    const Rect row{content.x + margin, content.y + canvas.px(4) + height * static_cast<float>(i),
                   content.w - 2 * margin, height - canvas.px(4)};
    draw_row(scroll.ui(), row, model_.rows[i], layout, context);
  }
  scroll_ = false;
  scroll.set_height(height * static_cast<float>(model_.rows.size()) + canvas.px(8));
}

void ConntrackPanel::draw(Ui& ui, Rect area, const PanelContext& context) {
  refresh(context);
  const Canvas& canvas = ui.canvas;
  canvas.fill(area, canvas.colors().background);
  const Clip clip(canvas, area);
  if (model_.hosts.empty()) {
    draw_note_in(canvas, area, model_.note);
    return;
  }
  Rect rest = area;
  draw_head(ui, rest, context);
  rest = rest.inset(canvas.px(16), 0);
  if (model_.packet.valid()) {
    draw_packet_line(ui, rest.take_top(canvas.px(44)), model_, context);
    rest.take_top(canvas.px(12));
  }
  const Rect foot = rest.take_bottom(canvas.px(36));
  draw_text_in(
      canvas, foot, style::label, canvas.colors().muted,
      model_.inferred
          ? "amber and underlined: changed by NAT.   Nobody saw this table: packets on both sides tell what is in it."
          : "amber and underlined: changed by NAT.   Answers must come with exactly the reply tuple to be taken back.");
  draw_rows(ui, rest, context);
}

}  // namespace fourtuple::viz
