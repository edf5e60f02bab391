// Text that is drawn again and again on a terminal: as much of it as fits.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fourtuple::app {

struct ScreenSize {
  std::size_t lines = 24, columns = 80;
};

// Of the terminal on standard output; 24 by 80 when it does not tell.
ScreenSize terminal_size();

std::size_t count_lines(std::string_view text);

// At most so many lines and characters of each; the last line then is "… N more". `lines`: at least 1. Characters are
// those of UTF-8, one column each.
std::string fitted(std::string_view text, std::size_t lines, std::size_t columns);

// What goes to the terminal so that `text` is all it shows.
std::string screen_of(std::string_view text);

}  // namespace fourtuple::app
