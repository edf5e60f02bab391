// The right half of the packet panel: the header as boxes, the bytes, and the lines that join one selection in three
// places.
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "viz/kit/panel.h"
#include "viz/kit/text.h"
#include "viz/panels/packet/packet_panel.h"

namespace fourtuple::viz {
namespace {

constexpr float byte_row = 29, byte_width = 24.5F, offsets = 46, legend = 28;
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

enum class ByteLook : std::uint8_t { plain, marked, rewritten };

void draw_byte(const Canvas& canvas, const Rect& cell, std::uint8_t byte, Layer layer, ByteLook look) {
  const Palette& colors = canvas.colors();
  const bool marked = look == ByteLook::marked, rewritten = look == ByteLook::rewritten;
  canvas.fill(cell, with_alpha(layer_color(colors, layer), marked ? 0.4F : 0.15F));
  draw_text_in(canvas, cell, look == ByteLook::plain ? style::code : style::code_strong,
               rewritten ? colors.rewrite : colors.text, fmt::format("{:02x}", byte), Align::center);
  if (rewritten)
    canvas.fill({cell.x + canvas.px(3), cell.bottom() - canvas.px(2), cell.w - canvas.px(6), canvas.px(1.5F)},
                colors.rewrite);
}

void draw_legend(const Canvas& canvas, const Rect& r, const PacketModel& model) {
  const Palette& colors = canvas.colors();
  float x = r.x +
            draw_text(canvas, {r.x, r.y + canvas.px(15)}, style::heading, colors.text,
                      model.captured ? "Bytes in the file" : "Bytes on the wire") +
            canvas.px(16);
  constexpr std::array<std::pair<std::string_view, Layer>, 4> names = {
      {{"link", Layer::link}, {"IP", Layer::network}, {"transport", Layer::transport}, {"data", Layer::payload}}};
  for (const auto& [name, layer] : names) {
    if (std::find(model.layers.begin(), model.layers.end(), layer) == model.layers.end()) continue;
    canvas.fill({x, r.y + canvas.px(5), canvas.px(11), canvas.px(11)}, with_alpha(layer_color(colors, layer), 0.35F),
                canvas.px(3));
    x += canvas.px(18);
    x += draw_text(canvas, {x, r.y + canvas.px(15)}, style::label, colors.muted, name) + canvas.px(14);
  }
  if (std::all_of(model.before.begin(), model.before.end(), [](const std::string& old) { return old.empty(); })) return;
  canvas.fill({x, r.y + canvas.px(14), canvas.px(14), canvas.px(1.5F)}, colors.rewrite);
  draw_text(canvas, {x + canvas.px(20), r.y + canvas.px(15)}, style::label, colors.muted, "rewritten here");
}

// Bytes of fields that the place before had otherwise.
std::vector<bool> rewritten_bytes(const PacketModel& model) {
  std::vector<bool> marks(model.bytes.size());
  for (std::size_t f = 0; f < model.fields.size(); ++f) {
    const Field& field = model.fields[f];
    if (field.depth == 0 || model.before[f].empty()) continue;
    for (std::size_t i = field.offset; i < std::size_t{field.offset} + field.length && i < marks.size(); ++i)
      marks[i] = true;
  }
  return marks;
}

std::string letters_of(const PacketModel& model, std::size_t row) {
  std::string letters;
  for (std::size_t i = row * per_row; i < std::min(model.bytes.size(), (row + 1) * per_row); ++i) {
    const bool plain = model.bytes[i] >= 0x20 && model.bytes[i] < 0x7f;
    letters += plain ? std::string(1, static_cast<char>(model.bytes[i])) : "·";
  }
  return letters;
}

}  // namespace

// The field under the pointer is shown everywhere; a click keeps it. `cells` are those of the bytes from `first` on.
void PacketPanel::point_at_bytes(const Rect& visible, const std::vector<Rect>& cells, std::size_t first) {
  const Vec2 mouse = from_im(ImGui::GetIO().MousePos);
  if (!visible.contains(mouse)) return;
  const auto cell = std::find_if(cells.begin(), cells.end(), [&](const Rect& r) { return r.contains(mouse); });
  if (cell == cells.end()) return;
  const std::size_t byte = first + static_cast<std::size_t>(cell - cells.begin());
  for (std::size_t f = 0; f < model_.fields.size(); ++f) {
    const Field& each = model_.fields[f];
    if (each.depth > 0 && byte >= each.offset && byte < std::size_t{each.offset} + each.length) hover_next_ = f;
  }
  if (hover_next_ && ImGui::IsMouseClicked(0)) choose(*hover_next_);
}

// Returns where the shown field's bytes begin and end on their first row, when they are visible.
std::optional<Rect> PacketPanel::draw_bytes(const Ui& ui, const Rect& r) {
  draw_legend(ui.canvas, r, model_);
  const Canvas& outer = ui.canvas;
  const Rect below{r.x, r.y + outer.px(legend), r.w, r.h - outer.px(legend)};
  const Field* field = shown_field() < model_.fields.size() ? &model_.fields[shown_field()] : nullptr;
  ScrollArea scroll(ui, "packet-bytes", below);
  const Canvas& canvas = scroll.ui().canvas;
  const Palette& colors = canvas.colors();
  const Rect content = scroll.content();
  const std::size_t rows = (model_.bytes.size() + per_row - 1) / per_row;
  const ScrollArea::Rows visible = scroll.visible_rows(rows, canvas.px(byte_row));
  const Grid grid{content.x + canvas.px(offsets), content.y + canvas.px(4), canvas.px(byte_width), canvas.px(byte_row)};
  const bool ascii = content.w > canvas.px(offsets + byte_width * 16.25F + 24 + 16 * 7.4F);
  const std::vector<bool> rewritten = rewritten_bytes(model_);
  std::vector<Rect> cells;
  for (std::size_t row = visible.first; row < visible.last; ++row) {
    const float baseline = baseline_for_middle(canvas, TextSize::small, grid.cell(row * per_row).center().y);
    draw_text(canvas, {content.x, baseline}, style::number, colors.faint, fmt::format("{:04x}", row * per_row));
    for (std::size_t i = row * per_row; i < std::min(model_.bytes.size(), (row + 1) * per_row); ++i) {
      const bool marked =
          field != nullptr && field->depth > 0 && i >= field->offset && i < std::size_t{field->offset} + field->length;
      const ByteLook look = rewritten[i] ? ByteLook::rewritten : marked ? ByteLook::marked : ByteLook::plain;
      draw_byte(canvas, grid.cell(i), model_.bytes[i], model_.layers[i], look);
      cells.push_back(grid.cell(i));
    }
    if (ascii)
      draw_text(canvas, {grid.cell(per_row - 1).right() + canvas.px(24), baseline}, style::number, colors.muted,
                letters_of(model_, row));
  }
  scroll.set_height(canvas.px(byte_row) * static_cast<float>(rows) + canvas.px(8));
  point_at_bytes(below, cells, visible.first * per_row);
  if (field == nullptr || field->depth == 0 || field->length == 0 || field->offset >= model_.bytes.size())
    return std::nullopt;
  const std::size_t last = std::min<std::size_t>(field->offset + field->length, model_.bytes.size()) - 1;
  const std::size_t row_end = std::min(last, (field->offset / per_row + 1) * per_row - 1);
  const Rect first = grid.cell(field->offset);
  const Rect marked{first.x, first.y, grid.cell(row_end).right() - first.x, first.h};
  if (last == row_end) canvas.stroke(marked.inset(-canvas.px(2)), colors.outline, canvas.px(2), canvas.px(5));
  if (first.y < below.y || first.bottom() > below.bottom()) return std::nullopt;
  return marked;
}

// From the field's row in the tree, and from its box in the header, to its bytes; in gaps, never over bytes.
void PacketPanel::join(const Canvas& canvas, const Rect& right, const Rect& bytes,
                       std::optional<Vec2> header_end) const {
  const Color color = canvas.colors().outline;
  const float gap_y = std::round(bytes.y - canvas.px(4)), width = canvas.px(1.5F);
  if (tree_end_) {
    const float bend = right.x - canvas.px(14);
    const std::array<Vec2, 4> line = {*tree_end_, Vec2{bend, tree_end_->y}, Vec2{bend, gap_y},
                                      Vec2{bytes.x + canvas.px(8), gap_y}};
    canvas.polyline(line, color, width);
  }
  if (!header_end) return;
  const float bend = right.right() + canvas.px(10);
  const std::array<Vec2, 4> line = {*header_end, Vec2{bend, header_end->y}, Vec2{bend, gap_y},
                                    Vec2{bytes.right() - canvas.px(8), gap_y}};
  canvas.polyline(line, color, width);
}

void PacketPanel::draw_right(const Ui& ui, Rect r) {
  const Canvas& canvas = ui.canvas;
  r.w -= canvas.px(14);  // the joining line's way round
  const Rect all = r;
  std::optional<Vec2> header_end;
  const HeaderBoxes header = header_around(model_, shown_field());
  const float height = header_height(canvas, header) + canvas.px(18);
  const std::size_t byte_rows = (model_.bytes.size() + per_row - 1) / per_row;
  const float bytes_height = canvas.px(legend + byte_row * static_cast<float>(std::min<std::size_t>(byte_rows, 4)));
  if (!header.title.empty() && !header.boxes.empty() && r.h >= height + bytes_height) {
    const HeaderTouch touched = draw_header(ui, r.take_top(height), header, model_, shown_field());
    header_end = touched.shown_end;
    if (touched.hovered) hover_next_ = touched.hovered;
    if (touched.clicked) choose(*touched.clicked);
  }
  if (const std::optional<Rect> bytes = draw_bytes(ui, r)) join(canvas, all, *bytes, header_end);
}

}  // namespace fourtuple::viz
