#include "viz/panels/packet/packet_panel.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "viz/kit/controls.h"
#include "viz/kit/icons.h"
#include "viz/kit/panel.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

constexpr float tree_row = 20.5F, compare_width = 384, wide_enough = 1180, widest_bytes = 760;
// With less height the hops have no room, and then with less width the bytes have none either.
constexpr float least_for_hops = 420, least_for_bytes = 860;

// A field that the last host changed: the new value, and the old one struck where there is room.
void draw_change(const Canvas& canvas, const Rect& r, const std::string& before, const std::string& after,
                 bool strong) {
  const Palette& colors = canvas.colors();
  const TextStyle face = strong ? style::number_strong : style::number;
  const float used = draw_text_in(canvas, r, face, colors.rewrite, after) + canvas.px(12);
  const Vec2 at{r.x + used, baseline_for_middle(canvas, TextSize::small, r.center().y)};
  if (used + text_width(canvas, style::number, before) < r.w)
    draw_struck(canvas, at, style::number, colors.muted, colors.rewrite, before);
}

}  // namespace

void PacketPanel::list_rows() {
  rows_.clear();
  bool folded = false;
  for (std::size_t i = 0; i < model_.fields.size(); ++i) {
    if (model_.fields[i].depth == 0) {
      folded = folded_.contains(model_.fields[i].name);
    } else if (folded) {
      continue;
    }
    rows_.push_back(i);
  }
}

void PacketPanel::choose(std::size_t field) {
  chosen_name_ = std::string(model_.fields[field].name);
  show_field(field);
}

void PacketPanel::show_field(std::size_t field) {
  chosen_ = field;
  const auto row = std::find(rows_.begin(), rows_.end(), field);
  if (row != rows_.end()) tree_.show(static_cast<std::size_t>(row - rows_.begin()));
}

void PacketPanel::refresh(const PanelContext& context) {
  const PacketId packet = choose_packet(context);
  if (packet != packet_) hop_ = 0;
  if (packet == packet_ && context.indexes.end() == end_ && hop_ == built_hop_) return;
  packet_ = packet;
  end_ = context.indexes.end();
  built_hop_ = hop_;
  model_ = build_packet(context, packet, hop_);
  chosen_ = field_named(model_, chosen_name_);
  if (chosen_ >= model_.fields.size()) chosen_ = 0;
  list_rows();
  show_field(chosen_);
  if (pinned_) comparison_ = compare_packets(*pinned_, model_);
}

void PacketPanel::toggle_pin(const PanelContext& context) {
  if (pinned_) return pinned_.reset();
  refresh(context);
  if (!model_.found) return;
  pinned_ = model_;
  comparison_ = compare_packets(*pinned_, model_);
}

void PacketPanel::draw_head(const Ui& ui, const Rect& area, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const float middle = area.y + canvas.px(34);
  const Button pin{.label = pinned_ ? "Unpin" : "Pin"};
  Rect r = area;
  const Rect place = r.take_right(button_width(canvas, pin));
  if (button(ui, "pin", rect_around({place.center().x, middle}, place.w, canvas.px(28)), pin)) toggle_pin(context);
  r.take_right(canvas.px(12));
  CapsuleLook look = model_.capsule.look();
  look.selected = model_.packet == context.selection.packet;
  const Vec2 size = capsule_size(canvas, look);
  const Rect body = draw_capsule(canvas, {r.x + canvas.px(14) + size.x / 2, middle}, look);
  std::vector<std::string_view> places;
  for (const HopColumn& hop : model_.hops) places.push_back(hop.place);
  const float chooser = places.size() > 1 ? segmented_width(canvas, places) : 0;
  float x = body.right() + canvas.px(20);
  const float title = std::min(text_width(canvas, style::title, model_.title), canvas.px(160));
  const bool fits = chooser > 0 && !model_.captured && x + title + chooser + canvas.px(76) < r.right();
  const float limit = r.right() - (fits ? chooser + canvas.px(76) : 0);
  x += draw_text(canvas, {x, baseline_for_middle(canvas, TextSize::title, middle)}, style::title, colors.text,
                 fit_text(canvas, style::title, model_.title, limit - x - canvas.px(8)));
  x += canvas.px(14);
  const std::string detail = model_.length + (model_.relative.empty() ? "" : "   " + model_.relative);
  if (limit - x > canvas.px(60)) {
    draw_text(canvas, {x, baseline_for_middle(canvas, TextSize::small, middle + canvas.px(2))}, style::number,
              colors.muted, fit_text(canvas, style::number, detail, limit - x));
  }
  if (!fits) return;
  draw_text(canvas, {r.right() - chooser - canvas.px(10), baseline_for_middle(canvas, TextSize::small, middle)},
            style::label, colors.muted, "seen at", Align::right);
  if (const auto chosen = segmented(ui, "packet-hop", {r.right() - chooser, middle}, places, hop_)) hop_ = *chosen;
}

