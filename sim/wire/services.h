// Names of ports, as /etc/services lists them (services(5)): a port has one name for each protocol and any number of
// aliases. Holds no file and no clock; the reader of the file is app/services.h.
//
//   http    80/tcp    www    # WorldWideWeb HTTP
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/wire/packet.h"

namespace fourtuple {

struct Service {
  Protocol protocol = Protocol::none;  // tcp or udp
  std::uint16_t port = 0;
  std::string name;
  std::vector<std::string> aliases;
};

// RFC 6335 section 6: how IANA divides the ports. "system" 0-1023, "user" 1024-49151, "dynamic" 49152-65535.
std::string_view port_range_name(std::uint16_t port);
constexpr std::uint16_t first_user_port = 1024, first_dynamic_port = 49152;

// Whether the kernel chooses such a port for a socket without one: Linux's net.ipv4.ip_local_port_range unless changed.
constexpr std::uint16_t ephemeral_low = 32768, ephemeral_high = 60999;
constexpr bool is_ephemeral(std::uint16_t port) {
  return port >= ephemeral_low && port <= ephemeral_high;
}

class Services {
 public:
  // Lines that are no service of TCP or UDP are passed over.
  static Services parse(std::string_view text);

  // A port that has a name for this protocol already keeps it, as getservbyport() finds the first.
  void add(Service service);

  // "http" for TCP 80; "" when the port has no name.
  std::string_view name_of(Protocol protocol, std::uint16_t port) const;
  // 80 for TCP "http" or "www", as getservbyname().
  std::optional<std::uint16_t> port_of(Protocol protocol, std::string_view name) const;
  // What a user may mean by `text`: services whose name or alias contains it, or whose port is that number, in the
  // order of ports. Upper and lower case are alike. Empty text: none.
  std::vector<const Service*> search(std::string_view text) const;
  bool empty() const { return by_port_.empty(); }

 private:
  using Key = std::pair<std::uint16_t, Protocol>;
  std::map<Key, Service> by_port_;
  std::map<std::pair<std::string, Protocol>, std::uint16_t, std::less<>> by_name_;
};

}  // namespace fourtuple
