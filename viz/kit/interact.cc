#include "viz/kit/interact.h"

#include <algorithm>
#include <cmath>
#include <imgui_internal.h>
#include <utility>

#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

constexpr float hover_seconds = 0.15F;

float ease(float t) {
  return t * t * (3 - 2 * t);
}

float hover_glow(const Ui& ui, ImGuiID id, bool hovered) {
  float& value = *ImGui::GetStateStorage()->GetFloatRef(id, 0);
  const float goal = hovered ? 1 : 0;
  if (value == goal) return goal;
  if (ui.canvas.theme->choice().reduced_motion) {
    value = goal;
    return goal;
  }
  const float step = ImGui::GetIO().DeltaTime / hover_seconds;
  value = hovered ? std::min(value + step, 1.0F) : std::max(value - step, 0.0F);
  if (ui.animating != nullptr) *ui.animating = true;
  return ease(value);
}

// How far `to` is that way, what lies straight ahead first; negative: it does not lie that way. Sideways only what
// stands in the same line counts.
float distance_towards(const Rect& from, const Rect& to, Vec2 direction) {
  const bool sideways = direction.x != 0;
  const Vec2 way = to.center() - from.center();
  const float ahead = sideways ? way.x * direction.x : way.y * direction.y;
  const float size = sideways ? (from.w + to.w) / 2 : (from.h + to.h) / 2;
  if (ahead < std::min(size, sideways ? from.w : from.h) / 2) return -1;
  const float aside = std::abs(sideways ? way.y : way.x);
  const float overlap = (sideways ? from.h + to.h : from.w + to.w) / 2 - aside;
  if (sideways && overlap <= 0) return -1;
  return std::max(ahead - size, 0.0F) + aside / 8 + (overlap > 0 ? 0 : -2 * overlap);
}

}  // namespace

bool Focus::handle_tab(bool backward) {
  if (order_.empty()) return false;
  const auto at = std::find_if(order_.begin(), order_.end(), [&](const Control& c) { return c.id == current_; });
  const std::size_t count = order_.size(), index = static_cast<std::size_t>(at - order_.begin());
  if (index == count) {
    place(backward ? order_.back().id : order_.front().id);
  } else {
    place(order_[(index + (backward ? count - 1 : 1)) % count].id);
  }
  return true;
}

bool Focus::handle_step(const InputEvent& event) {
  const auto at = std::find_if(order_.begin(), order_.end(), [&](const Control& c) { return c.id == current_; });
  const FocusKeys keys = at == order_.end() ? FocusKeys::press : at->keys;
  if (keys == FocusKeys::press || event.mods.shift) return keys == FocusKeys::text;
  const bool sideways = keys != FocusKeys::text, upright = keys != FocusKeys::sideways;
  const bool paged = keys == FocusKeys::grid;
  const auto step = [](bool taken, int& counter, int by) {
    if (taken) counter += by;
    return taken;
  };
  switch (event.key) {
    case Key::left:
    case Key::right:
      return step(sideways, steps_.x, event.key == Key::right ? 1 : -1) || keys == FocusKeys::text;
    case Key::up:
    case Key::down:
      return step(upright, steps_.y, event.key == Key::down ? 1 : -1);
    case Key::page_up:
    case Key::page_down:
      return step(paged, steps_.pages, event.key == Key::page_down ? 1 : -1);
    case Key::home:
    case Key::end:
      if (paged) steps_.ends = event.key == Key::end ? 1 : -1;
      return paged || keys == FocusKeys::text;
    default:
      return keys == FocusKeys::text;
  }
}

bool Focus::handle(const InputEvent& event) {
  if (event.kind != InputKind::key_down || event.mods.ctrl || event.mods.alt) return false;
  if (event.key == Key::tab) return handle_tab(event.mods.shift);
  if (current_ == 0) return false;
  if (event.key == Key::escape) {
    clear();
    return true;
  }
  if (handle_step(event) && event.key != Key::enter) return true;
  if (event.key == Key::enter || event.key == Key::space) {
    press_ = true;
    return true;
  }
  return false;
}

void Focus::begin_frame() {
  // A control that vanished gives the focus back, so that keys never go to something invisible.
  const auto is_current = [&](const Control& control) { return control.id == current_; };
  if (current_ != 0 && !order_.empty() && std::none_of(order_.begin(), order_.end(), is_current)) place(0);
  order_.clear();
}

std::optional<FocusKeys> Focus::keys() const {
  const auto at = std::find_if(order_.begin(), order_.end(), [&](const Control& c) { return c.id == current_; });
  return at == order_.end() ? std::nullopt : std::optional(at->keys);
}

