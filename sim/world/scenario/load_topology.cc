#include <map>

#include "sim/world/scenario/loader.h"

namespace fourtuple::world {
namespace {

// The all-zeros and all-ones host part of an IPv4 prefix shorter than 31 name the network and its broadcast.
bool is_network_or_broadcast(const Prefix& prefix) {
  if (prefix.address.family != Family::ipv4 || prefix.length >= 31) return false;
  const std::uint32_t host_bits = prefix.address.v4_value() & (0xffffffffu >> prefix.length);
  return host_bits == 0 || host_bits == 0xffffffffu >> prefix.length;
}

bool unusable(const IpAddress& address) {
  return address.is_wildcard() || address.is_loopback() || address.is_multicast() || address.is_broadcast();
}

}  // namespace

void Loader::check_addresses() {
  struct Holder {
    std::string name;
    std::uint32_t host;
  };
  std::map<std::pair<std::uint32_t, IpAddress>, Holder> on_network;
  std::map<IpAddress, Holder> anywhere;
  for (std::uint32_t h = 0; h < scenario_.hosts.size(); ++h) {
    const HostSpec& host = scenario_.hosts[h];
    for (const InterfaceSpec& interface : host.interfaces) {
      const Holder holder{host.name + "/" + interface.name, h};
      for (const Prefix& prefix : interface.addresses) {
        const std::string shown = prefix.address.to_string();
        if (unusable(prefix.address) || is_network_or_broadcast(prefix))
          reporter_.error(interface.where, shown + " cannot be the address of an interface",
                          "an address of one host within its prefix");
        const auto [there, fresh] = on_network.emplace(std::pair(interface.network, prefix.address), holder);
        const auto [first, unique] = anywhere.emplace(prefix.address, holder);
        if (!fresh && interface.network != nothing)
          reporter_.error(interface.where, shown + " is already the address of " + there->second.name,
                          "a different address for each interface of a network");
        else if (!unique && first->second.host == h)
          reporter_.error(interface.where, shown + " is already the address of " + first->second.name,
                          "a different address for each interface of a host");
        else if (!unique)
          reporter_.warning(interface.where,
                            shown + " is also the address of " + first->second.name + " on another network");
      }
    }
    check_host_prefixes(host);
  }
}

void Loader::check_host_prefixes(const HostSpec& host) {
  for (std::size_t i = 0; i < host.interfaces.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const InterfaceSpec &later = host.interfaces[i], &earlier = host.interfaces[j];
      for (const Prefix& a : later.addresses) {
        for (const Prefix& b : earlier.addresses) {
          if (a.address == b.address || !(a.contains(b.address) || b.contains(a.address))) continue;
          reporter_.error(later.where,
                          a.to_string() + " overlaps " + b.to_string() + " of interface '" + earlier.name + "'",
                          "prefixes that have no address in common");
        }
      }
    }
  }
}

bool Loader::is_usable_prefix(const Prefix& prefix, Mark where) {
  const bool usable = prefix.length != 0 && !unusable(prefix.address);
  if (!usable)
    reporter_.error(where, "a host cannot answer for " + prefix.to_string(), "a prefix of unicast addresses");
  return usable;
}

// Who answers for an address on a network must be clear.
void Loader::check_local_prefixes() {
  const auto overlap = [](const Prefix& a, const Prefix& b) { return a.contains(b.address) || b.contains(a.address); };
  const auto check = [&](const InterfaceSpec& interface, const Prefix& local, const HostSpec& other,
                         const InterfaceSpec& near) {
    for (const Prefix& held : near.addresses)
      if (local.contains(held.address))
        reporter_.error(interface.where,
                        local.to_string() + " contains " + held.address.to_string() + " of " + other.name,
                        "a prefix without addresses of other hosts");
    for (const Prefix& held : near.local)
      if (overlap(local, held))
        reporter_.error(interface.where, local.to_string() + " overlaps " + held.to_string() + " of " + other.name,
                        "prefixes that have no address in common");
  };
  for (const HostSpec& host : scenario_.hosts)
    for (const InterfaceSpec& interface : host.interfaces)
      for (const Prefix& local : interface.local)
        for (const HostSpec& other : scenario_.hosts)
          for (const InterfaceSpec& near : other.interfaces)
            if (&other != &host && near.network == interface.network) check(interface, local, other, near);
}

void Loader::check_networks() {
  std::vector<std::uint32_t> ends(scenario_.networks.size(), 0);
  for (const HostSpec& host : scenario_.hosts) {
    for (const InterfaceSpec& interface : host.interfaces) {
      if (interface.network == nothing) return;  // reported, and it may be meant for any of them
      ++ends[interface.network];
    }
  }
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const NetworkSpec& network = scenario_.networks[i];
    if (ends[i] < 2)
      reporter_.error(
          network.where,
          "the network '" + network.name + "' has " + (ends[i] == 0 ? "no interface" : "only one interface") + " on it",
          "two or more interfaces with network: " + network.name);
  }
}

}  // namespace fourtuple::world
