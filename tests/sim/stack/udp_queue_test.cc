// How much of a receive buffer a datagram takes. Kernel data: tests/data/kernel/udp_charge.csv.
#include <fstream>
#include <gtest/gtest.h>

#include "sim/stack/syscalls.h"
#include "sim/world/driver.h"

namespace fourtuple {
namespace {

// A silent client and a server with a UDP socket on port 9 that nobody reads.
struct QueueNet {
  trace::Trace trace{trace::Level::stages};
  world::World world;
  ProcessId process;
  QueueNet() : world(scenario(), 1, trace) {
    auto c = driver().context();
    process = stack::start_process(c, {1}, StringId::none(), StringId::none(), 0, 100);
    const stack::Result made = stack::sys_socket(c, process, Protocol::udp, Family::ipv4);
    stack::sys_bind(c, process, made.value, wildcard_v4, 9);
  }
  world::WorldDriver driver() { return {world, trace}; }

  static world::Scenario scenario() {
    world::Scenario out;
    out.networks.emplace_back().name = "lan";
    for (const char* name : {"client", "server"}) {
      world::HostSpec host;
      host.name = name;
      host.silent = host.name == "client";
      world::InterfaceSpec& lan = host.interfaces.emplace_back();
      lan.name = "lan";
      lan.network = 0;
      lan.addresses = {*Prefix::parse(host.silent ? "10.0.0.1/24" : "10.0.0.2/24")};
      out.hosts.push_back(host);
    }
    return out;
  }

  std::uint32_t queue_with(std::uint32_t length) {
    AddressTable& addresses = driver().context().system.addresses;
    Packet packet;
    packet.source = addresses.intern(*IpAddress::parse("10.0.0.1"));
    packet.destination = addresses.intern(*IpAddress::parse("10.0.0.2"));
    packet.protocol = Protocol::udp;
    packet.source_port = 1000;
    packet.destination_port = 9;
    packet.payload_kind = PayloadKind::content;
    packet.payload_length = length;
    driver().inject({1}, {3}, packet);
    while (driver().in_flight()) driver().step(Time::never());
    return driver().context().socket({0}).receive_queue;
  }
};

TEST(UdpReceiveQueue, is_charged_for_each_datagram_what_linux_charges) {
  std::ifstream file(FT_SOURCE_DIR "/tests/data/kernel/udp_charge.csv");
  std::string line;
  int compared = 0;
  while (std::getline(file, line)) {
    const std::size_t comma = line.find(',');
    if (line.starts_with('#') || line.starts_with("length") || comma == std::string::npos) continue;
    const auto length = static_cast<std::uint32_t>(std::stoul(line.substr(0, comma)));
    EXPECT_EQ(QueueNet().queue_with(length), std::stoul(line.substr(comma + 1))) << length << " bytes";
    ++compared;
  }
  EXPECT_GT(compared, 20);
}

TEST(UdpReceiveQueue, is_empty_again_when_all_is_read) {
  QueueNet net;
  net.queue_with(100);
  EXPECT_EQ(net.queue_with(700), 832u + 2304u);
  auto c = net.driver().context();
  stack::Payload part;
  stack::Peer peer;
  stack::sys_receive(c, net.process, 3, 65536, part, peer);
  EXPECT_EQ(c.socket({0}).receive_queue, 2304u);
  stack::sys_receive(c, net.process, 3, 65536, part, peer);
  EXPECT_EQ(c.socket({0}).receive_queue, 0u);
}

}  // namespace
}  // namespace fourtuple
