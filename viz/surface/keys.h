// The one shim for keys, mouse, text and dropped files. GLFW, scripted input and tests all produce
// InputEvents; panels and Dear ImGui only ever see these. Plain data, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fourtuple::viz {

// Letters and digits are named by their unshifted character. Values index ImGui's key table.
enum class Key : std::uint8_t {
  none = 0,
  a,
  b,
  c,
  d,
  e,
  f,
  g,
  h,
  i,
  j,
  k,
  l,
  m,
  n,
  o,
  p,
  q,
  r,
  s,
  t,
  u,
  v,
  w,
  x,
  y,
  z,
  digit_0,
  digit_1,
  digit_2,
  digit_3,
  digit_4,
  digit_5,
  digit_6,
  digit_7,
  digit_8,
  digit_9,
  space,
  enter,
  tab,
  escape,
  backspace,
  insert,
  del,
  left,
  right,
  up,
  down,
  home,
  end,
  page_up,
  page_down,
  f1,
  f2,
  f3,
  f4,
  f5,
  f6,
  f7,
  f8,
  f9,
  f10,
  f11,
  f12,
  left_bracket,
  right_bracket,
  slash,
  question,
  comma,
  period,
  minus,
  equal,
  semicolon,
  apostrophe,
  backslash,
  grave,
  count,
};

struct Modifiers {
  bool ctrl = false, shift = false, alt = false;
  bool operator==(const Modifiers&) const = default;
};

// A key with its modifiers, as a shortcut table writes it: "Ctrl+P", "Shift+Right", "?".
struct Chord {
  Key key = Key::none;
  Modifiers mods;
  bool operator==(const Chord&) const = default;
};

std::string_view name_of(Key key);
std::string to_string(const Chord& chord);
// Case is ignored; nullopt when a part is unknown. "+" separates, so the plus key is written "Shift+=".
std::optional<Chord> parse_chord(std::string_view text);

enum class MouseButton : std::uint8_t { left = 0, right = 1, middle = 2 };

enum class InputKind : std::uint8_t {
  key_down,    // key, mods; repeat when the key is held
  key_up,      // key, mods
  text,        // text: UTF-8 typed
  mouse_move,  // x, y
  mouse_down,  // button, x, y, mods
  mouse_up,    // button, x, y, mods
  wheel,       // x, y: lines scrolled, positive is up and left
  file_drop,   // text: one path
  focus_lost,  // every key and button is released
};

struct InputEvent {
  InputKind kind = InputKind::mouse_move;
  Key key = Key::none;
  Modifiers mods;
  MouseButton button = MouseButton::left;
  bool repeat = false;
  float x = 0, y = 0;  // framebuffer pixels, origin top left
  std::string text;
};

using InputEvents = std::vector<InputEvent>;

InputEvent key_event(InputKind kind, const Chord& chord);
InputEvent mouse_event(InputKind kind, float x, float y, MouseButton button = MouseButton::left);
InputEvent text_event(InputKind kind, std::string text);

// True when the event is this chord going down (repeats count only when `repeats`).
bool is_press(const InputEvent& event, const Chord& chord, bool repeats = true);

}  // namespace fourtuple::viz
