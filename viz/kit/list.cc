#include "viz/kit/list.h"

#include <algorithm>

namespace fourtuple::viz {

std::optional<std::size_t> ListCursor::update(ScrollArea& scroll, std::string_view id, std::size_t rows,
                                              float row_height) {
  const Touch keys = focus_stop(scroll.ui(), id, FocusKeys::grid);
  if (wanted_ && scroll.ui().focus != nullptr) scroll.ui().focus->set(keys.id);
  wanted_ = false;
  focused_ = keys.focused && rows > 0;
  sideways_ = keys.steps.x;
  if (rows == 0) return std::nullopt;
  at_ = std::min(at_, rows - 1);
  const auto page = static_cast<std::ptrdiff_t>(std::max(scroll.content().h / row_height - 1, 1.0F));
  auto wanted = static_cast<std::ptrdiff_t>(at_) + keys.steps.y + page * keys.steps.pages;
  if (keys.steps.ends != 0) wanted = keys.steps.ends < 0 ? 0 : static_cast<std::ptrdiff_t>(rows);
  at_ = static_cast<std::size_t>(clamped<std::ptrdiff_t>(wanted, 0, static_cast<std::ptrdiff_t>(rows) - 1));
  if (keys.steps.any() || follow_) scroll.scroll_to(row_height * static_cast<float>(at_), row_height * 2);
  follow_ = false;
  return keys.clicked ? std::optional(at_) : std::nullopt;
}

}  // namespace fourtuple::viz
