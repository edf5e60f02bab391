// Buttons, segmented choices, tabs, sliders and toggles in the design's look. Each returns what the user did;
// the caller keeps the value. Main thread, inside a frame.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "viz/kit/icons.h"
#include "viz/kit/interact.h"

namespace fourtuple::viz {

enum class ButtonLook : std::uint8_t { normal, primary, quiet };  // quiet: no body until hovered

struct Button {
  std::string_view label = {};
  std::string_view key = {};  // shown inside as a key cap; empty: none
  ButtonLook look = ButtonLook::normal;
  bool enabled = true;
};
// The natural width of a button; heights are 32, or 28 in sheets.
float button_width(const Canvas& canvas, const Button& button);
bool button(const Ui& ui, std::string_view id, const Rect& r, const Button& button);
// 32 square with an icon; `round_accent` is the 36 px play disc.
bool icon_button(const Ui& ui, std::string_view id, const Rect& r, Icon icon, bool round_accent = false,
                 bool enabled = true);

// 28 high; exactly one part is chosen. Returns the newly chosen part.
float segmented_width(const Canvas& canvas, std::span<const std::string_view> parts);
std::optional<std::size_t> segmented(const Ui& ui, std::string_view id, Vec2 left_middle,
                                     std::span<const std::string_view> parts, std::size_t chosen);

// A choice in the space there is: all parts as `segmented` if they fit into `room` pixels, else the chosen one with two
// buttons that go through them.
struct Chosen {
  std::optional<std::size_t> part;  // newly chosen
  float width = 0;                  // used, at most about `room`
};
Chosen choose_in(const Ui& ui, std::string_view id, Vec2 left_middle, std::span<const std::string_view> parts,
                 std::size_t chosen, float room);

// Words in a row with a 3 px accent bar under the chosen one; `r` is the bar they stand in, `gap` design pixels lie
// between them. Returns a new choice.
std::optional<std::size_t> tab_bar(const Ui& ui, std::string_view id, const Rect& r,
                                   std::span<const std::string_view> tabs, std::size_t chosen, float gap = 28);

// 0 to 1; arrow keys move it by 1/20. Returns the new value while it changes.
std::optional<float> slider(const Ui& ui, std::string_view id, const Rect& r, float value);

// 28 x 16 switch; returns true when it was pressed.
bool toggle(const Ui& ui, std::string_view id, Vec2 left_middle, bool on);

}  // namespace fourtuple::viz
