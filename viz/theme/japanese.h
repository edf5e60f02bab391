// The window's own words in Japanese. Words that stand in no table (names, addresses, sentences made from a run) stay
// as they are. Plain data, any thread.
#pragma once

#include <string_view>

namespace fourtuple::viz {

// The Japanese for an English label; the label itself when there is none.
std::string_view in_japanese(std::string_view english);

}  // namespace fourtuple::viz
