#include "capture/observed_hosts.h"

#include <fmt/format.h>

namespace fourtuple::capture {

HostId ObservedHosts::add(std::string_view name, bool loopback) {
  trace::Topology& topology = tables_->topology;
  NetworkId& network = loopback ? loopback_ : observed_;
  if (!network.valid()) {
    network = {static_cast<std::uint32_t>(topology.networks.size())};
    trace::NetworkInfo info;
    info.name = tables_->strings.intern(loopback ? "lo" : "observed network");
    info.kind = loopback ? trace::NetworkKind::loopback : trace::NetworkKind::observed;
    topology.networks.push_back(info);
  }
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
    const auto name = names.best(tables_->addresses[{id}]);
    if (!name) continue;
    StringId text = tables_->strings.intern(name->text);
    if (uses.size() <= text.value) uses.resize(text.value + 1);
    if (const std::uint32_t count = ++uses[text.value]; count > 1)
      text = tables_->strings.intern(fmt::format("{} #{}", name->text, count));
    tables_->topology.hosts[host.value].name = text;
  }
}

InterfaceId ObservedHosts::interface_of(HostId host) const {
  return host.valid() ? tables_->topology.hosts[host.value].interfaces.front() : InterfaceId::none();
}

}  // namespace fourtuple::capture
