#include "viz/kit/panel.h"

#include <algorithm>
#include <imgui_internal.h>
#include <imgui_stdlib.h>

#include "viz/kit/text.h"

namespace fourtuple::viz {

RootPanel::RootPanel(Theme& theme, Focus& focus) : theme_(theme), focus_(focus) {
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  area_ = {0, 0, size.x, size.y};
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(size);
  ImGui::Begin("root", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoBackground |
                   ImGuiWindowFlags_NoScrollWithMouse | ImGuiWindowFlags_NoNav);
  focus_.begin_frame();
}

RootPanel::~RootPanel() {
  ImGui::End();
}

ScrollArea::ScrollArea(const Ui& parent, const std::string& id, const Rect& r) : ui_(parent), outer_(r) {
  ImGui::SetCursorScreenPos(im(r.min()));
  ImGui::BeginChild(id.c_str(), {std::max(r.w, 1.0F), std::max(r.h, 1.0F)}, false, ImGuiWindowFlags_NoNav);
  ui_.canvas.list = ImGui::GetWindowDrawList();
  if (ui_.canvas.tape != nullptr) ui_.canvas.tape->begin_clip(r);
  content_ = {r.x, r.y - ImGui::GetScrollY(), r.w, r.h};
}

ScrollArea::~ScrollArea() {
  if (ui_.canvas.tape != nullptr) ui_.canvas.tape->end_clip();
  ImGui::SetCursorScreenPos({content_.x, content_.y});
  ImGui::Dummy({1, std::max(height_, 1.0F)});
  ImGui::EndChild();
}

ScrollArea::Rows ScrollArea::visible_rows(std::size_t count, float row_height) const {
  if (row_height <= 0) return {0, count};
  const float hidden = std::max(outer_.y - content_.y, 0.0F);
  const auto first = std::min(static_cast<std::size_t>(hidden / row_height), count);
  const auto shown = static_cast<std::size_t>(outer_.h / row_height) + 2;
  return {first, std::min(first + shown, count)};
}

void ScrollArea::scroll_to(float top, float height) {
  const float scrolled = outer_.y - content_.y;
  if (top < scrolled) ImGui::SetScrollY(top);
  if (top + height > scrolled + outer_.h) ImGui::SetScrollY(top + height - outer_.h);
}

void ScrollArea::scroll_by(float pixels) {
  if (pixels != 0) ImGui::SetScrollY(std::max(outer_.y - content_.y + pixels, 0.0F));
}

bool ScrollKeys::handle(const InputEvent& event) {
  constexpr float page = 12, all = 1e5F;
  if (event.kind != InputKind::key_down || event.mods.ctrl || event.mods.shift || event.mods.alt) return false;
  switch (event.key) {
    case Key::up:
    case Key::down:
      lines_ += event.key == Key::down ? 1.0F : -1.0F;
      return true;
    case Key::page_up:
    case Key::page_down:
      lines_ += event.key == Key::page_down ? page : -page;
      return true;
    case Key::home:
    case Key::end:
      lines_ = event.key == Key::end ? all : -all;
      return true;
    default:
      return false;
  }
}

void ScrollKeys::apply(ScrollArea& area, const Canvas& canvas) {
  constexpr float line = 24;  // design pixels
  area.scroll_by(std::exchange(lines_, 0.0F) * canvas.px(line));
}

namespace {

struct Typing {
  bool focused = false;     // our focus is on the field
  bool active = false;      // ImGui's is
  bool was_active = false;  // in the frame before
};

// A click into the field takes our focus along, a click elsewhere gives it back, Tab and Escape end the typing.
void follow_focus(Focus& focus, ImGuiID id, const Typing& typing) {
  if (typing.active && !typing.was_active && !typing.focused) focus.set(id);
  if (typing.active && typing.was_active && !typing.focused) ImGui::ClearActiveID();
  if (!typing.active && typing.was_active && typing.focused) focus.clear();
}

// While a field is typed in, ImGui keeps its text; a callback is the way to change it.
struct Replacement {
  const std::string text;
  bool* wanted = nullptr;
  std::size_t* caret = nullptr;
};

void move_caret(ImGuiInputTextCallbackData* data, const Replacement& replacement) {
  if (replacement.caret == nullptr || *replacement.caret == std::string::npos) return;
  data->CursorPos = static_cast<int>(std::min(*replacement.caret, static_cast<std::size_t>(data->BufTextLen)));
  data->ClearSelection();
  *replacement.caret = std::string::npos;
}

int replace_text(ImGuiInputTextCallbackData* data) {
  const auto* replacement = static_cast<const Replacement*>(data->UserData);
  if (replacement->wanted != nullptr && *replacement->wanted) {
    *replacement->wanted = false;
    data->DeleteChars(0, data->BufTextLen);
    data->InsertChars(0, replacement->text.c_str());
    data->ClearSelection();
  }
  move_caret(data, *replacement);
  return 0;
}

}  // namespace

bool text_input(const Ui& ui, const std::string& id, const Rect& r, std::string& text, const std::string& placeholder,
                bool focus_now, bool* replaced, std::size_t* caret) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(r, colors.background, canvas.px(7));
  ImFont* font = canvas.theme->fonts().at(Face::mono, TextSize::small);
  canvas.theme->fonts().want(text);
  const ImVec2 cursor = ImGui::GetCursorScreenPos();
  ImGui::PushFont(font);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {canvas.px(8), std::max((r.h - font->FontSize) / 2, 0.0F)});
  ImGui::SetCursorScreenPos(im(r.min()));
  ImGui::SetNextItemWidth(r.w);
  const std::string name = "##" + id;
  bool& was_active = *ImGui::GetStateStorage()->GetBoolRef(ImGui::GetID((name + "/active").c_str()));
  const ImGuiID number = ImGui::GetID(name.c_str());
  const bool focused = ui.focus != nullptr && ui.focus->announce(number, FocusKeys::text, place_of(r));
  if (focus_now || (focused && !was_active)) ImGui::SetKeyboardFocusHere();
  Replacement replacement{text, replaced, caret};
  const bool changed =
      ImGui::InputText(name.c_str(), &text, ImGuiInputTextFlags_CallbackAlways, replace_text, &replacement);
  const bool active = ImGui::IsItemActive();
  if (ui.focus != nullptr) follow_focus(*ui.focus, number, {focused, active, was_active});
  was_active = active;
  ImGui::PopStyleVar();
  ImGui::PopFont();
  ImGui::SetCursorScreenPos(cursor);
  if (text.empty() && !active) draw_text_in(canvas, r, style::number, colors.faint, placeholder, Align::left, 8);
  // ImGui draws the letters typed; the tape takes them from here.
  if (canvas.tape != nullptr && !text.empty()) {
    const Vec2 at{r.x + canvas.px(8), baseline_for_middle(canvas, TextSize::small, r.center().y)};
    const float em = canvas.px(em_of(TextSize::small)), width = text_width(canvas, style::number, text);
    canvas.tape->text(at, text, {Face::mono, em, width, canvas.tint(colors.text)});
  }
  canvas.stroke(r, active ? colors.accent : colors.line, std::max(1.0F, canvas.px(1)), canvas.px(7));
  return changed;
}

}  // namespace fourtuple::viz
