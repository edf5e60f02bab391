// Asks for the name of a bookmark. Main thread only.
#pragma once

#include <optional>
#include <string>

#include "viz/kit/interact.h"
#include "viz/panels/timeline/bookmarks.h"

namespace fourtuple::viz {

class NameDialog {
 public:
  // `name`: what the field begins with.
  void open(Time at, std::string name);
  void close() { open_ = false; }
  bool is_open() const { return open_; }
  // Enter takes the name; true for an event it used. Escape is the caller's, everything else is typing.
  bool handle(const InputEvent& event);
  void draw(const Ui& ui, const Rect& screen);
  // The bookmark with the name it was given, once.
  std::optional<Bookmark> chosen();

 private:
  void take();

  bool open_ = false, fresh_ = false;
  unsigned opened_ = 0;  // a new field each time, with a text of its own
  Time at_{0};
  std::string name_;
  std::optional<Bookmark> chosen_;
};

}  // namespace fourtuple::viz
