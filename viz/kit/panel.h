// The frame everything is drawn in: one borderless ImGui window over the whole surface, and scrolling areas inside.
// Main thread, between Surface::begin_frame and end_frame.
#pragma once

#include <string>

#include "viz/kit/interact.h"

namespace fourtuple::viz {

// Lives during one frame's drawing.
class RootPanel {
 public:
  RootPanel(Theme& theme, Focus& focus);
  ~RootPanel();
  RootPanel(const RootPanel&) = delete;
  RootPanel& operator=(const RootPanel&) = delete;

  Ui ui() { return {{ImGui::GetWindowDrawList(), &theme_, 1}, &focus_, &animating_}; }
  Rect area() const { return area_; }
  // True when something moved by itself: draw another frame without waiting for input.
  bool animating() const { return animating_; }

 private:
  Theme& theme_;
  Focus& focus_;
  Rect area_;
  bool animating_ = false;
};

// A vertical scrolling area. Draw with ui() at content(), then tell the height used; wheel, bar and
// scroll_to work by themselves.
class ScrollArea {
 public:
  ScrollArea(const Ui& parent, const std::string& id, const Rect& r);
  ~ScrollArea();
  ScrollArea(const ScrollArea&) = delete;
  ScrollArea& operator=(const ScrollArea&) = delete;

  const Ui& ui() const { return ui_; }
  // Where the content begins now; its y moves up when scrolled. Height is that of the visible part.
  Rect content() const { return content_; }
  // The rows [first, last) of a long list that are visible, for lists of equal rows.
  struct Rows {
    std::size_t first = 0, last = 0;
  };
  Rows visible_rows(std::size_t count, float row_height) const;
  void set_height(float height) { height_ = height; }
  // Brings a part of the content into view; `top` counts from the content's beginning.
  void scroll_to(float top, float height);
  void scroll_by(float pixels);

 private:
  Ui ui_;
  Rect outer_, content_;
  float height_ = 0;
};

// Up, Down, PageUp, PageDown, Home and End for a page of text, which has no cursor of its own.
class ScrollKeys {
 public:
  bool handle(const InputEvent& event);  // true: it was one of them
  // Scrolls by what was pressed since the last frame.
  void apply(ScrollArea& area, const Canvas& canvas);

 private:
  float lines_ = 0;
};

// One-line text input in the design's look, filling `r` (28 high). True when the text changed.
// `id` must be stable; `focus_now` puts the caret into it. Tab reaches and leaves it, Escape leaves it and undoes.
// `replaced`: when true, the caller changed `text`; the field shows it with the caret behind it and sets it to false.
// `caret`: a byte of `text` that the caret goes to as soon as the field is typed in; the field sets it to npos then.
bool text_input(const Ui& ui, const std::string& id, const Rect& r, std::string& text, const std::string& placeholder,
                bool focus_now = false, bool* replaced = nullptr, std::size_t* caret = nullptr);

}  // namespace fourtuple::viz
