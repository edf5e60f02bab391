// The list of options behind an IPv4 or a TCP header (RFC 791 section 3.1, RFC 9293 section 3.1): kind, length, value;
// kind 0 ends it, kind 1 stands alone.
#pragma once

#include "capture/anonymize/scrubber.h"

namespace fourtuple::capture {

// Calls `take` with each option that is whole. Returns where the list ends: at its end mark, at an option that is cut
// or damaged, or at the end of the bytes.
template <class Take>
std::size_t walk_options(MutableBytes options, const Take& take) {
  constexpr std::uint8_t end_of_list = 0, no_operation = 1;
  std::size_t at = 0;
  while (at < options.size() && options[at] != end_of_list) {
    if (options[at] == no_operation) {
      ++at;
      continue;
    }
    if (at + 2 > options.size() || options[at + 1] < 2 || at + options[at + 1] > options.size()) break;
    const MutableBytes option = options.subspan(at, options[at + 1]);
    at += option.size();
    take(option);
  }
  return at;
}

}  // namespace fourtuple::capture
