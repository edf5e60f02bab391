// What `fourtuple compare` prints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/replay/run_facts.h"
#include "sim/trace/difference.h"

namespace fourtuple::app {

struct Comparison {
  std::optional<trace::Difference> first;
  std::vector<replay::DifferentFact> facts;
  Time look{0};            // when the facts are compared
  std::uint64_t same = 0;  // events compared, when there is no difference
  std::optional<Time> fork{};
  std::vector<std::string> changes{};
};

std::string comparison_text(const Comparison& comparison);
std::string comparison_json(const Comparison& comparison);

}  // namespace fourtuple::app
