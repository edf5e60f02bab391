// A case's nodes and interfaces by name, in the ids the World gave them, and where each interface's raw packets go.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/ids.h"
#include "sim/wire/address.h"
#include "sim/world/scenario/scenario.h"

namespace fourtuple::kernel_case {

using Json = nlohmann::ordered_json;

struct Port {
  std::string name, network;
  std::vector<Prefix> addresses;
  InterfaceId id;
};

struct Route {
  Prefix destination;
  std::optional<IpAddress> gateway;
  std::string device;  // instead of a gateway
};

struct Node {
  std::string name;
  bool router = false;
  bool silent = false;
  HostId id;
  std::vector<Port> ports;
  std::vector<Route> routes;
};

class Names {
 public:
  // Reads routers and hosts; false and `error` when a field makes no sense.
  bool read(const Json& test_case, std::string& error);

  const std::vector<Node>& nodes() const { return nodes_; }
  const Node* find(const std::string& name) const;
  const Node& of(HostId id) const { return nodes_[id.value]; }
  // "r:wan"; empty for lo.
  std::string place(InterfaceId id) const;
  // "wan", "lo".
  std::string interface_name(InterfaceId id) const;
  HostId host_of(InterfaceId id) const;

  // The interface a raw packet from `node` to `address` leaves by, and the neighbour's that gets it.
  struct NextHop {
    InterfaceId from, to;
  };
  std::optional<NextHop> next_hop(const Node& node, const IpAddress& address) const;

  // The networks, hosts and routes as a scenario.
  world::Scenario scenario() const;

 private:
  bool read_node(const Json& spec, bool router, std::string& error);
  std::optional<NextHop> neighbour(const Node& node, const IpAddress& address) const;
  std::uint32_t network_number(const std::string& name) const;

  std::vector<Node> nodes_;  // routers first, as HostId
  std::vector<std::string> networks_;
};

}  // namespace fourtuple::kernel_case
