// Runs a World by hand: system calls at the present instant, packets put on a wire as if an interface had sent them,
// one event after the other, and what passed each interface. For tests and tools that compare with a real kernel.
#pragma once

#include <vector>

#include "sim/world/world.h"

namespace fourtuple::world {

struct WorldDriver {
  World& world;
  trace::Trace& trace;

  // From now on sightings are collected.
  void watch() { world.watching_ = true; }
  // Those since the last call, in the order in which they happened.
  std::vector<Sighting> take_sightings();

  // The kernels at this instant. Calls leave work in the outbox: settle() does it.
  stack::Context context() { return {world.system_, trace, world.now_}; }
  void settle();

  // Puts a packet on the wire of `from` to `to`, an interface of the same network. It gets an id and is recorded as
  // made by the owner of `from`.
  void inject(InterfaceId from, InterfaceId to, Packet packet);

  // Carries out the next event; false, and nothing happens, when none is due at or before `limit`.
  bool step(Time limit);
  // Whether a packet is on any wire.
  bool in_flight() const;
  // Carries out everything up to `instant` and makes it the present. REQUIRES: not in the past.
  void pass_until(Time instant);
};

}  // namespace fourtuple::world
