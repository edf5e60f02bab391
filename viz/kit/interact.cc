#include "viz/kit/interact.h"

#include <algorithm>

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

}  // namespace

bool Focus::handle(const InputEvent& event) {
  if (event.kind != InputKind::key_down || event.mods.ctrl || event.mods.alt) return false;
  if (event.key == Key::tab) {
    if (order_.empty()) return false;
    const auto at = std::find(order_.begin(), order_.end(), current_);
    if (at == order_.end()) {
      current_ = event.mods.shift ? order_.back() : order_.front();
    } else if (event.mods.shift) {
      current_ = at == order_.begin() ? order_.back() : *(at - 1);
    } else {
      current_ = at + 1 == order_.end() ? order_.front() : *(at + 1);
    }
    return true;
  }
  if (current_ == 0) return false;
  if (event.key == Key::escape) {
    clear();
    return true;
  }
  if (event.key == Key::enter || event.key == Key::space) {
    press_ = true;
    return true;
  }
  const bool arrow = event.key == Key::left || event.key == Key::right;
  if (arrow && !event.mods.shift && std::find(steppers_.begin(), steppers_.end(), current_) != steppers_.end()) {
    step_ += event.key == Key::right ? 1 : -1;
    return true;
  }
  return false;
}

void Focus::begin_frame() {
  // A control that vanished gives the focus back, so that keys never go to something invisible.
  if (current_ != 0 && !order_.empty() && std::find(order_.begin(), order_.end(), current_) == order_.end()) {
    current_ = 0;
    press_ = false;
    step_ = 0;
  }
  order_.clear();
  steppers_.clear();
}

bool Focus::announce(unsigned id, bool takes_arrows) {
  order_.push_back(id);
  if (takes_arrows) steppers_.push_back(id);
  return current_ == id;
}

bool Focus::pressed(unsigned id) {
  if (current_ != id || !press_) return false;
  press_ = false;
  return true;
}

int Focus::steps(unsigned id) {
  if (current_ != id) return 0;
  const int taken = step_;
  step_ = 0;
  return taken;
}

Touch touch(const Ui& ui, std::string_view id, const Rect& r, TouchOptions options) {
  Touch result;
  if (r.w < 1 || r.h < 1) return result;
  const ImVec2 cursor = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos(im(r.min()));
  ImGui::PushID(id.data(), id.data() + id.size());
  const ImGuiID number = ImGui::GetID("touch");
  const bool clicked = ImGui::InvisibleButton("touch", {r.w, r.h});
  if (options.enabled) {
    result.hovered = ImGui::IsItemHovered();
    result.held = ImGui::IsItemActive();
    result.clicked = clicked;
    result.double_clicked = result.hovered && ImGui::IsMouseDoubleClicked(0);
    if (options.focusable && ui.focus != nullptr) {
      result.focused = ui.focus->announce(number, options.takes_arrows);
      result.steps = ui.focus->steps(number);
      result.clicked = ui.focus->pressed(number) || result.clicked;
    }
    result.glow = hover_glow(ui, number, result.hovered);
  }
  ImGui::PopID();
  ImGui::SetCursorScreenPos(cursor);
  return result;
}

void draw_focus(const Canvas& canvas, const Rect& r, float radius) {
  canvas.stroke(r.inset(-canvas.px(3) - canvas.px(2)), canvas.colors().accent, canvas.px(2), radius + canvas.px(4));
}

void show_tooltip(const Ui& ui, std::string_view title, std::string_view detail) {
  const Canvas canvas{ImGui::GetForegroundDrawList(), ui.canvas.theme, 1};
  const Palette& colors = canvas.colors();
  const float width =
      std::max(text_width(canvas, style::label_medium, title), text_width(canvas, style::label, detail));
  const float pad = canvas.px(12);
  Rect box{0, 0, std::ceil(width) + 2 * pad, canvas.px(detail.empty() ? 32 : 52)};
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  const Vec2 mouse = from_im(ImGui::GetIO().MousePos);
  box.x = std::clamp(mouse.x + canvas.px(14), 0.0F, std::max(screen.x - box.w, 0.0F));
  box.y = mouse.y + canvas.px(18);
  if (box.bottom() > screen.y) box.y = mouse.y - canvas.px(10) - box.h;
  canvas.fill(box, colors.raised, canvas.px(8));
  canvas.stroke(box, colors.link, std::max(1.0F, canvas.px(1)), canvas.px(8));
  const Rect first{box.x + pad, box.y, box.w, canvas.px(32)};
  draw_text(canvas, {first.x, baseline_for_middle(canvas, TextSize::small, first.center().y)}, style::label_medium,
            colors.text, title);
  draw_text(canvas, {first.x, baseline_for_middle(canvas, TextSize::small, box.y + canvas.px(35))}, style::label,
            colors.muted, detail);
}

}  // namespace fourtuple::viz
