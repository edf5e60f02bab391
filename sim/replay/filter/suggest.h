// What may be typed next: words of the filter and values of this trace that begin with what stands at the end of a
// text. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/replay/filter/names.h"

namespace fourtuple::replay {

struct FilterSuggestion {
  std::string shown;    // "host:server"
  std::string meaning;  // "passed this host"; may be empty
  std::string text;     // the whole filter with it at its end
};

constexpr std::size_t most_suggestions = 12;

// The best first; nothing when the end is complete.
std::vector<FilterSuggestion> suggest_filter(std::string_view text, const FilterNames& names);

// What must follow the word of libpcap at the end, "a port, such as 443"; empty when none is awaited.
std::string_view awaited_value(std::string_view text);

}  // namespace fourtuple::replay