void PacketPanel::draw_tree_row(const Ui& ui, const Rect& row, std::size_t i) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const Field& field = model_.fields[i];
  const bool shown = i == shown_field(), header = field.depth == 0;
  if (shown) {
    canvas.fill(row, with_alpha(colors.text, 0.10F), canvas.px(5));
    canvas.stroke(row, colors.outline, canvas.px(2), canvas.px(5));
  }
  if (header) {
    draw_icon(canvas, folded_.contains(field.name) ? Icon::chevron_right : Icon::chevron_down,
              {row.x + canvas.px(12), row.center().y}, colors.muted, 16);
  }
  const float x = row.x + canvas.px(header ? 26 : field.depth == 1 ? 46 : 62);
  const float value_x = std::max(row.x + canvas.px(190), row.x + row.w * 0.46F);
  draw_text_in(canvas, {x, row.y, value_x - x - canvas.px(8), row.h},
               header || shown ? style::label_strong : style::label, header || shown ? colors.text : colors.muted,
               field.name);
  const std::string place = fmt::format("bytes {}-{}", field.offset, field.offset + field.length - 1);
  const float tail = shown ? text_width(canvas, style::label_strong, place) + canvas.px(16) : 0;
  const Rect value{value_x, row.y, row.right() - value_x - tail - canvas.px(4), row.h};
  const std::string& before = model_.before[i];
  if (!before.empty() && !header) {
    draw_change(canvas, value, before, field.value, shown);
  } else {
    draw_text_in(canvas, value, shown ? style::number_strong : style::number, header ? colors.muted : colors.text,
                 header && field.value.empty() ? fmt::format("{} bytes", field.length) : field.value);
  }
  if (shown) draw_text_in(canvas, row, style::label_strong, colors.text, place, Align::right, 8);
}

// One stop of Tab: arrows walk the fields, sideways the places, Enter folds a header.
void PacketPanel::draw_tree(const Ui& ui, const Rect& r) {
  const Canvas& outer = ui.canvas;
  outer.fill(r, outer.colors().surface, outer.px(10));
  const float height = outer.px(tree_row);
  tree_end_.reset();
  // Whole rows: none is cut at the top when the chosen one stands at the bottom.
  Rect inside = r.inset(outer.px(4), outer.px(8));
  inside.h = std::max(std::floor(inside.h / height), 1.0F) * height;
  ScrollArea scroll(ui, "packet-tree", inside);
  const Canvas& canvas = scroll.ui().canvas;
  const Rect content = scroll.content();
  const std::size_t before = tree_.at();
  std::optional<std::size_t> fold = tree_.update(scroll, "packet-fields", rows_.size(), height);
  if (tree_.focused() && tree_.at() != before) choose(rows_[tree_.at()]);
  if (tree_.sideways() != 0 && !model_.hops.empty()) {
    const auto last = static_cast<std::ptrdiff_t>(model_.hops.size()) - 1;
    hop_ = static_cast<std::size_t>(
        clamped<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(hop_) + tree_.sideways(), 0, last));
  }
  for (std::size_t n = 0; n < rows_.size(); ++n) {
    const std::size_t i = rows_[n];
    const Rect row{content.x + canvas.px(4), content.y + height * static_cast<float>(n), content.w - canvas.px(14),
                   height};
    if (row.bottom() < r.y || row.y > r.bottom()) continue;
    TouchOptions options;
    options.focusable = false;
    const Touch over = touch(scroll.ui(), fmt::format("field{}", i), row, options);
    if (over.hovered) hover_next_ = i;
    if (over.clicked) {
      choose(i);
      if (model_.fields[i].depth == 0) fold = n;
    }
    draw_tree_row(scroll.ui(), row, i);
    if (i == shown_field()) tree_end_ = row.right_middle();
    if (tree_.is_on(n)) draw_focus(canvas, row, canvas.px(5));
  }
  scroll.set_height(height * static_cast<float>(rows_.size()));
  if (!fold || model_.fields[rows_[*fold]].depth != 0) return;
  const std::string_view header = model_.fields[rows_[*fold]].name;
  if (folded_.erase(header) == 0) folded_.insert(header);
  list_rows();
}

