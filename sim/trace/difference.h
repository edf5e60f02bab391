// The first place where two traces tell different stories: for comparing a run with its fork, or two machines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/trace/trace.h"

namespace fourtuple::trace {

struct Difference {
  std::uint64_t number = 0;      // of the differing record, counting compared records from 0
  std::uint64_t position_a = 0;  // where it is in each; published() when that trace has ended
  std::uint64_t position_b = 0;
  Time time{0};                   // the earlier of both
  std::string a, b;               // in words; "(the trace ends here)"
  std::string to_string() const;  // three lines for a terminal
};

// Compares fact records only, or with `deep` all levels both traces kept. Nothing when they agree to the end.
std::optional<Difference> first_difference(const Trace& a, const Trace& b, bool deep = false);

}  // namespace fourtuple::trace
