// The interfaces of this machine that can be captured on, as libpcap lists them, and their addresses.
#pragma once

#include <string>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/wire/address.h"

namespace fourtuple::capture {

struct LocalInterface {
  std::string name;
  bool up = false, loopback = false;
  std::vector<IpAddress> addresses;
};

// Network interfaces, and "any" for all of them; libpcap's other sources (buses, netlink) are left out.
Outcome<std::vector<LocalInterface>> local_interfaces();

// "lo, eth0 (down), any"
std::string names_of(const std::vector<LocalInterface>& interfaces);

}  // namespace fourtuple::capture
