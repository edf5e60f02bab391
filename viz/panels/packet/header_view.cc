#include "viz/panels/packet/header_view.h"

#include <algorithm>
#include <fmt/format.h>

#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

constexpr float header_row_height = 30, row_step = 32, head = 50, offset_room = 34;
constexpr std::uint32_t row_bytes = 4;

// The header's own line, then its fields up to the next header.
struct Span {
  std::size_t header = 0, end = 0;
};

std::optional<Span> span_around(const PacketModel& model, std::size_t field) {
  std::optional<Span> span;
  for (std::size_t i = 0; i < model.fields.size(); ++i) {
    const Field& each = model.fields[i];
    if (each.depth != 0) continue;
    const bool past = i > field && field < model.fields.size();
    if (past && span) break;
    if (each.name != "Payload") span = Span{i, i};
  }
  if (!span) return span;
  span->end = span->header + 1;
  while (span->end < model.fields.size() && model.fields[span->end].depth != 0) ++span->end;
  return span;
}

// Options stand in one box behind the header's fixed part.
void add_options(const PacketModel& model, const Span& span, HeaderBoxes& header) {
  HeaderBox box;
  for (std::size_t i = span.header + 1; i < span.end; ++i) {
    const Field& field = model.fields[i];
    if (field.depth < 2) continue;
    if (box.length == 0) {
      box.field = i;
      box.offset = field.offset;
    }
    box.length = field.offset + field.length - box.offset;
    if (field.name == "No operation" || field.name == "End of options") continue;
    box.value += (box.value.empty() ? "" : ", ") + std::string(field.name);
  }
  if (box.length == 0) return;
  box.name = fmt::format("options, {} bytes", box.length);
  box.row = (box.offset - header.offset) / row_bytes;
  header.boxes.push_back(std::move(box));
}

}  // namespace

HeaderBoxes header_around(const PacketModel& model, std::size_t field) {
  HeaderBoxes header;
  const std::optional<Span> span = span_around(model, field);
  if (!span) return header;
  header.title = model.fields[span->header].name;
  header.offset = model.fields[span->header].offset;
  for (std::size_t i = span->header + 1; i < span->end; ++i) {
    const Field& each = model.fields[i];
    if (each.depth != 1 || each.offset < header.offset || each.length == 0) continue;
    const std::uint32_t at = each.offset - header.offset;
    HeaderBox box{i, std::string(each.name), each.value, at / row_bytes, at % row_bytes, 0, each.offset, each.length};
    box.width = std::min<std::size_t>(each.length, row_bytes - box.column);
    // Fields that share bytes share a box.
    if (!header.boxes.empty() && each.offset < header.boxes.back().offset + header.boxes.back().length) {
      HeaderBox& last = header.boxes.back();
      last.name += ", " + box.name;
      last.value += ", " + box.value;
      last.length = std::max(last.offset + last.length, each.offset + each.length) - last.offset;
      last.width = std::min<std::size_t>(last.length, row_bytes - last.column);
      continue;
    }
    header.boxes.push_back(std::move(box));
  }
  add_options(model, *span, header);
  // A field of many bytes stands in one row; the rows it would fill are left out.
  std::vector<std::size_t> rows;
  for (HeaderBox& box : header.boxes) {
    if (rows.empty() || rows.back() != box.row) {
      rows.push_back(box.row);
      header.row_offsets.push_back(static_cast<std::uint32_t>(box.row) * row_bytes);
    }
    box.row = rows.size() - 1;
  }
  return header;
}

float header_height(const Canvas& canvas, const HeaderBoxes& header) {
  return canvas.px(head + row_step * static_cast<float>(header.row_offsets.size()));
}

HeaderTouch draw_header(const Ui& ui, const Rect& r, const HeaderBoxes& header, const PacketModel& model,
                        std::size_t shown) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  HeaderTouch result;
  const std::string title = fmt::format("{} header", header.title);
  const float used = draw_text(canvas, {r.x, r.y + canvas.px(15)}, style::heading, colors.text, title);
  draw_text(canvas, {r.x + used + canvas.px(14), r.y + canvas.px(15)}, style::label, colors.muted,
            "each row is 4 bytes");
  const Rect grid{r.x + canvas.px(offset_room), r.y, r.w - canvas.px(offset_room), r.h};
  const float step = grid.w / row_bytes;
  for (std::size_t byte = 0; byte < row_bytes; ++byte) {
    draw_text(canvas, {grid.x + step * (static_cast<float>(byte) + 0.5F), r.y + canvas.px(40)}, style::number,
              colors.muted, fmt::format("byte {}", byte), Align::center);
  }
  for (std::size_t row = 0; row < header.row_offsets.size(); ++row) {
    const float middle = r.y + canvas.px(head + row_step * static_cast<float>(row) + header_row_height / 2);
    draw_text(canvas, {grid.x - canvas.px(10), baseline_for_middle(canvas, TextSize::small, middle)}, style::number,
              colors.muted, std::to_string(header.row_offsets[row]), Align::right);
  }
  for (const HeaderBox& box : header.boxes) {
    const float top = r.y + canvas.px(head + row_step * static_cast<float>(box.row));
    const Rect body{grid.x + step * static_cast<float>(box.column), top,
                    step * static_cast<float>(box.width) - canvas.px(2), canvas.px(header_row_height)};
    TouchOptions options;
    options.focusable = false;
    const Touch over = touch(ui, fmt::format("header{}", box.field), body, options);
    if (over.hovered) result.hovered = box.field;
    if (over.clicked) result.clicked = box.field;
    const Field* field = shown < model.fields.size() ? &model.fields[shown] : nullptr;
    const bool selected =
        field != nullptr && field->depth > 0 && field->offset >= box.offset && field->offset < box.offset + box.length;
    const bool changed = !model.before[box.field].empty();
    canvas.fill(body, changed ? with_alpha(colors.rewrite, 0.2F) : colors.raised, canvas.px(4));
    if (selected) {
      canvas.stroke(body, colors.outline, canvas.px(2), canvas.px(4));
      result.shown_end = body.right_middle();
    }
    const Rect words = body.inset(canvas.px(10), 0);
    const float value = text_width(canvas, style::number, box.value);
    draw_text_in(canvas, {words.x, words.y, std::max(words.w - value - canvas.px(10), words.w * 0.4F), words.h},
                 selected ? style::label_strong : style::label, selected ? colors.text : colors.muted, box.name);
    const float name = std::min(text_width(canvas, style::label_strong, box.name), words.w * 0.4F) + canvas.px(10);
    draw_text_in(canvas, {words.x + name, words.y, words.w - name, words.h},
                 selected || changed ? style::number_strong : style::number, changed ? colors.rewrite : colors.text,
                 box.value, Align::right);
  }
  return result;
}

}  // namespace fourtuple::viz
