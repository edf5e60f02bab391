// What a rewriting changed in a TCP header, in words: one place for every view that tells it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/events.h"

namespace fourtuple::trace {

struct NumberChange {
  std::string_view name;  // "sequence number"
  std::string before, after;
};

// Only what differs, in the order of the header.
std::vector<NumberChange> tcp_changes(const TcpNumbers& before, const TcpNumbers& after);

// "window 64240 → 0"
std::string change_words(const NumberChange& change);

}  // namespace fourtuple::trace
