// Mouse and keyboard for controls, built on ImGui::InvisibleButton. Tab and Shift+Tab walk the controls in the
// order drawn, Enter and Space press the focused one; nothing traps the keyboard. Main thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "viz/kit/canvas.h"
#include "viz/surface/keys.h"

namespace fourtuple::viz {

// Which keys belong to a control while it has the focus, besides Enter and Space.
enum class FocusKeys : std::uint8_t {
  press,     // none
  sideways,  // left and right (sliders, choices)
  grid,      // all arrows, Page Up and Down, Home and End (maps, lists)
  text       // whatever can be typed, up and down; only Tab and Escape leave
};

// How often such keys were pressed since the last frame, forward minus backward.
struct FocusSteps {
  int x = 0, y = 0, pages = 0;
  int ends = 0;  // -1: Home, 1: End
  bool any() const { return x != 0 || y != 0 || pages != 0 || ends != 0; }
};

// Where a control stands, for Focus::go().
struct FocusPlace {
  Rect r = {};
  unsigned group = 0;    // the scrolling area it is in
  bool visible = false;  // some of it can be seen
};

// Which control the keyboard is on. One object per window, alive across frames.
class Focus {
 public:
  // Call before drawing. Handles Tab; true for an event it used (the caller must not act on that one again).
  bool handle(const InputEvent& event);
  // Call once a frame before the first control.
  void begin_frame();
  void clear() { place(0); }
  bool active() const { return current_ != 0; }

  // For controls: announces one and says whether it has the focus.
  bool announce(unsigned id, FocusKeys keys = FocusKeys::press, const FocusPlace& place = {});
  // To the nearest control that way, such as {0, 1} down: of the same scrolling area if there is one, else one that
  // can be seen. False: there is none, and the focus stays.
  bool go(Vec2 direction);
  // Which keys belong to the control that has the focus; nothing: none has it.
  std::optional<FocusKeys> keys() const;
  // True once when Enter or Space was pressed on this control.
  bool pressed(unsigned id);
  // Steps asked of this control.
  FocusSteps steps(unsigned id);
  void set(unsigned id) { place(id); }

 private:
  struct Control {
    unsigned id = 0;
    FocusKeys keys = FocusKeys::press;
    FocusPlace place = {};
  };

  bool handle_tab(bool backward);
  bool handle_step(const InputEvent& event);
  void place(unsigned id) {
    current_ = id;
    press_ = false;
    steps_ = {};
  }

  std::vector<Control> order_;
  unsigned current_ = 0;
  bool press_ = false;
  FocusSteps steps_;
};

// What interactive controls get: where to draw, and the focus.
struct Ui {
  Canvas canvas;
  Focus* focus = nullptr;
  bool* animating = nullptr;  // set to true when the picture will change without input: draw another frame
};

struct Touch {
  bool hovered = false, held = false, clicked = false, double_clicked = false, focused = false;
  float glow = 0;    // hover eased over 150 ms, 0 to 1
  FocusSteps steps;  // keys while focused
  unsigned id = 0;   // for Focus::set
};

struct TouchOptions {
  bool enabled = true;
  bool focusable = true;
  FocusKeys keys = FocusKeys::press;
};

// For Focus::announce: a rectangle of the window that is being drawn.
FocusPlace place_of(const Rect& r);
// Makes the rectangle react. `id` must be unique inside the current ImGui id scope.
Touch touch(const Ui& ui, std::string_view id, const Rect& r, TouchOptions options = {});
// A stop for the keyboard alone, between the controls before and after: for lists and maps that look after the pointer
// themselves. `clicked` is Enter or Space.
Touch focus_stop(const Ui& ui, std::string_view id, FocusKeys keys);
// Draws the 2 px accent focus outline at +3.
void draw_focus(const Canvas& canvas, const Rect& r, float radius);
// A styled tooltip at the pointer, its detail in as many lines as it needs; call while the thing is hovered.
void show_tooltip(const Ui& ui, std::string_view title, std::string_view detail = {});
// The same below a thing that the keyboard is on, or that the pointer hovers.
void show_tooltip_below(const Ui& ui, const Rect& thing, std::string_view title, std::string_view detail = {});

}  // namespace fourtuple::viz
