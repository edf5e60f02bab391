// Whether one record of a file may be believed: its kind and length, its time, and every id a reader uses as an index.
#pragma once

#include <string_view>

#include "sim/trace/trace.h"

namespace fourtuple::trace::detail {

// Later times are refused, so that adding a transit to one cannot overflow.
constexpr Time last_file_time{std::int64_t{1} << 61};

// Continuation slots a record of `kind` may have; false for kinds without a layout.
bool length_fits(Kind kind, std::uint8_t extra);
// What is wrong with the record, or "". `slots` holds the head and all its continuation slots; length_fits() is true.
std::string_view record_fault(const Slot* slots, Time previous, Level level, const Tables& tables);

}  // namespace fourtuple::trace::detail
