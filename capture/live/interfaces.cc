#include "capture/live/interfaces.h"

#include <algorithm>
#include <netinet/in.h>
#include <pcap/pcap.h>

namespace fourtuple::capture {
namespace {

struct FreeList {
  void operator()(pcap_if_t* list) const { pcap_freealldevs(list); }
};

void add_address(const sockaddr* address, std::vector<IpAddress>& addresses) {
  if (address == nullptr) return;
  IpAddress ip;
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&v4->sin_addr);
    std::copy(bytes, bytes + sizeof(v4->sin_addr), ip.bytes.begin());
  } else if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    ip.family = Family::ipv6;
    std::copy(std::begin(v6->sin6_addr.s6_addr), std::end(v6->sin6_addr.s6_addr), ip.bytes.begin());
  } else {
    return;
  }
  addresses.push_back(ip);
}

bool is_network(const std::string& name) {
  constexpr std::string_view others[] = {"bluetooth", "dbus-", "nflog", "nfqueue", "usbmon"};
  return std::none_of(std::begin(others), std::end(others),
                      [&](std::string_view other) { return name.starts_with(other); });
}

}  // namespace

Outcome<std::vector<LocalInterface>> local_interfaces() {
  char message[PCAP_ERRBUF_SIZE] = {};
  pcap_if_t* found = nullptr;
  if (pcap_findalldevs(&found, message) != 0) return fail(std::string("the interfaces cannot be listed: ") + message);
  const std::unique_ptr<pcap_if_t, FreeList> list(found);
  std::vector<LocalInterface> interfaces;
  for (const pcap_if_t* at = list.get(); at != nullptr; at = at->next) {
    LocalInterface interface;
    interface.name = at->name;
    if (!is_network(interface.name)) continue;
    interface.up = (at->flags & PCAP_IF_UP) != 0;
    interface.loopback = (at->flags & PCAP_IF_LOOPBACK) != 0;
    for (const pcap_addr_t* address = at->addresses; address != nullptr; address = address->next)
      add_address(address->addr, interface.addresses);
    interfaces.push_back(std::move(interface));
  }
  return interfaces;
}

std::string names_of(const std::vector<LocalInterface>& interfaces) {
  std::string names;
  for (const LocalInterface& interface : interfaces)
    names += (names.empty() ? "" : ", ") + interface.name + (interface.up || interface.name == "any" ? "" : " (down)");
  return names;
}

}  // namespace fourtuple::capture
