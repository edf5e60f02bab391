#include "sim/world/driver.h"

#include <utility>

#include "sim/stack/packet_path.h"

namespace fourtuple::world {

std::vector<Sighting> WorldDriver::take_sightings() {
  return std::exchange(world.sightings_, {});
}

void WorldDriver::settle() {
  world.carry_out(trace);
  trace.publish();
}

void WorldDriver::inject(InterfaceId from, InterfaceId to, Packet packet) {
  stack::Context c = context();
  packet.id = {world.system_.next_packet++};
  note(c, world.system_.interfaces[from.value].host, trace::PacketCreated{packet});
  world.system_.outbox.packets.push_back({packet, from, to, stack::ip_length(world.system_, packet)});
  settle();
}

bool WorldDriver::step(Time limit) {
  Event event;
  if (!world.calendar_.pop(limit, event)) return false;
  world.now_ = event.at;
  world.handle(event, trace);
  settle();
  return true;
}

bool WorldDriver::in_flight() const {
  for (std::uint32_t i = 0; i < world.system_.interfaces.size(); ++i)
    if (!world.links_.idle({i})) return true;
  return false;
}

void WorldDriver::pass_until(Time instant) {
  while (step(instant)) {
  }
  world.now_ = instant;
}

}  // namespace fourtuple::world
