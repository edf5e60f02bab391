// The valid word nearest to a mistyped one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fourtuple {

// The candidate nearest to `word` by edit distance, if one is near enough to be a slip of the keyboard; else "".
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace fourtuple
