// A scenario written out in full: every default, resolved address and guessed kind stands in the text. The result is a
// scenario file again and parses to the same Scenario, except that names of hosts have become addresses.
#pragma once

#include <string>

#include "sim/world/scenario/scenario.h"

namespace fourtuple::world {

// Networks, hosts and timeline as YAML; expectations and captions are kept as the file has them.
std::string expanded(const Scenario& scenario);

// Quantities as the format writes them: "1500 us", "100 Mbit/s", "0.1 %".
std::string duration_text(Duration duration);
std::string rate_text(std::uint64_t bits_per_s);
std::string percent_text(Ratio ratio);

}  // namespace fourtuple::world
