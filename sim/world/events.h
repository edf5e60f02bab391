// The kinds of events in a World's calendar, and what their target means.
#pragma once

#include <cstdint>

namespace fourtuple::world {

enum class EventKind : std::uint32_t {
  arrival = 0,            // target: the interface whose transmitter has a packet arriving
  socket_timer = 1,       // target: the socket; stale when the socket was re-armed
  command = 2,            // target: the timeline entry
  start_process = 3,      // target: the process, counted over all hosts of the scenario
  neighbour_timeout = 4,  // target: index of the waiting packet
  tick = 5,               // target: index of a measurement's sender
  linger_over = 6,        // a close() has waited long enough
};

constexpr std::uint32_t kind_number(EventKind kind) {
  return static_cast<std::uint32_t>(kind);
}

}  // namespace fourtuple::world
