#include "capture/names/written_names.h"

#include <map>

namespace fourtuple::capture {
namespace {

// Who has an address: nobody is valid when several have it.
struct Holder {
  HostId anywhere, near;
  bool several = false, several_near = false;

  void add(HostId host, bool is_near) {
    several = several || (anywhere.valid() && anywhere != host);
    anywhere = host;
    if (!is_near) return;
    several_near = several_near || (near.valid() && near != host);
    near = host;
  }
  HostId only() const {
    if (near.valid()) return several_near ? HostId::none() : near;
    return several ? HostId::none() : anywhere;
  }
};

}  // namespace

std::vector<CaptureName> told_names(const SeenNames& names) {
  std::vector<CaptureName> told;
  for (std::size_t i = 0; i < names.hosts(); ++i)
    for (const SeenName& name : names.of(names.host(i)))
      if (!name.inferred()) told.push_back({names.host(i), std::string(name.text)});
  return told;
}

std::vector<CaptureName> host_names(const trace::Tables& tables, InterfaceId interface) {
  const trace::Topology& topology = tables.topology;
  const NetworkId network = topology.interfaces[interface.value].network;
  std::map<IpAddress, Holder> holders;
  for (const trace::InterfaceInfo& info : topology.interfaces) {
    if (info.loopback || info.host.value >= topology.hosts.size()) continue;
    const bool is_near = network.valid() && info.network == network;
    for (const Prefix& prefix : info.addresses) holders[prefix.address].add(info.host, is_near);
  }
  std::vector<CaptureName> names;
  for (const auto& [address, holder] : holders)
    if (const HostId host = holder.only(); host.valid())
      names.push_back({address, std::string(tables.strings[topology.hosts[host.value].name])});
  return names;
}

}  // namespace fourtuple::capture
