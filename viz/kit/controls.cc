#include "viz/kit/controls.h"

#include <string>

#include "viz/kit/marks.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

// hover: one step lighter; pressed: one step darker.
Color body_color(const Palette& colors, Color rest, const Touch& state) {
  const Color lighter = mix(rest, colors.dark ? rgb(0xffffff) : rgb(0x1b2430), 0.07F);
  const Color darker = mix(rest, rgb(0x000000), 0.12F);
  return state.held ? darker : mix(rest, lighter, state.glow);
}

std::string part_id(std::string_view id, std::size_t index) {
  return std::string(id).append("/").append(std::to_string(index));
}

}  // namespace

float button_width(const Canvas& canvas, const Button& button) {
  float width = text_width(canvas, style::name, button.label) + canvas.px(24);
  if (!button.key.empty()) {
    width += std::max(canvas.px(18), text_width(canvas, style::number, button.key) + canvas.px(10)) + canvas.px(8);
  }
  return std::ceil(width);
}

bool button(const Ui& ui, std::string_view id, const Rect& r, const Button& look) {
  const Touch state = touch(ui, id, r, {.enabled = look.enabled});
  const Canvas canvas = look.enabled ? ui.canvas : ui.canvas.disabled();
  const Palette& colors = canvas.colors();
  const bool primary = look.look == ButtonLook::primary;
  const float radius = canvas.px(7);
  const Color rest = primary ? colors.accent : colors.raised;
  if (look.look != ButtonLook::quiet || state.hovered || state.held) {
    canvas.fill(r, body_color(colors, rest, state), radius);
  }
  if (state.glow > 0 && !primary) canvas.stroke(r, with_alpha(colors.link, state.glow), 1, radius);
  if (state.focused) draw_focus(canvas, r, radius);
  const float pad = canvas.px(12);
  float key_width = 0;
  if (!look.key.empty()) {
    key_width = std::max(canvas.px(18), text_width(canvas, style::number, look.key) + canvas.px(10));
    draw_keycap(canvas, {r.right() - canvas.px(10) - key_width, r.y + r.h / 2}, look.key, primary);
    key_width += canvas.px(8);
  }
  const Rect words{r.x + pad, r.y, r.w - 2 * pad - key_width, r.h};
  const Color ink = primary ? colors.accent_ink : colors.text;
  draw_text_in(canvas, words, style::name, ink, look.label, look.key.empty() ? Align::center : Align::left);
  return state.clicked;
}

bool icon_button(const Ui& ui, std::string_view id, const Rect& r, Icon icon, bool round_accent, bool enabled) {
  const Touch state = touch(ui, id, r, {.enabled = enabled});
  const Canvas canvas = enabled ? ui.canvas : ui.canvas.disabled();
  const Palette& colors = canvas.colors();
  const Color rest = round_accent ? colors.accent : colors.raised;
  const float radius = round_accent ? r.h / 2 : canvas.px(8);
  canvas.fill(r, body_color(colors, rest, state), radius);
  if (state.focused) draw_focus(canvas, r, radius);
  draw_icon(canvas, icon, r.center(), round_accent ? colors.accent_ink : colors.text);
  return state.clicked;
}

float segmented_width(const Canvas& canvas, std::span<const std::string_view> parts) {
  float width = canvas.px(4);
  for (const std::string_view part : parts) width += text_width(canvas, style::label_strong, part) + canvas.px(24);
  return width;
}

std::optional<std::size_t> segmented(const Ui& ui, std::string_view id, Vec2 left_middle,
                                     std::span<const std::string_view> parts, std::size_t chosen) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const Rect body{left_middle.x, left_middle.y - canvas.px(14), segmented_width(canvas, parts), canvas.px(28)};
  canvas.fill(body, colors.raised, canvas.px(7));
  std::optional<std::size_t> result;
  Rect rest = body.inset(canvas.px(2));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Rect part = rest.take_left(text_width(canvas, style::label_strong, parts[i]) + canvas.px(24));
    const Touch state = touch(ui, part_id(id, i), part);
    const bool on = i == chosen;
    if (on) canvas.fill(part, body_color(colors, colors.accent, state), canvas.px(5));
    if (!on && state.glow > 0) canvas.fill(part, with_alpha(colors.link, 0.4F * state.glow), canvas.px(5));
    if (state.focused) draw_focus(canvas, part, canvas.px(5));
    draw_text_in(canvas, part, on ? style::label_strong : style::label_medium, on ? colors.accent_ink : colors.muted,
                 parts[i], Align::center);
    if (state.clicked && !on) result = i;
  }
  return result;
}

