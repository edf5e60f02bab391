#include "viz/kit/marks.h"

#include <array>

#include "viz/kit/host_card.h"
#include "viz/kit/icons.h"
#include "viz/kit/strokes.h"

namespace fourtuple::viz {
namespace {

constexpr float callout_padding = 14, callout_title = 22;
constexpr float arrow_room = 24;

float line_step(const CalloutLine& line) {
  const bool normal = !line.runs.empty() && line.runs.front().style.size != TextSize::small;
  return normal ? 22 : 19;
}

float line_width(const Canvas& canvas, const CalloutLine& line) {
  float width = line.arrow_before ? canvas.px(arrow_room) : 0;
  for (const TextRun& run : line.runs) width += text_width(canvas, run.style, run.text);
  return width;
}

}  // namespace

void draw_drop_disc(const Canvas& canvas, Vec2 at, int count) {
  const Palette& colors = canvas.colors();
  canvas.disc(at, canvas.px(11), colors.background);
  canvas.disc(at, canvas.px(10), colors.drop);
  draw_icon(canvas, Icon::cross, at, colors.background, 21);
  if (count > 1) {
    // On the disc's own edge: beside it other words may stand.
    const std::string words = std::to_string(count);
    const float width = std::max(text_width(canvas, style::number_strong, words) + canvas.px(8), canvas.px(16));
    const Rect badge{at.x + canvas.px(3), at.y + canvas.px(2), width, canvas.px(16)};
    canvas.fill(badge, colors.background, canvas.px(8));
    canvas.stroke(badge, colors.drop, canvas.px(1.5F), canvas.px(8));
    draw_text_in(canvas, badge, style::number_strong, colors.drop, words, Align::center);
  }
}

Vec2 callout_size(const Canvas& canvas, const Callout& callout) {
  float width = text_width(canvas, style::label_strong, callout.title);
  float height = callout_title + 12;
  for (const CalloutLine& line : callout.lines) {
    width = std::max(width, line_width(canvas, line));
    height += line_step(line);
  }
  return {std::ceil(width) + canvas.px(2 * callout_padding), canvas.px(height)};
}

void draw_callout(const Canvas& canvas, const Rect& r, const Callout& callout) {
  draw_card(canvas, r, callout.color);
  const float x = r.x + canvas.px(callout_padding);
  float y = r.y + canvas.px(callout_title);
  draw_text(canvas, {x, y}, style::label_strong, callout.color, callout.title);
  for (const CalloutLine& line : callout.lines) {
    y += canvas.px(line_step(line));
    float at = x;
    if (line.arrow_before) {
      draw_icon(canvas, Icon::arrow_right, {at + canvas.px(7), y - canvas.px(4)}, callout.color);
      at += canvas.px(arrow_room);
    }
    bool first = true;
    for (const TextRun& run : line.runs) {
      at += first && line.strike != 0 ? draw_struck(canvas, {at, y}, run.style, run.color, line.strike, run.text)
                                      : draw_text(canvas, {at, y}, run.style, run.color, run.text);
      first = false;
    }
  }
}

void draw_leader(const Canvas& canvas, const Rect& callout, Vec2 to, Color color) {
  const Vec2 from{clamped(to.x, callout.x + canvas.px(8), callout.right() - canvas.px(8)),
                  to.y < callout.y          ? callout.y
                  : to.y > callout.bottom() ? callout.bottom()
                                            : callout.y + callout.h / 2};
  const bool beside = to.y >= callout.y && to.y <= callout.bottom();
  const Vec2 start = beside ? Vec2{to.x < callout.x ? callout.x : callout.right(),
                                   clamped(to.y, callout.y + canvas.px(8), callout.bottom() - canvas.px(8))}
                            : from;
  canvas.line(start, to, color, canvas.px(1.5F));
}

float draw_rewrite(const Canvas& canvas, Vec2 at, std::string_view before, std::string_view after) {
  const Palette& colors = canvas.colors();
  const float start = at.x;
  at.x += draw_struck(canvas, at, style::number, colors.muted, colors.rewrite, before) + canvas.px(8);
  draw_icon(canvas, Icon::arrow_right, {at.x + canvas.px(7), at.y - canvas.px(4)}, colors.rewrite);
  at.x += canvas.px(22);
  at.x += draw_text(canvas, at, style::number_strong, colors.rewrite, after);
  return at.x - start;
}

Rect draw_pill(const Canvas& canvas, Vec2 left_middle, std::string_view text, Color color, PillLook look, Align align) {
  const Palette& colors = canvas.colors();
  const float width = text_width(canvas, style::label_medium, text) + canvas.px(16), height = canvas.px(20);
  const float x = align == Align::right ? left_middle.x - width : left_middle.x;
  const Rect pill{std::round(x), std::round(left_middle.y - height / 2), width, height};
  switch (look) {
    case PillLook::plain:
      canvas.fill(pill, colors.raised, height / 2);
      break;
    case PillLook::tinted:
      canvas.fill(pill, with_alpha(color, 0.18F), height / 2);
      break;
    case PillLook::dashed:
      dashed_rect(canvas, pill, colors.faint, std::max(1.0F, canvas.px(1)), height / 2);
      break;
  }
  draw_text_in(canvas, pill, style::label_medium, color, text, Align::center);
  return pill;
}

float keycap_width(const Canvas& canvas, std::string_view key) {
  return std::round(std::max(canvas.px(18), text_width(canvas, style::number, key) + canvas.px(10)));
}

Rect draw_keycap(const Canvas& canvas, Vec2 left_middle, std::string_view key, bool on_accent) {
  const Palette& colors = canvas.colors();
  const float side = canvas.px(18);
  const Rect cap{std::round(left_middle.x), std::round(left_middle.y - side / 2), keycap_width(canvas, key), side};
  canvas.fill(cap, on_accent ? with_alpha(colors.accent_ink, 0.18F) : colors.background, canvas.px(4));
  draw_text_in(canvas, cap, style::number, on_accent ? colors.accent_ink : colors.muted, key, Align::center);
  return cap;
}

Rect draw_moment(const Canvas& canvas, Vec2 left_middle, std::string_view time, bool here, bool hovered) {
  const Palette& colors = canvas.colors();
  const float width = text_width(canvas, style::number, time) + canvas.px(30), height = canvas.px(22);
  const Rect body{std::round(left_middle.x), std::round(left_middle.y - height / 2), width, height};
  canvas.fill(body, with_alpha(colors.accent, here || hovered ? 0.22F : 0.10F), canvas.px(6));
  draw_icon(canvas, Icon::clock, {body.x + canvas.px(12), left_middle.y}, colors.accent);
  draw_text(canvas, {body.x + canvas.px(22), baseline_for_middle(canvas, TextSize::small, left_middle.y)},
            style::number, colors.accent, time);
  return body;
}

void draw_timer_bar(const Canvas& canvas, const Rect& r, float fraction, bool hatched) {
  const Palette& colors = canvas.colors();
  const float radius = r.h / 2;
  canvas.fill(r, colors.raised, radius);
  if (hatched) {
    hatch(canvas, r, colors.link, 4);
    return;
  }
  const float width = r.w * clamped(fraction, 0.0F, 1.0F);
  if (width > 0) canvas.fill({r.x, r.y, std::max(width, r.h), r.h}, colors.accent, radius);
}

void draw_book_note(const Canvas& canvas, const Rect& r, std::string_view book, std::string_view linux,
                    std::string_view book_title, std::string_view linux_title) {
  const Palette& colors = canvas.colors();
  canvas.fill(r, colors.raised, canvas.px(8));
  const float half = r.w / 2, pad = canvas.px(16);
  canvas.vline(r.x + half, r.y + pad * 0.75F, r.bottom() - pad * 0.75F, colors.line);
  const auto side = [&](float x, std::string_view title, Color title_color, std::string_view text, Color ink) {
    const float middle = r.y + canvas.px(18);
    draw_text(canvas, {x, baseline_for_middle(canvas, TextSize::small, middle)}, style::label_strong, title_color,
              title);
    draw_paragraph(canvas, {x, r.y + canvas.px(27), half - 2 * pad, r.h}, style::label, ink, text, 3);
  };
  side(r.x + pad, book_title, colors.muted, book, colors.muted);
  side(r.x + half + pad, linux_title, colors.accent, linux, colors.text);
}

}  // namespace fourtuple::viz
