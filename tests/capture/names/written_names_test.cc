#include "capture/names/written_names.h"

#include <gmock/gmock.h>

#include "tests/capture/builders.h"

namespace fourtuple::capture {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> lines_of(const std::vector<CaptureName>& names) {
  std::vector<std::string> lines;
  for (const CaptureName& name : names) lines.push_back(name.address.to_string() + " " + name.name);
  return lines;
}

TEST(WrittenNames, an_address_of_several_hosts_is_called_as_on_the_networks_of_the_packets) {
  test::TwoHosts net;
  trace::Tables& tables = net.trace.mutable_tables();
  const auto give = [&](InterfaceId to, const char* prefix) {
    tables.topology.interfaces[to.value].addresses.push_back(*Prefix::parse(prefix));
  };
  give(net.client_lo, "127.0.0.1/8");
  give(net.client_eth, "10.0.0.1/24");
  give(net.client_eth, "192.168.1.10/24");
  give(net.server_eth, "10.0.0.2/24");
  give(net.server_eth, "fd00::2/64");
  tables.topology.interfaces[net.server_eth.value].network = NetworkId{1};
  for (const std::uint32_t network : {8u, 9u}) {
    trace::InterfaceInfo other;
    other.host = {static_cast<std::uint32_t>(tables.topology.hosts.size())};
    other.network = {network};
    other.addresses.push_back(*Prefix::parse("192.168.1.10/24"));
    tables.topology.interfaces.push_back(other);
    trace::HostInfo info;
    info.name = tables.strings.intern("elsewhere");
    tables.topology.hosts.push_back(info);
  }
  EXPECT_THAT(lines_of(host_names(tables, net.client_eth)),
              ElementsAre("10.0.0.1 client", "10.0.0.2 server", "192.168.1.10 client", "fd00::2 server"));
  EXPECT_THAT(lines_of(host_names(tables, net.server_eth)),
              ElementsAre("10.0.0.1 client", "10.0.0.2 server", "fd00::2 server"))
      << "192.168.1.10 is three hosts elsewhere";
}

TEST(WrittenNames, what_is_only_supposed_is_not_told) {
  SeenNames names;
  const IpAddress address = *IpAddress::parse("192.0.2.1");
  names.add_host(address, "asked.example", NameSource::tls_sni, 3);
  names.add_host(address, "told.example", NameSource::dns_answer, 9);
  EXPECT_THAT(lines_of(told_names(names)), ElementsAre("192.0.2.1 told.example"));
}

}  // namespace
}  // namespace fourtuple::capture
