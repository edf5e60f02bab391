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
  Time time{0};                          // the earlier of both
  std::string a, b;                      // in words; "(the trace ends here)"
  std::uint64_t rest_a = 0, rest_b = 0;  // compared records from there on, the differing one included
  std::string to_string() const;         // three lines for a terminal
};

enum class Compared : std::uint8_t {
  facts,
  everything,  // all levels both traces kept
  // Facts that tell what happened in the networks. Left out is what tells only of a change that was made to one of the
  // runs: its command, the ruleset it loaded with its counters and elements. Two runs whose tables of addresses or
  // texts differ are compared by words where they name those.
  story,
};

// Nothing when they agree to the end.
std::optional<Difference> first_difference(const Trace& a, const Trace& b, Compared compared = Compared::facts);
// How many records of `trace` are compared.
std::uint64_t count_compared(const Trace& trace, Compared compared);

}  // namespace fourtuple::trace
