#include "viz/panels/packet/packet_panel.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "viz/kit/controls.h"
#include "viz/kit/icons.h"
#include "viz/kit/panel.h"
#include "viz/kit/strokes.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

constexpr float tree_row = 20.5F, byte_row = 29, byte_width = 24.5F;
constexpr std::size_t per_row = 16;

Color layer_color(const Palette& colors, Layer layer) {
  switch (layer) {
    case Layer::link:
      return colors.muted;
    case Layer::network:
      return colors.accent;
    case Layer::transport:
      return colors.ok;
    case Layer::payload:
      break;
  }
  return colors.faint;
}

// Where the hex columns of a byte row are.
struct Grid {
  float x = 0, y = 0, step = 0, row = 0;
  Rect cell(std::size_t byte) const {
    const std::size_t column = byte % per_row;
    const float gap = column >= per_row / 2 ? step * 0.25F : 0;
    const std::size_t line = byte / per_row;
    return {x + step * static_cast<float>(column) + gap, y + row * static_cast<float>(line), step, row * 0.76F};
  }
};

void draw_byte(const Canvas& canvas, const Rect& cell, std::uint8_t byte, Layer layer, bool marked) {
  const Palette& colors = canvas.colors();
  canvas.fill(cell, with_alpha(layer_color(colors, layer), marked ? 0.4F : 0.15F));
  draw_text_in(canvas, cell, marked ? style::code_strong : style::code, colors.text, fmt::format("{:02x}", byte),
               Align::center);
}

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
}

