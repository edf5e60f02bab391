#include "viz/kit/capsule.h"

#include <array>
#include <string>

#include "viz/kit/strokes.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

constexpr float side_padding = 10;
constexpr float badge_room = 14;  // the badge sits in the round end, so it costs less than its width
constexpr float udp_radius = 5;

float radius_of(const Canvas& canvas, const CapsuleLook& look, float height) {
  return look.shape == PacketShape::udp ? canvas.px(udp_radius) : height / 2;
}

std::array<Vec2, 4> diamond(Vec2 at, float half) {
  return {Vec2{at.x, at.y - half}, Vec2{at.x + half, at.y}, Vec2{at.x, at.y + half}, Vec2{at.x - half, at.y}};
}

void draw_diamond(const Canvas& canvas, Vec2 at, const CapsuleLook& look, Color fill) {
  const Palette& colors = canvas.colors();
  const float half = canvas.px(look.height) / 2;
  canvas.polygon(diamond(at, half + canvas.px(4)), with_alpha(colors.background, 0.85F));
  if (look.selected) canvas.polyline(diamond(at, half + canvas.px(5)), colors.outline, canvas.px(2), true);
  if (look.ring) canvas.polyline(diamond(at, half + canvas.px(4.5F)), colors.again, canvas.px(2), true);
  if (look.inferred || look.future) {
    const auto corners = diamond(at, half);
    const std::array closed = {corners[0], corners[1], corners[2], corners[3], corners[0]};
    dashed_polyline(canvas, closed, look.future ? colors.muted : fill, canvas.px(1.5F));
  } else {
    canvas.polygon(diamond(at, half), fill);
  }
  if (look.text.empty()) return;
  const float x = at.x + half + canvas.px(8);
  draw_text(canvas, {x, baseline_for_middle(canvas, TextSize::small, at.y)}, style::number_strong, colors.text,
            look.text);
}

void draw_badge(const Canvas& canvas, Vec2 center, char letter, Color disc, Color ink) {
  canvas.disc(center, canvas.px(8.5F), disc);
  draw_text(canvas, {center.x, baseline_for_middle(canvas, TextSize::small, center.y)}, style::label_strong, ink,
            std::string(1, letter), Align::center);
}

void draw_nat_mark(const Canvas& canvas, const Rect& body) {
  const Palette& colors = canvas.colors();
  const float width = text_width(canvas, style::label_strong, "NAT") + canvas.px(8), height = canvas.px(15);
  const Rect mark{std::round(body.right() - width + canvas.px(8)), std::round(body.y - height + canvas.px(3)), width,
                  height};
  canvas.fill(mark.inset(-canvas.px(1.5F)), colors.background, canvas.px(6));
  canvas.stroke(mark, colors.rewrite, canvas.px(1.5F), canvas.px(5));
  draw_text_in(canvas, mark, style::label_strong, colors.rewrite, "NAT", Align::center);
}

}  // namespace

Vec2 capsule_size(const Canvas& canvas, const CapsuleLook& look) {
  const float height = canvas.px(look.height);
  if (look.shape == PacketShape::icmp) return {height, height};
  const float text = look.text.empty() ? 0 : text_width(canvas, style::number_strong, look.text);
  const float badge = look.badge != 0 ? canvas.px(badge_room) : 0;
  return {std::max(text + canvas.px(2 * side_padding) + badge, height), height};
}

Rect draw_capsule(const Canvas& canvas, Vec2 at, const CapsuleLook& look) {
  const Palette& colors = canvas.colors();
  const Color fill = flow_color(look.flow);
  const Vec2 size = capsule_size(canvas, look);
  const Rect body = rect_around(at, size.x, size.y);
  if (look.shape == PacketShape::icmp) {
    draw_diamond(canvas, at, look, fill);
    return body;
  }
  const float radius = radius_of(canvas, look, size.y);
  const float gap = canvas.px(3);
  const bool hollow = look.inferred || look.future;
  const Color ground = with_alpha(colors.background, 0.85F);
  if (hollow) {
    canvas.fill(body.inset(-gap), ground, radius + gap);
  } else {
    // Below a filled body nothing shows: a thousand capsules are drawn faster without it.
    canvas.stroke(body.inset(-gap), ground, gap + canvas.px(1), radius + gap);
  }
  if (look.selected) {
    canvas.fill(body.inset(-canvas.px(7)), with_alpha(colors.outline, 0.10F), radius + canvas.px(7));
    canvas.stroke(body.inset(-canvas.px(5)), colors.outline, canvas.px(2), radius + canvas.px(5));
  }
  if (look.ring) canvas.stroke(body.inset(-canvas.px(4.5F)), colors.again, canvas.px(2), radius + canvas.px(4.5F));
  const Color outline = look.future ? colors.muted : fill;
  if (hollow) {
    dashed_rect(canvas, body, outline, canvas.px(1.5F), radius);
  } else {
    canvas.fill(body, fill, radius);
  }
  Rect inside = body.inset(canvas.px(side_padding), 0);
  if (look.badge != 0) {
    const float middle = look.shape == PacketShape::tcp ? size.y / 2 : canvas.px(12);
    const Vec2 center{body.x + middle, at.y};
    draw_badge(canvas, center, look.badge, hollow ? outline : flow_ink(look.flow), hollow ? colors.background : fill);
    inside.take_left(canvas.px(badge_room));
  }
  const Color ink = look.future ? colors.muted : look.inferred ? colors.text : flow_ink(look.flow);
  draw_text(canvas, {inside.x, baseline_for_middle(canvas, TextSize::small, at.y)}, style::number_strong, ink,
            look.text);
  if (look.rewritten && !look.future) draw_nat_mark(canvas, body);
  return body;
}

void draw_flow_sign(const Canvas& canvas, Vec2 at, PacketShape shape, Color color) {
  if (shape == PacketShape::icmp) {
    canvas.polygon(diamond(at, canvas.px(6)), color);
  } else if (shape == PacketShape::udp) {
    canvas.fill(rect_around(at, canvas.px(10), canvas.px(10)), color, canvas.px(3));
  } else {
    canvas.fill(rect_around(at, canvas.px(16), canvas.px(10)), color, canvas.px(5));
  }
}

}  // namespace fourtuple::viz
