// The hosts a capture shows: one per unicast address, all loopback addresses together as "localhost", joined by one
// observed network. Nothing more can be known from one vantage point, so every host is flagged inferred.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capture/names/seen_names.h"
#include "sim/trace/tables.h"

namespace fourtuple::capture {

class ObservedHosts {
 public:
  // Further addresses share one host named "other addresses".
  static constexpr std::uint32_t max_hosts = 4096;

  explicit ObservedHosts(trace::Tables& tables) : tables_(&tables) {}

  // The host of an address; none() for multicast, broadcast and unspecified ones.
  HostId host_of(AddressId address);
  // Its one interface, none() for none().
  InterfaceId interface_of(HostId host) const;
  // Gives hosts the names of their addresses; of several with one name the later ones get a number behind it. An
  // address remains a way to call its host.
  void name_after(const SeenNames& names);
  // The interface of a host in a network, its first one when it has none there; none() for none().
  InterfaceId interface_in(HostId host, NetworkId network) const;
  // --- what is known of the ground from more than one place ---
  NetworkId add_network(std::string_view name);
  struct RouterSide {
    std::string name;
    NetworkId network;
  };
  HostId add_router(std::string_view name, const std::vector<RouterSide>& sides);
  // The address is the host's, in that network. REQUIRES: it was not asked for yet.
  void assign(AddressId address, HostId host, NetworkId network);
  // Hosts not yet met are put into this network; none(): the observed one.
  void prefer(NetworkId network) { preferred_ = network; }
  // Addresses that had to share the last host.
  std::uint32_t addresses_shared() const { return shared_; }

 private:
  HostId add(std::string_view name, bool loopback);
  void give(HostId host, const IpAddress& address);

  trace::Tables* tables_;
  std::vector<HostId> by_address_;  // by AddressId, unknown until asked for
  std::vector<bool> asked_;
  HostId localhost_, other_;
  NetworkId observed_, loopback_, preferred_;
  std::uint32_t shared_ = 0;
};

}  // namespace fourtuple::capture
