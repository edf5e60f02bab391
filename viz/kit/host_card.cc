#include "viz/kit/host_card.h"

#include "viz/kit/strokes.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

constexpr float chip_height = 28, chip_gap = 6, chip_inset = 8;

float chip_text_width(const Canvas& canvas, const ProcessChip& chip) {
  float width = canvas.px(28) + text_width(canvas.as_written(), style::name, chip.name) + canvas.px(8);
  if (!chip.pid.empty()) width += text_width(canvas, style::number, chip.pid) + canvas.px(12);
  if (!chip.port.empty()) width += text_width(canvas, style::number, chip.port) + canvas.px(18);
  return width;
}

}  // namespace

void draw_card(const Canvas& canvas, const Rect& r, Color edge, float radius) {
  const Palette& colors = canvas.colors();
  // The light look lifts cards off the page with one soft line below; the dark one needs none.
  if (!colors.dark) canvas.fill(r.moved(0, canvas.px(2)), with_alpha(colors.line, 0.8F), canvas.px(radius));
  canvas.fill(r, colors.surface, canvas.px(radius));
  canvas.stroke(r, edge != 0 ? edge : colors.line, std::max(1.0F, canvas.px(1)), canvas.px(radius));
}

float host_name_width(const Canvas& canvas, std::string_view name) {
  constexpr float widest = 240;  // design pixels
  return std::min(text_width(canvas.as_written(), style::heading, name), canvas.px(widest));
}

Vec2 host_card_size(const Canvas& canvas, const HostCard& card) {
  float width = canvas.px(44 + 14) + host_name_width(canvas, card.name);
  if (!card.address.empty()) width += canvas.px(12) + text_width(canvas, style::number, card.address);
  for (const ProcessChip& chip : card.chips) {
    width = std::max(width, chip_text_width(canvas, chip) + canvas.px(2 * chip_inset));
  }
  const auto count = static_cast<float>(card.chips.size());
  const float chips = count > 0 ? count * chip_height + (count - 1) * chip_gap + 19 : 0;
  return {std::max(std::ceil(width), canvas.px(host_card_width)), canvas.px(host_card_header + 1 + chips)};
}

std::vector<Rect> draw_host_card(const Canvas& canvas, const Rect& r, const HostCard& card) {
  const Palette& colors = canvas.colors();
  if (card.selected) {
    canvas.fill(r.inset(-canvas.px(5)), with_alpha(colors.outline, 0.10F), canvas.px(13));
    canvas.stroke(r.inset(-canvas.px(3)), colors.outline, canvas.px(2), canvas.px(11));
  }
  draw_card(canvas, r, card.hovered ? colors.link : 0);
  const Rect header{r.x, r.y, r.w, canvas.px(host_card_header)};
  const float middle = r.y + canvas.px(22);
  draw_icon(canvas, card.icon, {r.x + canvas.px(24), middle}, colors.muted);
  const Rect address{header.x, middle - canvas.px(10), header.w, canvas.px(20)};
  const float address_width = card.address.empty() ? 0 : text_width(canvas, style::number, card.address);
  draw_text_in(canvas, address, style::number, colors.muted, card.address, Align::right, 14);
  const Rect name{r.x + canvas.px(44), middle - canvas.px(10), r.w - canvas.px(44 + 22) - address_width, canvas.px(20)};
  draw_text_in(canvas.as_written(), name, style::heading, colors.text, card.name);

  std::vector<Rect> places;
  if (card.chips.empty()) return places;
  canvas.hline(r.x + 1, r.right() - 1, header.bottom(), colors.line);
  float y = r.y + canvas.px(52);
  for (const ProcessChip& chip : card.chips) {
    places.push_back({r.x + canvas.px(chip_inset), y, r.w - canvas.px(2 * chip_inset), canvas.px(chip_height)});
    draw_process_chip(canvas, places.back(), chip);
    y += canvas.px(chip_height + chip_gap);
  }
  return places;
}

void draw_process_chip(const Canvas& canvas, const Rect& r, const ProcessChip& chip) {
  const Palette& colors = canvas.colors();
  const float radius = canvas.px(6);
  canvas.fill(r, colors.raised, radius);
  if (chip.changed) canvas.fill(r, with_alpha(colors.rewrite, 0.16F), radius);
  if (chip.selected) canvas.stroke(r.inset(-canvas.px(2)), colors.outline, canvas.px(2), radius + canvas.px(2));
  const float middle = r.y + r.h / 2;
  const Color flow = chip.flow ? flow_color(*chip.flow) : colors.faint;
  canvas.fill({r.x + canvas.px(8), middle - canvas.px(6), canvas.px(12), canvas.px(12)}, flow, canvas.px(3));

  float right = r.right() - canvas.px(4);
  if (!chip.port.empty()) {
    const Color edge = chip.flow ? flow : chip.loopback_only ? colors.faint : colors.line;
    right = draw_port_tag(canvas, {right, middle}, chip.port, edge, chip.loopback_only).x;
  }
  const float baseline = baseline_for_middle(canvas, TextSize::normal, middle);
  const float name_x = r.x + canvas.px(28);
  const float pid_width = chip.pid.empty() ? 0 : text_width(canvas, style::number, chip.pid) + canvas.px(8);
  const float room = right - name_x - canvas.px(8);
  const bool pid_fits = text_width(canvas.as_written(), style::name, chip.name) + pid_width <= room;
  const std::string name = fit_text(canvas.as_written(), style::name, chip.name, pid_fits ? room - pid_width : room);
  const float width = draw_text(canvas.as_written(), {name_x, baseline}, style::name, colors.text, name);
  if (pid_fits && pid_width > 0) {
    draw_text(canvas, {name_x + width + canvas.px(8), baseline}, style::number, colors.muted, chip.pid);
  }
}

Rect draw_port_tag(const Canvas& canvas, Vec2 right_middle, std::string_view port, Color edge, bool dashed) {
  const Palette& colors = canvas.colors();
  const float width = text_width(canvas, style::number, port) + canvas.px(14);
  const float height = canvas.px(20), radius = canvas.px(5), line = std::max(1.0F, canvas.px(1));
  const Rect tag{std::round(right_middle.x - width), std::round(right_middle.y - height / 2), std::round(width),
                 height};
  canvas.fill(tag, colors.background, radius);
  if (dashed) {
    dashed_rect(canvas, tag, edge, line, radius, {3, 3});
  } else {
    canvas.stroke(tag, edge, line, radius);
  }
  draw_text_in(canvas, tag, style::number, dashed ? colors.muted : colors.text, port, Align::center);
  return tag;
}

}  // namespace fourtuple::viz
