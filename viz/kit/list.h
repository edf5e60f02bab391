// The keyboard in a long list of equal rows: arrows, Page Up and Down, Home and End move a cursor, Enter chooses. The
// whole list is one stop of Tab. Rows are drawn with RowLook::focusable false. Main thread only.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "viz/kit/interact.h"
#include "viz/kit/panel.h"

namespace fourtuple::viz {

class ListCursor {
 public:
  // Call once a frame, before the rows are drawn and inside their scrolling area, which follows the cursor.
  // `row_height` in pixels. Returns the row that Enter or Space chose.
  std::optional<std::size_t> update(ScrollArea& scroll, std::string_view id, std::size_t rows, float row_height);

  bool is_on(std::size_t row) const { return focused_ && row == at_; }
  bool focused() const { return focused_; }
  std::size_t at() const { return at_; }
  // Where the pointer clicked, or another panel points to.
  void set(std::size_t row) { at_ = row; }
  // The next update() brings the row into view.
  void show(std::size_t row) {
    at_ = row;
    follow_ = true;
  }
  // The next update() takes the keyboard.
  void take_keyboard() { wanted_ = true; }
  // Left and right arrows pressed on the list in this frame, right minus left.
  int sideways() const { return sideways_; }

 private:
  std::size_t at_ = 0;
  bool focused_ = false, follow_ = false, wanted_ = false;
  int sideways_ = 0;
};

}  // namespace fourtuple::viz
