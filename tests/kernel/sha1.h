// SHA-1 (FIPS 180-4): answers name the bytes a socket read by the first eight digits of it.
#pragma once

#include <string>
#include <string_view>

namespace fourtuple::kernel_case {

// Forty hexadecimal digits.
std::string sha1(std::string_view bytes);

}  // namespace fourtuple::kernel_case
