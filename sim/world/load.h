// Senders that make load by the clock: a TCP connection that writes the test pattern for ever, or a UDP socket that
// sends a datagram each period. Plain data; each is driven by tick events of the World's calendar.
#pragma once

#include <cstdint>

#include "sim/stack/syscalls.h"
#include "sim/world/application.h"

namespace fourtuple::world {

struct LoadSender {
  ProcessId process;
  stack::Peer peer;
  Protocol protocol = Protocol::tcp;
  std::int32_t fd = -1;              // -1: not yet connected
  std::uint32_t datagram_bytes = 0;  // UDP
  Duration period{0};                // UDP
  bool idle = false;                 // TCP: connect and say nothing
};

// Carries out one tick; true when another one is due a period later.
bool tick(stack::Context& c, Applications& applications, LoadSender& sender);

}  // namespace fourtuple::world
