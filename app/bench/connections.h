// What an idle established connection costs: memory of both ends, and the processor time to set one up as their number
// grows.
#pragma once

#include <cstdint>

namespace fourtuple::app {

struct ConnectionCost {
  std::uint32_t wanted = 0;
  std::uint32_t established = 0;  // at both ends; fewer than wanted only if something refuses them
  double bytes = 0;               // of tables and pools per connection, both ends together
  // To set one up, the program's own time: among the first and among the last (up to 50,000) of the run, and over the
  // whole run, growth of the tables included.
  double first_ns = 0, last_ns = 0, mean_ns = 0;
  // The operating system's time beside it, over the whole run: giving the program memory. On a virtual machine whose
  // memory is not backed yet this can be as much again.
  double memory_ns = 0;
};

// Opens `connections` (1 or more) from one host to another over three links, 10 µs apart, tracing off.
ConnectionCost cost_of_connections(std::uint32_t connections);

}  // namespace fourtuple::app
