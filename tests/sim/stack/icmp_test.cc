// What a router answers to packets it cannot use. Kernel data: tests/data/kernel/netfilter (cases plain_*).
#include <gtest/gtest.h>

#include "sim/world/driver.h"

namespace fourtuple {
namespace {

// A silent client and a router: client 192.168.1.10 on "lan", router 192.168.1.1.
struct Net {
  trace::Trace trace{trace::Level::facts};
  world::World world;
  Net() : world(scenario(), 1, trace) { driver().watch(); }
  world::WorldDriver driver() { return {world, trace}; }

  static world::Scenario scenario() {
    world::Scenario out;
    out.networks.emplace_back().name = "lan";
    for (const char* name : {"client", "router"}) {
      world::HostSpec host;
      host.name = name;
      host.forwarding = host.name == "router";
      host.silent = !host.forwarding;
      world::InterfaceSpec& lan = host.interfaces.emplace_back();
      lan.name = "lan";
      lan.network = 0;
      lan.addresses = {*Prefix::parse(host.silent ? "192.168.1.10/24" : "192.168.1.1/24")};
      out.hosts.push_back(host);
    }
    return out;
  }

  Packet packet(const char* to) {
    AddressTable& addresses = driver().context().system.addresses;
    Packet made;
    made.source = addresses.intern(*IpAddress::parse("192.168.1.10"));
    made.destination = addresses.intern(*IpAddress::parse(to));
    made.protocol = Protocol::udp;
    made.destination_port = 9;
    return made;
  }

  // The answers to one packet.
  std::vector<Packet> send(const Packet& packet) {
    driver().inject({1}, {3}, packet);
    while (driver().in_flight()) driver().step(Time::never());
    std::vector<Packet> out;
    for (const world::Sighting& seen : driver().take_sightings())
      if (seen.leaving && seen.interface == InterfaceId{3}) out.push_back(seen.packet);
    return out;
  }
};

TEST(IcmpErrors, a_protocol_the_host_does_not_speak_is_unreachable) {
  Net net;
  Packet packet = net.packet("192.168.1.1");
  packet.protocol = static_cast<Protocol>(132);
  const std::vector<Packet> answers = net.send(packet);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].icmp_type(), 3);
  EXPECT_EQ(answers[0].icmp_code(), 2);
}

TEST(IcmpErrors, a_wrong_checksum_is_dropped_without_an_answer) {
  Net net;
  Packet packet = net.packet("192.168.1.1");
  packet.fragment_flags = FragmentFlag::bad_checksum;
  EXPECT_TRUE(net.send(packet).empty());
}

TEST(IcmpErrors, errors_keep_the_type_of_service_below_internetwork_control) {
  Net net;
  Packet packet = net.packet("192.168.1.1");
  packet.traffic_class = 0x28;
  const std::vector<Packet> answers = net.send(packet);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].traffic_class, 0xc8);
}

TEST(IcmpErrors, one_destination_gets_six_at_once_and_one_a_second_later) {
  Net net;
  std::size_t answers = 0;
  for (int i = 0; i < 10; ++i) answers += net.send(net.packet("192.168.1.1")).size();
  EXPECT_EQ(answers, 6u);
  net.driver().pass_until(net.world.now() + seconds(1));
  for (int i = 0; i < 10; ++i) answers += net.send(net.packet("192.168.1.1")).size();
  EXPECT_EQ(answers, 7u);
}

TEST(IcmpErrors, a_missing_route_is_reported_from_the_same_bucket) {
  Net net;
  std::size_t answers = 0;
  for (int i = 0; i < 10; ++i) answers += net.send(net.packet("203.0.113.1")).size();
  EXPECT_EQ(answers, 2u);
}

}  // namespace
}  // namespace fourtuple
