// What an import or a run had to say about a file, line by line: what was skipped, what differs, what is assumed.
// Main thread only.
#pragma once

#include <string>
#include <vector>

#include "viz/kit/panel.h"

namespace fourtuple::viz {

class NotesSheet {
 public:
  void open() { open_ = true; }
  void close() { open_ = false; }
  bool is_open() const { return open_; }
  // `file`: its name. Closes itself when the person wants it.
  void draw(const Ui& ui, const Rect& screen, const std::string& file, const std::vector<std::string>& notes);
  ScrollKeys& keys() { return keys_; }

 private:
  bool open_ = false;
  ScrollKeys keys_;
};

}  // namespace fourtuple::viz
