#include "sim/trace/find_host.h"

namespace fourtuple::trace {

HostId host_at(const Tables& tables, const IpAddress& address) {
  for (const InterfaceInfo& interface : tables.topology.interfaces)
    for (const Prefix& prefix : interface.addresses)
      if (prefix.address == address) return interface.host;
  return HostId::none();
}

HostId find_host(const Tables& tables, std::string_view name_or_address) {
  const auto& hosts = tables.topology.hosts;
  for (std::uint32_t i = 0; i < hosts.size(); ++i)
    if (tables.strings[hosts[i].name] == name_or_address) return {i};
  const auto address = IpAddress::parse(name_or_address);
  return address ? host_at(tables, *address) : HostId::none();
}

}  // namespace fourtuple::trace
