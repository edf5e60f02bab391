// Numbers of things in sentences.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fourtuple::capture {

// "1 packet", "2 packets"; "2 processes" with the ending "es".
std::string plural(std::uint64_t count, std::string_view what, std::string_view ending = "s");

}  // namespace fourtuple::capture
