#include "capture/plural.h"

#include <fmt/format.h>

namespace fourtuple::capture {

std::string plural(std::uint64_t count, std::string_view what, std::string_view ending) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : ending);
}

}  // namespace fourtuple::capture
