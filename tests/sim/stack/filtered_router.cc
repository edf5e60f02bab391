#include "tests/sim/stack/filtered_router.h"

#include <gtest/gtest.h>

#include "sim/netfilter/nft/parse.h"
#include "sim/netfilter/rules/load.h"
#include "sim/stack/hooks.h"

namespace fourtuple::stack::test {
namespace {

constexpr HostId router{1};
// Interfaces are numbered host by host, lo first.
constexpr InterfaceId client_lan{1}, router_lo{2}, router_lan{3}, router_wan{4}, server_8{6}, server_9{8};

void add_interface(world::HostSpec& host, const char* name, std::uint32_t network, const char* address) {
  world::InterfaceSpec& made = host.interfaces.emplace_back();
  made.name = name;
  made.network = network;
  made.addresses = {*Prefix::parse(address)};
}

world::HostSpec silent(const char* name, std::uint32_t network, const char* address) {
  world::HostSpec host;
  host.name = name;
  host.silent = true;
  add_interface(host, "e0", network, address);
  return host;
}

world::Scenario scenario() {
  world::Scenario out;
  out.networks.resize(2);
  out.networks[0].name = "lan";
  out.networks[1].name = "wan";
  out.hosts.push_back(silent("client", 0, "192.168.1.10/24"));
  world::HostSpec middle;
  middle.name = "router";
  middle.forwarding = true;
  add_interface(middle, "lan", 0, "192.168.1.1/24");
  add_interface(middle, "wan", 1, "198.51.100.1/24");
  world::RouteSpec route;
  route.destination = *Prefix::parse("203.0.113.0/24");
  route.gateway = *IpAddress::parse("198.51.100.8");
  route.interface = 1;
  middle.routes.push_back(route);
  out.hosts.push_back(middle);
  out.hosts.push_back(silent("eight", 1, "198.51.100.8/24"));
  out.hosts.push_back(silent("nine", 1, "198.51.100.9/24"));
  return out;
}

}  // namespace

FilteredRouter::FilteredRouter(std::string_view ruleset) : world_(scenario(), 1, trace_) {
  driver().watch();
  load(ruleset);
}

void FilteredRouter::load(std::string_view ruleset) {
  const nft::ParseResult parsed = nft::parse(ruleset, {});
  for (const auto& error : parsed.errors) ADD_FAILURE() << error.to_string();
  stack::Context c = context();
  const Outcome<netfilter::Model> model = netfilter::apply_script(
      {}, parsed.script, netfilter::element_exists(c.system.netfilter, c.system.visible, router, world_.now()));
  if (!model) return ADD_FAILURE() << model.error().to_string(), void();
  trace_.mutable_tables().rulesets.emplace_back();
  stack::load_ruleset(c, router, *model, parsed.script, 0);
}

Packet FilteredRouter::packet(std::string_view from, std::string_view to, Protocol protocol) {
  AddressTable& addresses = context().system.addresses;
  Packet made;
  made.source = addresses.intern(*IpAddress::parse(from));
  made.destination = addresses.intern(*IpAddress::parse(to));
  made.protocol = protocol;
  return made;
}

Packet FilteredRouter::udp(std::string_view from, std::string_view to, std::uint16_t from_port, std::uint16_t to_port) {
  Packet made = packet(from, to, Protocol::udp);
  made.source_port = from_port;
  made.destination_port = to_port;
  return made;
}

Packet FilteredRouter::tcp(std::string_view from, std::string_view to, std::uint16_t from_port, std::uint16_t to_port,
                           std::uint8_t flags) {
  Packet made = udp(from, to, from_port, to_port);
  made.protocol = Protocol::tcp;
  made.flags = flags;
  return made;
}

Packet FilteredRouter::echo_request(std::string_view from, std::string_view to) {
  Packet made = packet(from, to, Protocol::icmp);
  made.source_port = 8 << 8;
  made.destination_port = 1;
  return made;
}

ContentId FilteredRouter::add_content(std::string_view text) {
  std::vector<trace::Content>& all = trace_.mutable_tables().contents;
  all.push_back({std::string(text)});
  return {static_cast<std::uint32_t>(all.size() - 1)};
}

void FilteredRouter::send(const Packet& packet, bool from_wan) {
  driver().take_sightings();
  driver().inject(from_wan ? server_9 : client_lan, from_wan ? router_wan : router_lan, packet);
  while (driver().in_flight()) driver().step(Time::never());
  sightings_ = driver().take_sightings();
}

std::vector<Packet> FilteredRouter::sent(std::string_view interface) const {
  const InterfaceId wanted = interface == "lo" ? router_lo : interface == "lan" ? router_lan : router_wan;
  std::vector<Packet> out;
  for (const world::Sighting& seen : sightings_)
    if (seen.leaving && seen.interface == wanted) out.push_back(seen.packet);
  return out;
}

std::vector<int> FilteredRouter::received_by_servers() const {
  std::vector<int> out;
  for (const world::Sighting& seen : sightings_)
    if (!seen.leaving && (seen.interface == server_8 || seen.interface == server_9))
      out.push_back(seen.interface == server_8 ? 8 : 9);
  return out;
}

}  // namespace fourtuple::stack::test
