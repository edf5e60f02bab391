#include "app/live/screen.h"

#include <algorithm>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace fourtuple::app {
namespace {

// The first `columns` characters of a line.
std::string_view start_of(std::string_view line, std::size_t columns) {
  std::size_t at = 0;
  for (std::size_t count = 0; at < line.size(); ++at) {
    constexpr unsigned kind = 0xc0, continuation = 0x80;
    const bool starts = (static_cast<unsigned char>(line[at]) & kind) != continuation;
    if (starts && ++count > columns) break;
  }
  return line.substr(0, at);
}

}  // namespace

ScreenSize terminal_size() {
  winsize size{};
  const bool told = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row != 0 && size.ws_col != 0;
  return told ? ScreenSize{size.ws_row, size.ws_col} : ScreenSize{};
}

std::size_t count_lines(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + (!text.empty() && text.back() != '\n');
}

std::string fitted(std::string_view text, std::size_t lines, std::size_t columns) {
  const std::size_t all = count_lines(text), shown = all > lines ? lines - 1 : all;
  std::string fit;
  for (std::size_t i = 0; i < shown; ++i) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    fit += start_of(text.substr(0, end), columns);
    fit += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (shown < all) fit += fmt::format("{}\n", start_of(fmt::format("… {} more", all - shown), columns));
  return fit;
}

std::string screen_of(std::string_view text) {
  constexpr std::string_view clear = "\x1b[H\x1b[J";
  return std::string(clear).append(text);
}

}  // namespace fourtuple::app
