#include "capture/sockets/socket_list.h"

#include <algorithm>
#include <tuple>

namespace fourtuple::capture {

void sort_holders(std::vector<SocketHolder>& holders) {
  const auto order = [](const SocketHolder& holder) { return std::tie(holder.pid, holder.fd, holder.name); };
  std::sort(holders.begin(), holders.end(),
            [&](const SocketHolder& a, const SocketHolder& b) { return order(a) < order(b); });
  holders.erase(std::unique(holders.begin(), holders.end()), holders.end());
}

IpAddress unmapped(const IpAddress& address) {
  constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (address.family != Family::ipv6 || !std::equal(prefix.begin(), prefix.end(), address.bytes.begin()))
    return address;
  IpAddress v4;
  std::copy(address.bytes.begin() + prefix.size(), address.bytes.end(), v4.bytes.begin());
  return v4;
}

}  // namespace fourtuple::capture
