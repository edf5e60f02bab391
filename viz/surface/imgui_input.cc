#include "viz/surface/imgui_input.h"

#include <algorithm>
#include <array>
#include <imgui.h>
#include <utility>

namespace fourtuple::viz {
namespace {

constexpr std::array<std::pair<ImGuiKey_, Key>, 21> imgui_keys = {{
    {ImGuiKey_Tab, Key::tab},
    {ImGuiKey_LeftArrow, Key::left},
    {ImGuiKey_RightArrow, Key::right},
    {ImGuiKey_UpArrow, Key::up},
    {ImGuiKey_DownArrow, Key::down},
    {ImGuiKey_PageUp, Key::page_up},
    {ImGuiKey_PageDown, Key::page_down},
    {ImGuiKey_Home, Key::home},
    {ImGuiKey_End, Key::end},
    {ImGuiKey_Insert, Key::insert},
    {ImGuiKey_Delete, Key::del},
    {ImGuiKey_Backspace, Key::backspace},
    {ImGuiKey_Space, Key::space},
    {ImGuiKey_Enter, Key::enter},
    {ImGuiKey_Escape, Key::escape},
    {ImGuiKey_A, Key::a},
    {ImGuiKey_C, Key::c},
    {ImGuiKey_V, Key::v},
    {ImGuiKey_X, Key::x},
    {ImGuiKey_Y, Key::y},
    {ImGuiKey_Z, Key::z},
}};

void give_key(ImGuiIO& io, const InputEvent& event, bool down) {
#if IMGUI_VERSION_NUM >= 18700
  io.AddKeyEvent(ImGuiMod_Ctrl, event.mods.ctrl);
  io.AddKeyEvent(ImGuiMod_Shift, event.mods.shift);
  io.AddKeyEvent(ImGuiMod_Alt, event.mods.alt);
  for (const auto& [imgui_key, key] : imgui_keys) {
    if (key == event.key) io.AddKeyEvent(imgui_key, down);
  }
#else
  io.KeyCtrl = event.mods.ctrl;
  io.KeyShift = event.mods.shift;
  io.KeyAlt = event.mods.alt;
  io.KeysDown[static_cast<std::size_t>(event.key)] = down;
#endif
}

void give_mouse(ImGuiIO& io, const InputEvent& event) {
  const auto button = static_cast<int>(event.button);
  const bool down = event.kind == InputKind::mouse_down;
#if IMGUI_VERSION_NUM >= 18700
  io.AddMousePosEvent(event.x, event.y);
  if (event.kind != InputKind::mouse_move) io.AddMouseButtonEvent(button, down);
#else
  io.MousePos = ImVec2(event.x, event.y);
  if (event.kind != InputKind::mouse_move) io.MouseDown[button] = down;
#endif
}

void release_shortcut_modifiers(ImGuiIO& io) {
#if IMGUI_VERSION_NUM >= 18700
  io.AddKeyEvent(ImGuiMod_Ctrl, false);
  io.AddKeyEvent(ImGuiMod_Alt, false);
#else
  io.KeyCtrl = io.KeyAlt = false;
#endif
}

void give(ImGuiIO& io, const InputEvent& event) {
  switch (event.kind) {
    case InputKind::key_down:
    case InputKind::key_up:
      give_key(io, event, event.kind == InputKind::key_down);
      break;
    case InputKind::text:
      // Text means no shortcut is being held. X11 reports a modifier as still down in its own release, so it is let go
      // here; otherwise what is typed after Ctrl+O would count as shortcuts.
      release_shortcut_modifiers(io);
      io.AddInputCharactersUTF8(event.text.c_str());
      break;
    case InputKind::mouse_move:
    case InputKind::mouse_down:
    case InputKind::mouse_up:
      give_mouse(io, event);
      break;
    case InputKind::wheel:
#if IMGUI_VERSION_NUM >= 18700
      io.AddMouseWheelEvent(event.x, event.y);
#else
      io.MouseWheelH += event.x;
      io.MouseWheel += event.y;
#endif
      break;
    case InputKind::file_drop:
      break;
    case InputKind::focus_lost:
#if IMGUI_VERSION_NUM >= 18700
      io.AddFocusEvent(false);
#else
      std::fill(std::begin(io.KeysDown), std::end(io.KeysDown), false);
      std::fill(std::begin(io.MouseDown), std::end(io.MouseDown), false);
      io.KeyCtrl = io.KeyShift = io.KeyAlt = false;
#endif
      break;
  }
}

bool is_edge(InputKind kind) {
  return kind == InputKind::key_down || kind == InputKind::key_up || kind == InputKind::mouse_down ||
         kind == InputKind::mouse_up;
}

}  // namespace

void ImGuiInput::set_up() {
#if IMGUI_VERSION_NUM < 18700
  ImGuiIO& io = ImGui::GetIO();
  for (const auto& [imgui_key, key] : imgui_keys) {
    io.KeyMap[imgui_key] = static_cast<int>(key);
  }
#endif
}

void ImGuiInput::feed(const InputEvents& events) {
  waiting_.insert(waiting_.end(), events.begin(), events.end());
  ImGuiIO& io = ImGui::GetIO();
  bool had_edge = false;
  while (!waiting_.empty()) {
    const InputEvent& event = waiting_.front();
    // One press or release a frame, and no movement after it: ImGui 1.86 only sees the state at NewFrame.
    if (had_edge && (is_edge(event.kind) || event.kind == InputKind::mouse_move)) break;
    had_edge = had_edge || is_edge(event.kind);
    give(io, event);
    waiting_.pop_front();
  }
}

}  // namespace fourtuple::viz
