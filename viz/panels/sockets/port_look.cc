#include "viz/panels/sockets/port_look.h"

#include <array>

#include "sim/wire/services.h"
#include "viz/kit/text.h"
#include "viz/panels/sockets/port_map.h"

namespace fourtuple::viz {

// From the Okabe-Ito set, the darker ones on a light ground.
Color port_color(const Palette& colors, PortUse use) {
  switch (use) {
    case PortUse::free:
      return transparent;
    case PortUse::bound:
      return colors.muted;
    case PortUse::closing:
      return colors.dark ? rgb(0xE69F00) : rgb(0xC45500);
    case PortUse::connected:
      return colors.dark ? rgb(0x56B4E9) : rgb(0x0072B2);
    case PortUse::waiting:
      return colors.text;
    case PortUse::several:
      return colors.dark ? rgb(0xE08BBB) : rgb(0xA23E7C);
  }
  return transparent;
}

void draw_port_mark(const Canvas& canvas, const Rect& r, PortUse use) {
  const Color color = port_color(canvas.colors(), use);
  const float size = std::min(r.w, r.h);
  if (use == PortUse::free) return;
  if (size < 5) return canvas.fill(r, color);
  const Rect box = rect_around(r.center(), size, size);
  const float thick = std::max(1.5F, size * 0.18F);
  switch (use) {
    case PortUse::waiting:
      canvas.stroke(box, color, thick);
      return canvas.fill(rect_around(box.center(), size * 0.3F, size * 0.3F), color);
    case PortUse::closing: {
      const std::array<Vec2, 3> half = {Vec2{box.x, box.y}, Vec2{box.right(), box.bottom()}, Vec2{box.x, box.bottom()}};
      return canvas.polygon(half, color);
    }
    case PortUse::bound:
      return canvas.stroke(box.inset(size * 0.2F), color, std::max(1.0F, size * 0.1F));
    case PortUse::several:
      canvas.fill(box, color);
      return canvas.fill(rect_around(box.center(), size * 0.36F, size * 0.36F), canvas.colors().background);
    default:
      return canvas.fill(box, color);
  }
}

Color range_color(const Palette& colors, std::uint16_t port) {
  if (port < first_user_port) return colors.again;
  return port < first_dynamic_port ? colors.accent : colors.rewrite;
}

Color range_tint(const Palette& colors, std::uint16_t port) {
  const float part = port < first_user_port ? 0.3F : port < first_dynamic_port ? 0.11F : 0.15F;
  return mix(colors.background, range_color(colors, port), part);
}

Color change_color(const Palette& colors, RowChange change) {
  switch (change) {
    case RowChange::added:
      return colors.ok;
    case RowChange::removed:
      return colors.drop;
    case RowChange::changed:
      return colors.rewrite;
    case RowChange::none:
      return colors.muted;
  }
  return colors.muted;
}

void draw_change_ring(const Canvas& canvas, const Rect& cell, RowChange change) {
  const float size = std::max(std::min(cell.w, cell.h), canvas.px(7)) + canvas.px(6);
  const Rect ring = rect_around(cell.center(), std::max(size, cell.w), size);
  canvas.stroke(ring, change_color(canvas.colors(), change), std::max(1.5F, canvas.px(1.5F)), canvas.px(3));
}

namespace {

struct LegendEntry {
  std::string_view words;
  PortUse use = PortUse::free;
  RowChange change = RowChange::none;
};

std::vector<LegendEntry> legend_entries(Protocol protocol) {
  std::vector<LegendEntry> entries;
  for (const PortUse use : {PortUse::waiting, PortUse::connected, PortUse::closing, PortUse::bound, PortUse::several}) {
    // A UDP socket is neither closing nor held without being open.
    if (protocol == Protocol::udp && (use == PortUse::closing || use == PortUse::bound)) continue;
    entries.push_back({words_of(use, protocol), use, RowChange::none});
  }
  entries.push_back({"taken now", PortUse::free, RowChange::added});
  entries.push_back({"changed now", PortUse::free, RowChange::changed});
  entries.push_back({"freed now", PortUse::free, RowChange::removed});
  return entries;
}

// Calls `place` with each entry and where it begins; returns the number of lines.
template <class Place>
int lay_out_legend(const Canvas& canvas, float room, Protocol protocol, Place place) {
  Vec2 at;
  int lines = 1;
  for (const LegendEntry& entry : legend_entries(protocol)) {
    const float width = canvas.px(36) + text_width(canvas, style::label, entry.words);
    if (at.x > 0 && at.x + width > room + canvas.px(18)) {
      at = {0, at.y + canvas.px(legend_line)};
      ++lines;
    }
    place(entry, at);
    at.x += width;
  }
  return lines;
}

}  // namespace

int port_legend_lines(const Canvas& canvas, float room, Protocol protocol) {
  return lay_out_legend(canvas, room, protocol, [](const LegendEntry&, Vec2) {});
}

void draw_port_legend(const Canvas& canvas, const Rect& r, Protocol protocol) {
  const Palette& colors = canvas.colors();
  lay_out_legend(canvas, r.w, protocol, [&](const LegendEntry& entry, Vec2 at) {
    const Vec2 middle{r.x + at.x + canvas.px(6), r.y + at.y + canvas.px(legend_line / 2)};
    const Rect box = rect_around(middle, canvas.px(11), canvas.px(11));
    if (entry.change == RowChange::none) draw_port_mark(canvas, box, entry.use);
    if (entry.change != RowChange::none)
      canvas.stroke(box, change_color(colors, entry.change), canvas.px(1.5F), canvas.px(3));
    draw_text(canvas, {box.right() + canvas.px(7), baseline_for_middle(canvas, TextSize::small, middle.y)},
              style::label, colors.muted, entry.words);
  });
}

}  // namespace fourtuple::viz
