// Names from a capture as text that can be printed anywhere: whoever sent them may have put anything in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fourtuple::capture {

constexpr std::size_t max_name_text = 255;  // bytes; longer names are cut and end in "…"

// UTF-8 stays as it is; control characters, those that turn the direction of writing or take no room, bytes that are no
// UTF-8, backslashes and the characters of `special` become \DDD, their bytes in decimal (RFC 1035 section 5.1).
std::string escaped(std::string_view raw, std::string_view special = {});

// The text within max_name_text.
std::string within_limit(std::string text);

}  // namespace fourtuple::capture
