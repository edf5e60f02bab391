// Finds the IP packet in a captured frame: Ethernet with VLAN tags, MPLS and PPPoE, Linux cooked v1 and v2, BSD
// loopback, PPP and raw IP. One table of link types, nothing else knows them.
#pragma once

#include <cstdint>

#include "capture/frame.h"

namespace fourtuple::capture {

enum class Network : std::uint8_t {
  ip = 0,  // an IPv4 or IPv6 packet starts at `offset`
  arp = 1,
  other = 2,        // another network protocol; `ethertype` says which, if the link has one
  cut = 3,          // the captured bytes end inside the link header
  unsupported = 4,  // a link type not known here
};

struct LinkHeader {
  Network network = Network::unsupported;
  std::uint32_t offset = 0;
  std::uint16_t ethertype = 0;
  std::uint16_t vlan = 0;  // of the outermost tag, 0: none
};

LinkHeader decode_link(LinkType type, Bytes bytes);

// What follows an EtherType at `offset` of `bytes`; for tunnels that carry EtherTypes.
LinkHeader decode_ethertype(Bytes bytes, std::uint32_t offset, std::uint16_t ethertype);

}  // namespace fourtuple::capture