void PacketPanel::draw_head(const Ui& ui, const Rect& r, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const float middle = r.y + canvas.px(34);
  CapsuleLook look = model_.capsule.look();
  look.selected = model_.packet == context.selection.packet;
  const Vec2 size = capsule_size(canvas, look);
  const Rect body = draw_capsule(canvas, {r.x + canvas.px(14) + size.x / 2, middle}, look);
  std::vector<std::string_view> places;
  for (const HopColumn& hop : model_.hops) places.push_back(hop.place);
  const float chooser = places.size() > 1 ? segmented_width(canvas, places) : 0;
  const bool fits = chooser > 0 && !model_.captured && chooser < r.w * 0.5F;
  float x = body.right() + canvas.px(20);
  const float limit = r.right() - (fits ? chooser + canvas.px(76) : 0);
  x += draw_text(canvas, {x, baseline_for_middle(canvas, TextSize::title, middle)}, style::title, colors.text,
                 fit_text(canvas, style::title, model_.title, limit - x - canvas.px(90)));
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

void PacketPanel::draw_tree(const Ui& ui, const Rect& r) {
  const Canvas& outer = ui.canvas;
  const Palette& colors = outer.colors();
  outer.fill(r, colors.surface, outer.px(10));
  const float height = outer.px(tree_row);
  tree_end_.reset();
  ScrollArea scroll(ui, "packet-tree", r.inset(outer.px(4), outer.px(8)));
  const Canvas& canvas = scroll.ui().canvas;
  const Rect content = scroll.content();
  for (std::size_t i = 0; i < model_.fields.size(); ++i) {
    const Field& field = model_.fields[i];
    const Rect row{content.x + canvas.px(4), content.y + height * static_cast<float>(i) + canvas.px(2),
                   content.w - canvas.px(14), height};
    if (row.bottom() < r.y || row.y > r.bottom()) continue;
    const Touch over = touch(scroll.ui(), fmt::format("field{}", i), row);
    if (over.hovered) hover_next_ = i;
    if (over.clicked) {
      chosen_ = i;
      chosen_name_ = std::string(field.name);
    }
    const bool shown = i == shown_field();
    if (shown) {
      canvas.fill(row, with_alpha(colors.text, 0.10F), canvas.px(5));
      canvas.stroke(row, colors.outline, canvas.px(2), canvas.px(5));
      tree_end_ = row.right_middle();
    }
    const bool header = field.depth == 0;
    if (header) draw_icon(canvas, Icon::chevron_down, {row.x + canvas.px(12), row.center().y}, colors.muted, 16);
    const float x = row.x + canvas.px(header ? 26 : field.depth == 1 ? 46 : 62);
    const float value_x = std::max(row.x + canvas.px(190), row.x + row.w * 0.46F);
    const Rect name{x, row.y, value_x - x - canvas.px(8), row.h};
    draw_text_in(canvas, name, header || shown ? style::label_strong : style::label,
                 header || shown ? colors.text : colors.muted, field.name);
    const std::string place = fmt::format("bytes {}-{}", field.offset, field.offset + field.length - 1);
    const float tail = shown ? text_width(canvas, style::label, place) + canvas.px(16) : 0;
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
  scroll.set_height(height * static_cast<float>(model_.fields.size()) + canvas.px(8));
}

void PacketPanel::draw_bytes(const Ui& ui, const Rect& r) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  float x = r.x +
            draw_text(canvas, {r.x, r.y + canvas.px(15)}, style::heading, colors.text,
                      model_.captured ? "Bytes in the file" : "Bytes on the wire") +
            canvas.px(16);
  constexpr std::array<std::pair<std::string_view, Layer>, 4> names = {
      {{"link", Layer::link}, {"IP", Layer::network}, {"transport", Layer::transport}, {"data", Layer::payload}}};
  for (const auto& [name, layer] : names) {
    canvas.fill({x, r.y + canvas.px(5), canvas.px(11), canvas.px(11)}, with_alpha(layer_color(colors, layer), 0.35F),
                canvas.px(3));
    x += canvas.px(18);
    x += draw_text(canvas, {x, r.y + canvas.px(15)}, style::label, colors.muted, name) + canvas.px(14);
  }
  const Rect below{r.x, r.y + canvas.px(28), r.w, r.h - canvas.px(28)};
  const std::size_t field_index = shown_field();
  const Field* field = field_index < model_.fields.size() ? &model_.fields[field_index] : nullptr;
  ScrollArea scroll(ui, "packet-bytes", below);
  const Canvas& inside = scroll.ui().canvas;
  const Rect content = scroll.content();
  const std::size_t rows = (model_.bytes.size() + per_row - 1) / per_row;
  const ScrollArea::Rows visible = scroll.visible_rows(rows, canvas.px(byte_row));
  const Grid grid{content.x + canvas.px(46), content.y + canvas.px(4), canvas.px(byte_width), canvas.px(byte_row)};
  const bool ascii = content.w > canvas.px(46 + byte_width * 16.25F + 24 + 16 * 7.4F);
  for (std::size_t row = visible.first; row < visible.last; ++row) {
    const float middle = grid.cell(row * per_row).center().y;
    draw_text(inside, {content.x, baseline_for_middle(inside, TextSize::small, middle)}, style::number, colors.faint,
              fmt::format("{:04x}", row * per_row));
    std::string letters;
    for (std::size_t i = row * per_row; i < std::min(model_.bytes.size(), (row + 1) * per_row); ++i) {
      const bool marked = field != nullptr && i >= field->offset && i < std::size_t{field->offset} + field->length;
      draw_byte(inside, grid.cell(i), model_.bytes[i], model_.layers[i], marked && field->depth > 0);
      letters +=
          model_.bytes[i] >= 0x20 && model_.bytes[i] < 0x7f ? std::string(1, static_cast<char>(model_.bytes[i])) : "·";
    }
    if (!ascii) continue;
    draw_text(inside,
              {grid.cell(per_row - 1).right() + canvas.px(24), baseline_for_middle(inside, TextSize::small, middle)},
              style::number, colors.muted, letters);
  }
  scroll.set_height(canvas.px(byte_row) * static_cast<float>(rows) + canvas.px(8));
  const Vec2 mouse = from_im(ImGui::GetIO().MousePos);
  for (std::size_t i = visible.first * per_row; i < std::min(model_.bytes.size(), visible.last * per_row); ++i) {
    if (!below.contains(mouse) || !grid.cell(i).contains(mouse)) continue;
    for (std::size_t f = 0; f < model_.fields.size(); ++f) {
      const Field& each = model_.fields[f];
      if (each.depth > 0 && i >= each.offset && i < std::size_t{each.offset} + each.length) hover_next_ = f;
    }
    if (hover_next_ && ImGui::IsMouseClicked(0)) {
      chosen_ = *hover_next_;
      chosen_name_ = std::string(model_.fields[chosen_].name);
    }
  }
  if (field == nullptr || field->depth == 0 || field->length == 0 || field->offset >= model_.bytes.size()) return;
  const std::size_t last = std::min<std::size_t>(field->offset + field->length, model_.bytes.size()) - 1;
  const Rect first = grid.cell(field->offset);
  const Rect end = grid.cell(last);
  const bool one_row = field->offset / per_row == last / per_row;
  if (one_row)
    inside.stroke(Rect{first.x, first.y, end.right() - first.x, first.h}.inset(-canvas.px(2)), colors.outline,
                  canvas.px(2), canvas.px(5));
  // The joining line runs in the gap above the byte row, never over bytes.
  if (!tree_end_ || first.y < below.y || first.bottom() > below.bottom()) return;
  const float gap_y = first.y - canvas.px(4), bend = r.x - canvas.px(14);
  const std::array<Vec2, 4> line = {*tree_end_, Vec2{bend, tree_end_->y}, Vec2{bend, gap_y},
                                    Vec2{first.x + canvas.px(8), gap_y}};
  canvas.polyline(std::span<const Vec2>(line).first(3), colors.outline, canvas.px(1.5F));
  inside.line(line[2], line[3], colors.outline, canvas.px(1.5F));
  canvas.line({bend, gap_y}, {r.x + canvas.px(2), gap_y}, colors.outline, canvas.px(1.5F));
}

void PacketPanel::draw_hops(const Ui& ui, const Rect& r, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  draw_text(canvas, {r.x, r.y + canvas.px(15)}, style::heading, colors.text, "The same packet at each hop");
  draw_text(canvas, {r.right(), r.y + canvas.px(15)}, style::label, colors.muted, "amber: changed since the hop before",
            Align::right);
  const Rect table{r.x, r.y + canvas.px(26), r.w, r.h - canvas.px(26)};
  canvas.fill(table, colors.surface, canvas.px(10));
  if (model_.hops.empty()) {
    draw_text_in(canvas, table, style::body, colors.muted, "It has not left its host.", Align::center);
    return;
  }
  constexpr std::array<std::string_view, 4> names = {"source", "destination", "TTL", "IP checksum"};
  const float head = canvas.px(32), row = canvas.px(20.5F), label = canvas.px(120);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const float y = table.y + head + canvas.px(6) + row * static_cast<float>(i);
    draw_text_in(canvas, {table.x + canvas.px(16), y, label, row}, style::label, colors.muted, names[i]);
  }
  canvas.hline(table.x, table.right(), table.y + head, colors.line);
  const std::size_t count = std::min<std::size_t>(model_.hops.size(), 6);
  const float width = (table.w - label - canvas.px(16)) / static_cast<float>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const HopColumn& hop = model_.hops[i];
    const Rect column{table.x + label + width * static_cast<float>(i), table.y, width, table.h};
    if (i == hop_ && !model_.captured) canvas.fill(column, with_alpha(colors.text, 0.06F));
    const Touch over = touch(ui, fmt::format("hop{}", i), column);
    if (over.focused) draw_focus(canvas, column, 0);
    if (over.clicked) {
      hop_ = i;
      context.seek(hop.at);
    }
    const Canvas part = hop.at > context.now() ? canvas.faded(0.5F) : canvas;
    const Rect title{column.x + canvas.px(20), column.y, column.w - canvas.px(28), head};
    const std::string time = clock_text(hop.at);
    const float time_width = text_width(canvas, style::number, time) + canvas.px(8);
    draw_text_in(part, {title.x, title.y, title.w - time_width, title.h}, style::label_strong, colors.text, hop.place);
    draw_text_in(part, title, style::number, colors.muted, time, Align::right);
    const std::array<std::string, 4> values = {
        hop.source, hop.destination, std::to_string(hop.ttl),
        hop.ip_checksum != 0 ? fmt::format("0x{:04x}", hop.ip_checksum) : "none"};
    for (std::size_t v = 0; v < values.size(); ++v) {
      const Rect cell{title.x, table.y + head + canvas.px(6) + row * static_cast<float>(v), title.w, row};
      const HopColumn& last = model_.hops[i > 0 ? i - 1 : 0];
      const bool changed = v == 0   ? hop.source != last.source
                           : v == 1 ? hop.destination != last.destination
                           : v == 2 ? hop.ttl != last.ttl
                                    : hop.ip_checksum != last.ip_checksum;
      if (changed) draw_icon(part, Icon::arrow_right, {cell.x - canvas.px(12), cell.center().y}, colors.rewrite, 16);
      draw_text_in(part, cell, changed ? style::number_strong : style::number,
                   changed  ? colors.rewrite
                   : i == 0 ? colors.text
                            : colors.muted,
                   values[v]);
    }
  }
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
    draw_text_in(canvas, area, style::body, colors.muted, "No packet yet. Play on, or choose one on the map.",
                 Align::center);
    return;
  }
  Rect rest = area.inset(canvas.px(16), 0);
  draw_head(ui, rest.take_top(canvas.px(64)), context);
  rest.take_bottom(canvas.px(12));
  const Rect hops = rest.take_bottom(canvas.px(154));
  rest.take_bottom(canvas.px(12));
  const float wide = rest.w / canvas.theme->scale();
  const Rect tree = rest.take_left(wide > 1000 ? canvas.px(390) : rest.w * 0.42F);
  rest.take_left(canvas.px(wide > 1000 ? 52 : 28));
  draw_tree(ui, tree);
  draw_bytes(ui, rest);
  draw_hops(ui, hops, context);
}

}  // namespace fourtuple::viz