Chosen choose_in(const Ui& ui, std::string_view id, Vec2 left_middle, std::span<const std::string_view> parts,
                 std::size_t chosen, float room) {
  const Canvas& canvas = ui.canvas;
  const float all = segmented_width(canvas, parts);
  if (all <= room) return {segmented(ui, id, left_middle, parts, chosen), all};
  if (parts.empty()) return {};
  const float size = canvas.px(28), gap = canvas.px(4);
  const Rect back{left_middle.x, left_middle.y - size / 2, size, size};
  const bool previous = icon_button(ui, part_id(id, 0), back, Icon::step_back, false, parts.size() > 1);
  const bool next =
      icon_button(ui, part_id(id, 1), back.moved(size + gap, 0), Icon::step_forward, false, parts.size() > 1);
  Chosen result;
  chosen = std::min(chosen, parts.size() - 1);
  if (previous || next) result.part = (chosen + (next ? 1 : parts.size() - 1)) % parts.size();
  result.width = 2 * (size + gap) + canvas.px(8);
  const Vec2 baseline{left_middle.x + result.width, baseline_for_middle(canvas, TextSize::normal, left_middle.y)};
  result.width += draw_text(canvas, baseline, style::heading, canvas.colors().text,
                            fit_text(canvas, style::heading, parts[chosen], std::max(room - result.width, 0.0F)));
  return result;
}

std::optional<std::size_t> tab_bar(const Ui& ui, std::string_view id, const Rect& r,
                                   std::span<const std::string_view> tabs, std::size_t chosen, float gap) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  std::optional<std::size_t> result;
  float x = r.x;
  const float reach = canvas.px(gap / 2 - 2);
  for (std::size_t i = 0; i < tabs.size(); ++i) {
    const bool on = i == chosen;
    const float width = text_width(canvas, on ? style::heading : style::name, tabs[i]);
    const Rect hit{x - reach, r.y, width + 2 * reach, r.h};
    const Touch state = touch(ui, part_id(id, i), hit);
    const Color ink = on ? colors.text : mix(colors.muted, colors.text, state.glow);
    draw_text(canvas, {x, baseline_for_middle(canvas, TextSize::normal, r.y + r.h / 2)},
              on ? style::heading : style::name, ink, tabs[i]);
    if (on) {
      const Rect bar{x - canvas.px(2), r.bottom() - canvas.px(3), width + canvas.px(4), canvas.px(3)};
      canvas.fill(bar, colors.accent, canvas.px(1.5F));
    }
    if (state.focused) draw_focus(canvas, hit.inset(canvas.px(4), canvas.px(12)), canvas.px(5));
    if (state.clicked && !on) result = i;
    x += width + canvas.px(gap);
  }
  return result;
}

std::optional<float> slider(const Ui& ui, std::string_view id, const Rect& r, float value) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const float knob = canvas.px(7), middle = r.y + r.h / 2;
  const Touch state = touch(ui, id, r.inset(-knob, 0), {.keys = FocusKeys::sideways});
  std::optional<float> result;
  if (state.held && r.w > 0) result = clamped((ImGui::GetIO().MousePos.x - r.x) / r.w, 0.0F, 1.0F);
  if (state.steps.x != 0) result = clamped(value + static_cast<float>(state.steps.x) / 20, 0.0F, 1.0F);
  const float shown = clamped(result.value_or(value), 0.0F, 1.0F);
  const float half = canvas.px(2);
  canvas.fill({r.x - half, middle - half, r.w + 2 * half, 2 * half}, colors.line, half);
  canvas.fill({r.x - half, middle - half, r.w * shown + 2 * half, 2 * half}, colors.accent, half);
  const Vec2 center{r.x + r.w * shown, middle};
  if (state.glow > 0) canvas.disc(center, knob + canvas.px(4), with_alpha(colors.accent, 0.2F * state.glow));
  canvas.disc(center, knob, colors.text);
  if (state.focused) draw_focus(canvas, rect_around(center, 2 * knob, 2 * knob), knob);
  return result;
}

bool toggle(const Ui& ui, std::string_view id, Vec2 left_middle, bool on) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const Rect body{left_middle.x, left_middle.y - canvas.px(8), canvas.px(28), canvas.px(16)};
  const Touch state = touch(ui, id, body.inset(-canvas.px(4)));
  canvas.fill(body, body_color(colors, on ? colors.accent : colors.link, state), canvas.px(8));
  const float x = on ? body.right() - canvas.px(8) : body.x + canvas.px(8);
  canvas.disc({x, left_middle.y}, canvas.px(6), on ? colors.accent_ink : colors.text);
  if (state.focused) draw_focus(canvas, body, canvas.px(8));
  return state.clicked;
}

}  // namespace fourtuple::viz