void PacketPanel::draw_compare(const Ui& ui, const Rect& r) {
  const CompareAnswer answer = compare_.draw(ui, r, *pinned_, model_, comparison_, shown_field());
  if (answer.field) choose(*answer.field);
  if (answer.unpin) pinned_.reset();
}

// Large type on a small screen: the fields, and beside them what they are made of where both can be read.
void PacketPanel::draw_low(const Ui& ui, Rect rest) {
  const Canvas& canvas = ui.canvas;
  const bool both = rest.w >= canvas.px(least_for_bytes);
  const Rect tree = pinned_ && !both ? Rect{} : rest.take_left(both ? rest.w * 0.42F : rest.w);
  if (!tree.empty()) draw_tree(ui, tree);
  if (both) rest.take_left(canvas.px(28));
  if (rest.w < canvas.px(40)) return;
  if (pinned_) return draw_compare(ui, rest);
  draw_right(ui, rest);
}

void PacketPanel::draw(Ui& ui, Rect area, const PanelContext& context) {
  refresh(context);
  hovered_ = hover_next_ && *hover_next_ < model_.fields.size() ? hover_next_ : std::nullopt;
  hover_next_.reset();
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(area, colors.background);
  const Clip clip(canvas, area);
  if (!model_.found) {
    draw_note_in(canvas, area, "No packet yet. Play on, or choose one on the map.");
    return;
  }
  // Where there is room the comparison is a sheet at the right, else it takes the place of the bytes.
  const bool sheet = pinned_ && area.w >= canvas.px(wide_enough);
  if (sheet) {
    const Rect side = area.take_right(canvas.px(compare_width));
    canvas.fill(side, colors.surface);
    canvas.vline(side.x, side.y, side.bottom(), colors.line);
    draw_compare(ui, side.inset(canvas.px(12), canvas.px(14)));
  }
  Rect rest = area.inset(canvas.px(16), 0);
  draw_head(ui, rest.take_top(canvas.px(64)), context);
  rest.take_bottom(canvas.px(12));
  if (rest.h < canvas.px(least_for_hops)) return draw_low(ui, rest);
  const float rows = 20.5F * static_cast<float>(std::max<std::size_t>(model_.hop_rows.size(), 4));
  const Rect hops = rest.take_bottom(std::min(canvas.px(74 + rows), rest.h * 0.45F));
  rest.take_bottom(canvas.px(12));
  const float wide = rest.w / canvas.theme->scale();
  const Rect tree = rest.take_left(wide > 1000 ? canvas.px(390) : rest.w * 0.42F);
  rest.take_left(canvas.px(wide > 1000 ? 52 : 28));
  if (!tree.empty()) draw_tree(ui, tree);
  if (pinned_ && !sheet) {
    draw_compare(ui, rest);
  } else {
    rest.w = std::min(rest.w, canvas.px(widest_bytes));
    draw_right(ui, rest);
  }
  draw_hops(ui, hops, context);
}

}  // namespace fourtuple::viz