bool Focus::go(Vec2 direction) {
  const auto at = std::find_if(order_.begin(), order_.end(), [&](const Control& c) { return c.id == current_; });
  if (at == order_.end()) return false;
  for (const bool same_group : {true, false}) {
    const Control* best = nullptr;
    float least = 0;
    for (const Control& control : order_) {
      if (control.place.r.empty() || (control.place.group == at->place.group) != same_group) continue;
      if (!same_group && !control.place.visible) continue;
      const float distance = distance_towards(at->place.r, control.place.r, direction);
      if (distance < 0 || (best != nullptr && distance >= least)) continue;
      best = &control;
      least = distance;
    }
    if (best == nullptr) continue;
    place(best->id);
    return true;
  }
  return false;
}

bool Focus::announce(unsigned id, FocusKeys keys, const FocusPlace& place) {
  order_.push_back({id, keys, place});
  return current_ == id;
}

bool Focus::pressed(unsigned id) {
  if (current_ != id || !press_) return false;
  press_ = false;
  return true;
}

FocusSteps Focus::steps(unsigned id) {
  return current_ == id ? std::exchange(steps_, {}) : FocusSteps{};
}

FocusPlace place_of(const Rect& r) {
  return {r, ImGui::GetCurrentWindowRead()->ID, ImGui::IsRectVisible(im(r.min()), im(r.max()))};
}

Touch touch(const Ui& ui, std::string_view id, const Rect& r, TouchOptions options) {
  Touch result;
  if (r.w < 1 || r.h < 1) return result;
  const ImVec2 cursor = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos(im(r.min()));
  ImGui::PushID(id.data(), id.data() + id.size());
  const ImGuiID number = ImGui::GetID("touch");
  result.id = number;
  const bool clicked = ImGui::InvisibleButton("touch", {r.w, r.h});
  if (options.enabled) {
    result.hovered = ImGui::IsItemHovered();
    result.held = ImGui::IsItemActive();
    result.clicked = clicked;
    result.double_clicked = result.hovered && ImGui::IsMouseDoubleClicked(0);
    if (options.focusable && ui.focus != nullptr) {
      result.focused = ui.focus->announce(number, options.keys, place_of(r));
      result.steps = ui.focus->steps(number);
      result.clicked = ui.focus->pressed(number) || result.clicked;
    }
    result.glow = hover_glow(ui, number, result.hovered);
  }
  ImGui::PopID();
  ImGui::SetCursorScreenPos(cursor);
  return result;
}

Touch focus_stop(const Ui& ui, std::string_view id, FocusKeys keys) {
  Touch result;
  result.id = ImGui::GetID(id.data(), id.data() + id.size());
  if (ui.focus == nullptr) return result;
  result.focused = ui.focus->announce(result.id, keys);
  result.steps = ui.focus->steps(result.id);
  result.clicked = ui.focus->pressed(result.id);
  return result;
}

void draw_focus(const Canvas& canvas, const Rect& r, float radius) {
  canvas.stroke(r.inset(-canvas.px(3) - canvas.px(2)), canvas.colors().accent, canvas.px(2), radius + canvas.px(4));
}

void show_tooltip(const Ui& ui, std::string_view title, std::string_view detail) {
  const Vec2 mouse = from_im(ImGui::GetIO().MousePos);
  const float reach = ui.canvas.px(14);
  show_tooltip_below(ui, {mouse.x + reach, mouse.y - ui.canvas.px(6), reach, ui.canvas.px(20)}, title, detail);
}

void show_tooltip_below(const Ui& ui, const Rect& thing, std::string_view title, std::string_view detail) {
  const Canvas canvas{ImGui::GetForegroundDrawList(), ui.canvas.theme, 1};
  const Palette& colors = canvas.colors();
  const float pad = canvas.px(12), line = line_height(canvas, TextSize::small);
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  const float most = std::max(std::min(canvas.px(400), screen.x - 2 * pad), canvas.px(40));
  const std::vector<std::string_view> lines = wrap_text(canvas, style::label, detail, most);
  float width = std::min(text_width(canvas, style::label_medium, title), most);
  for (const std::string_view words : lines) width = std::max(width, text_width(canvas, style::label, words));
  const float rows = detail.empty() ? 0 : static_cast<float>(lines.size());
  Rect box{0, 0, std::ceil(width) + 2 * pad, canvas.px(32) + rows * line + (rows > 0 ? canvas.px(4) : 0)};
  box.x = clamped(thing.x, 0.0F, std::max(screen.x - box.w, 0.0F));
  box.y = thing.bottom() + canvas.px(4);
  if (box.bottom() > screen.y) box.y = std::max(thing.y - canvas.px(4) - box.h, 0.0F);
  canvas.fill(box, colors.raised, canvas.px(8));
  canvas.stroke(box, colors.link, std::max(1.0F, canvas.px(1)), canvas.px(8));
  const Rect first{box.x + pad, box.y, box.w - 2 * pad, canvas.px(32)};
  draw_text_in(canvas, first, style::label_medium, colors.text, title);
  if (rows > 0)
    draw_paragraph(canvas, {first.x, box.y + canvas.px(28), width + 1, rows * line}, style::label, colors.muted,
                   detail);
}

}  // namespace fourtuple::viz
