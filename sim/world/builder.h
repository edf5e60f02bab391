// From a Scenario to the first instant of a World: hosts, interfaces, routes, networks, names, texts, and the calendar
// entries that start processes and the timeline.
#pragma once

#include "sim/trace/tables.h"
#include "sim/world/world.h"

namespace fourtuple::world {

struct WorldBuilder {
  World& world;
  trace::Tables& tables;
  const Scenario& scenario;
  std::uint64_t seed;

  void build();

 private:
  void describe();
  void add_networks();
  void add_host(const HostSpec& spec);
  InterfaceId add_loopback(HostId host, const HostSpec& spec);
  void add_interface(HostId host, const HostSpec& spec, const InterfaceSpec& interface);
  void register_interface(const stack::Interface& interface, const std::string& host, const std::string& name);
  void add_routes(HostId host, const HostSpec& spec, const std::vector<InterfaceId>& ids);
  void add_servers();
  Server make_server(const ProcessSpec& spec);
  ContentId add_content(std::string text);
  void add_payloads();
  void add_captions();
  void schedule();
};

// Sets what a sysctl of a scenario sets.
void apply_sysctl(stack::Host& host, netfilter::HostFilter& filter, const SysctlSetting& setting);

}  // namespace fourtuple::world
