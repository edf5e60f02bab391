// Mouse and keyboard for controls, built on ImGui::InvisibleButton. Tab and Shift+Tab walk the controls in the
// order drawn, Enter and Space press the focused one; nothing traps the keyboard. Main thread only.
#pragma once

#include <string_view>
#include <vector>

#include "viz/kit/canvas.h"
#include "viz/surface/keys.h"

namespace fourtuple::viz {

// Which control the keyboard is on. One object per window, alive across frames.
class Focus {
 public:
  // Call before drawing. Handles Tab; true for an event it used (the caller must not act on that one again).
  bool handle(const InputEvent& event);
  // Call once a frame before the first control.
  void begin_frame();
  void clear() { current_ = 0; }
  bool active() const { return current_ != 0; }

  // For controls: announces one and says whether it has the focus.
  bool announce(unsigned id, bool takes_arrows = false);
  // True once when Enter or Space was pressed on this control.
  bool pressed(unsigned id);
  // Left/right steps asked of this control (sliders): -1, 0 or 1.
  int steps(unsigned id);
  void set(unsigned id) { current_ = id; }

 private:
  std::vector<unsigned> order_, steppers_;
  unsigned current_ = 0;
  bool press_ = false;
  int step_ = 0;
};

// What interactive controls get: where to draw, and the focus.
struct Ui {
  Canvas canvas;
  Focus* focus = nullptr;
  bool* animating = nullptr;  // set to true when the picture will change without input: draw another frame
};

struct Touch {
  bool hovered = false, held = false, clicked = false, double_clicked = false, focused = false;
  float glow = 0;  // hover eased over 150 ms, 0 to 1
  int steps = 0;   // arrow keys while focused
};

struct TouchOptions {
  bool enabled = true;
  bool focusable = true;
  bool takes_arrows = false;  // left and right arrows belong to it while it is focused (sliders, choices)
};

// Makes the rectangle react. `id` must be unique inside the current ImGui id scope.
Touch touch(const Ui& ui, std::string_view id, const Rect& r, TouchOptions options = {});
// Draws the 2 px accent focus outline at +3.
void draw_focus(const Canvas& canvas, const Rect& r, float radius);
// A styled tooltip at the pointer with one or two lines; call while the thing is hovered.
void show_tooltip(const Ui& ui, std::string_view title, std::string_view detail = {});

}  // namespace fourtuple::viz
