#include "tests/kernel/names.h"

#include <algorithm>

namespace fourtuple::kernel_case {
namespace {

// Time on every wire: enough to keep causes before effects, too little for any timer.
constexpr Duration wire_delay = microseconds(1);

bool read_prefix(const std::string& text, Prefix& out, std::string& error) {
  const Outcome<Prefix> parsed = Prefix::parse(text);
  if (parsed) {
    out = *parsed;
    return true;
  }
  const Outcome<IpAddress> alone = IpAddress::parse(text);
  if (!alone) {
    error = "not an address: " + text;
    return false;
  }
  out = {*alone, static_cast<std::uint8_t>(alone->family == Family::ipv4 ? 32 : 128)};
  return true;
}

bool read_route(const Json& spec, Route& route, std::string& error) {
  std::string destination = spec.at("dst").get<std::string>();
  const std::string via = spec.value("via", "");
  if (!via.empty()) {
    const Outcome<IpAddress> gateway = IpAddress::parse(via);
    if (!gateway) {
      error = "not an address: " + via;
      return false;
    }
    route.gateway = *gateway;
  }
  route.device = spec.value("dev", "");
  if (destination == "default") destination = via.find(':') == std::string::npos ? "0.0.0.0/0" : "::/0";
  return read_prefix(destination, route.destination, error);
}

}  // namespace

bool Names::read_node(const Json& spec, bool router, std::string& error) {
  Node node;
  node.name = spec.at("name").get<std::string>();
  node.router = router;
  node.silent = spec.value("stack", "linux") == "none";
  node.id = {static_cast<std::uint32_t>(nodes_.size())};
  for (const Json& port : spec.at("ifaces")) {
    Port made{port.at("if").get<std::string>(), port.at("net").get<std::string>(), {}, {}};
    if (port.contains("addrs")) {
      for (const Json& text : port["addrs"])
        if (!read_prefix(text.get<std::string>(), made.addresses.emplace_back(), error)) return false;
    }
    if (std::find(networks_.begin(), networks_.end(), made.network) == networks_.end())
      networks_.push_back(made.network);
    node.ports.push_back(std::move(made));
  }
  if (spec.contains("routes")) {
    for (const Json& route : spec["routes"])
      if (!read_route(route, node.routes.emplace_back(), error)) return false;
  }
  nodes_.push_back(std::move(node));
  return true;
}

bool Names::read(const Json& test_case, std::string& error) {
  for (const char* kind : {"routers", "hosts"}) {
    if (!test_case.contains(kind)) continue;
    for (const Json& spec : test_case[kind])
      if (!read_node(spec, std::string(kind) == "routers", error)) return false;
  }
  std::uint32_t next = 0;  // every host's lo comes before its other interfaces (WorldBuilder)
  for (Node& node : nodes_) {
    ++next;
    for (Port& port : node.ports) port.id = {next++};
  }
  return true;
}

const Node* Names::find(const std::string& name) const {
  for (const Node& node : nodes_)
    if (node.name == name) return &node;
  return nullptr;
}

std::string Names::interface_name(InterfaceId id) const {
  for (const Node& node : nodes_)
    for (const Port& port : node.ports)
      if (port.id == id) return port.name;
  return "lo";
}

std::string Names::place(InterfaceId id) const {
  for (const Node& node : nodes_)
    for (const Port& port : node.ports)
      if (port.id == id) return node.name + ":" + port.name;
  return {};
}

HostId Names::host_of(InterfaceId id) const {
  std::uint32_t next = 0;
  for (const Node& node : nodes_) {
    next += static_cast<std::uint32_t>(node.ports.size()) + 1;
    if (id.value < next) return node.id;
  }
  return HostId::none();
}

std::optional<Names::NextHop> Names::neighbour(const Node& node, const IpAddress& address) const {
  for (const Port& mine : node.ports)
    for (const Node& other : nodes_) {
      if (other.id == node.id) continue;
      for (const Port& theirs : other.ports) {
        if (theirs.network != mine.network) continue;
        for (const Prefix& prefix : theirs.addresses)
          if (prefix.address == address) return NextHop{mine.id, theirs.id};
      }
    }
  return std::nullopt;
}

std::optional<Names::NextHop> Names::next_hop(const Node& node, const IpAddress& address) const {
  if (const std::optional<NextHop> direct = neighbour(node, address)) return direct;
  const Route* best = nullptr;
  for (const Route& route : node.routes) {
    if (!route.gateway || route.destination.address.family != address.family) continue;
    if (!route.destination.contains(address) || !neighbour(node, *route.gateway)) continue;
    if (best == nullptr || route.destination.length > best->destination.length) best = &route;
  }
  return best == nullptr ? std::nullopt : neighbour(node, *best->gateway);
}

std::uint32_t Names::network_number(const std::string& name) const {
  return static_cast<std::uint32_t>(std::find(networks_.begin(), networks_.end(), name) - networks_.begin());
}

world::Scenario Names::scenario() const {
  world::Scenario out;
  for (const std::string& name : networks_) {
    world::NetworkSpec network;
    network.name = name;
    network.delay = wire_delay;
    network.queue_packets = 0;
    out.networks.push_back(network);
  }
  for (const Node& node : nodes_) {
    world::HostSpec host;
    host.name = node.name;
    host.kind = node.router ? trace::HostKind::router : trace::HostKind::computer;
    host.forwarding = node.router;
    host.silent = node.silent;
    for (const Port& port : node.ports) {
      world::InterfaceSpec& made = host.interfaces.emplace_back();
      made.name = port.name;
      made.network = network_number(port.network);
      made.addresses = port.addresses;
    }
    for (const Route& route : node.routes) {
      world::RouteSpec made{route.destination, {}, route.gateway, 0};
      for (std::uint32_t i = 0; i < node.ports.size(); ++i) {
        if (node.ports[i].name == route.device) made.interface = i;
        for (const Prefix& prefix : node.ports[i].addresses)
          if (route.gateway && prefix.contains(*route.gateway)) made.interface = i;
      }
      host.routes.push_back(made);
    }
    out.hosts.push_back(std::move(host));
  }
  return out;
}

}  // namespace fourtuple::kernel_case
