// The `?` sheet: every key with what it does. A click on a line, then a key, gives the command that key. Main thread
// only.
#pragma once

#include <optional>
#include <string>

#include "viz/kit/panel.h"
#include "viz/viewer/keymap.h"

namespace fourtuple::viz {

class HelpSheet {
 public:
  void open() { open_ = true; }
  void close();
  bool is_open() const { return open_; }
  // The command whose new key is awaited.
  const std::optional<Command>& awaiting() const { return awaiting_; }
  // The key for the awaited command; Escape gives up. Returns what to tell the user. REQUIRES: awaiting().
  std::string take_key(const InputEvent& event, Keymap& keymap);

  void draw(const Ui& ui, const Rect& screen, Keymap& keymap);
  ScrollKeys& keys() { return keys_; }

 private:
  void draw_groups(const Ui& ui, const Rect& area, const Keymap& keymap);
  void draw_line(ScrollArea& scroll, const Rect& line, float key_width, const Shortcut& shortcut, const Keymap& keymap);

  bool open_ = false;
  std::optional<Command> awaiting_;
  ScrollKeys keys_;
  unsigned in_view_ = 0;  // the line that was scrolled into view for the keyboard
};

}  // namespace fourtuple::viz
