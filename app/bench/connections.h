// What an idle established connection costs: memory of both ends, and the processor time to set one up as their number
// grows.
#pragma once

#include <cstdint>

namespace fourtuple::app {

struct ConnectionCost {
  std::uint32_t wanted = 0;
  std::uint32_t established = 0;     // at both ends; fewer than wanted only if something refuses them
  double bytes = 0;                  // of tables and pools per connection, both ends together
  double first_ns = 0, last_ns = 0;  // to set one up: the median among the first, and among the last, of the run
  double mean_ns = 0;                // over the whole run, growth of the tables included
};

// Opens `connections` (1 or more) from one host to another over three links, 10 µs apart, tracing off.
ConnectionCost cost_of_connections(std::uint32_t connections);

}  // namespace fourtuple::app
