#include "capture/observed_hosts.h"

#include <fmt/format.h>

namespace fourtuple::capture {

HostId ObservedHosts::add(std::string_view name, bool loopback) {
  trace::Topology& topology = tables_->topology;
  NetworkId& usual = loopback ? loopback_ : observed_;
  const bool elsewhere = preferred_.valid() && !loopback;
  if (!elsewhere && !usual.valid()) {
    usual = add_network(loopback ? "lo" : "observed network");
    if (loopback) topology.networks.back().kind = trace::NetworkKind::loopback;
  }
  const NetworkId network = elsewhere ? preferred_ : usual;
  const HostId host{static_cast<std::uint32_t>(topology.hosts.size())};
  const InterfaceId interface {
    static_cast<std::uint32_t>(topology.interfaces.size())
  };
  trace::InterfaceInfo link;
  link.host = host;
  link.name = tables_->strings.intern(loopback ? "lo" : "observed");
  link.network = network;
  link.loopback = loopback;
  topology.interfaces.push_back(link);
  topology.networks[network.value].interfaces.push_back(interface);
  trace::HostInfo info;
  info.name = tables_->strings.intern(name);
  info.kind = trace::HostKind::observed;
  info.inferred = true;
  info.interfaces.push_back(interface);
  topology.hosts.push_back(info);
  return host;
}

void ObservedHosts::give(HostId host, const IpAddress& address) {
  constexpr std::size_t most_listed = 64;
  auto& addresses = tables_->topology.interfaces[interface_of(host).value].addresses;
  if (addresses.size() < most_listed)
    addresses.push_back({address, static_cast<std::uint8_t>(address.family == Family::ipv4 ? 32 : 128)});
}

HostId ObservedHosts::host_of(AddressId id) {
  if (id.value < asked_.size() && asked_[id.value]) return by_address_[id.value];
  if (id.value >= asked_.size()) {
    asked_.resize(id.value + 1);
    by_address_.resize(id.value + 1);
  }
  asked_[id.value] = true;
  const IpAddress address = tables_->addresses[id];
  HostId host;
  if (address.is_loopback()) {
    if (!localhost_.valid()) localhost_ = add("localhost", true);
    host = localhost_;
  } else if (address.is_multicast() || address.is_broadcast() || address.is_wildcard()) {
    return host;
  } else if (tables_->topology.hosts.size() + 1 < max_hosts) {
    host = add(address.to_string(), false);
  } else {
    if (!other_.valid()) other_ = add("other addresses", false);
    host = other_;
    ++shared_;
  }
  give(host, address);
  by_address_[id.value] = host;
  return host;
}

void ObservedHosts::name_after(const SeenNames& names) {
  std::vector<std::uint32_t> uses;  // by StringId
  for (std::uint32_t id = 0; id < by_address_.size(); ++id) {
    const HostId host = by_address_[id];
    if (!host.valid() || host == localhost_ || host == other_) continue;
    // What stands for others is not called as they are.
    if (tables_->topology.hosts[host.value].forwarding) continue;
    const auto name = names.best(tables_->addresses[{id}]);
    if (!name) continue;
    StringId text = tables_->strings.intern(name->text);
    if (uses.size() <= text.value) uses.resize(text.value + 1);
    if (const std::uint32_t count = ++uses[text.value]; count > 1)
      text = tables_->strings.intern(fmt::format("{} #{}", name->text, count));
    tables_->topology.hosts[host.value].name = text;
  }
}

NetworkId ObservedHosts::add_network(std::string_view name) {
  auto& networks = tables_->topology.networks;
  trace::NetworkInfo info;
  info.name = tables_->strings.intern(name);
  info.kind = trace::NetworkKind::observed;
  networks.push_back(info);
  return {static_cast<std::uint32_t>(networks.size() - 1)};
}

HostId ObservedHosts::add_router(std::string_view name, const std::vector<RouterSide>& sides) {
  trace::Topology& topology = tables_->topology;
  const HostId host{static_cast<std::uint32_t>(topology.hosts.size())};
  trace::HostInfo info;
  info.name = tables_->strings.intern(name);
  info.kind = trace::HostKind::router;
  info.forwarding = true;
  info.inferred = true;
  for (const RouterSide& side : sides) {
    const InterfaceId id{static_cast<std::uint32_t>(topology.interfaces.size())};
    trace::InterfaceInfo link;
    link.host = host;
    link.name = tables_->strings.intern(side.name);
    link.network = side.network;
    topology.interfaces.push_back(link);
    topology.networks[side.network.value].interfaces.push_back(id);
    info.interfaces.push_back(id);
  }
  topology.hosts.push_back(info);
  return host;
}

void ObservedHosts::assign(AddressId address, HostId host, NetworkId network) {
  if (address.value >= asked_.size()) {
    asked_.resize(address.value + 1);
    by_address_.resize(address.value + 1);
  }
  if (asked_[address.value]) return;
  asked_[address.value] = true;
  by_address_[address.value] = host;
  const IpAddress& value = tables_->addresses[address];
  tables_->topology.interfaces[interface_in(host, network).value].addresses.push_back(
      {value, static_cast<std::uint8_t>(value.family == Family::ipv4 ? 32 : 128)});
}

InterfaceId ObservedHosts::interface_in(HostId host, NetworkId network) const {
  if (!host.valid()) return InterfaceId::none();
  const trace::Topology& topology = tables_->topology;
  for (const InterfaceId interface : topology.hosts[host.value].interfaces)
    if (topology.interfaces[interface.value].network == network) return interface;
  return interface_of(host);
}

InterfaceId ObservedHosts::interface_of(HostId host) const {
  return host.valid() ? tables_->topology.hosts[host.value].interfaces.front() : InterfaceId::none();
}

}  // namespace fourtuple::capture
