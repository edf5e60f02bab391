// A router with rules between a client and two servers, all silent: packets are put on its wires by hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/world/driver.h"

namespace fourtuple::stack::test {

class FilteredRouter {
 public:
  // lan 192.168.1.1/24 with the client 192.168.1.10; wan 198.51.100.1/24 with the servers .8 and .9, of which .8 is the
  // way to 203.0.113.0/24. Loads the ruleset
  // text on the router; the test fails when it is wrong.
  explicit FilteredRouter(std::string_view ruleset);

  Packet udp(std::string_view from, std::string_view to, std::uint16_t from_port, std::uint16_t to_port);
  Packet tcp(std::string_view from, std::string_view to, std::uint16_t from_port, std::uint16_t to_port,
             std::uint8_t flags);
  Packet echo_request(std::string_view from, std::string_view to);
  // Bytes for packets to carry (PayloadKind::content).
  ContentId add_content(std::string_view text);
  // Puts a packet on the wire of the client (from_wan: of the server .9) and lets it be over. What it brought about is
  // then in sent().
  void send(const Packet& packet, bool from_wan = false);

  // Packets that left the router by `interface` ("lo", "lan", "wan") since the last send().
  std::vector<Packet> sent(std::string_view interface) const;
  // Who received them: the server's last byte of the address, by packet of sent("wan").
  std::vector<int> received_by_servers() const;
  // Packets the n-th counter of the ruleset has counted.
  std::uint64_t counted(std::uint32_t n) const { return world_.system().visible.objects[n].first; }
  stack::Context context() { return driver().context(); }

 private:
  world::WorldDriver driver() { return {world_, trace_}; }
  void load(std::string_view ruleset);
  Packet packet(std::string_view from, std::string_view to, Protocol protocol);

  trace::Trace trace_{trace::Level::facts};
  world::World world_;
  std::vector<world::Sighting> sightings_;
};

}  // namespace fourtuple::stack::test
