// IP addresses of both families, prefixes, and the table that interns them. Everything that moves or is looked up holds
// an AddressId; the 16 bytes are only needed for text, export and prefix matching.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/index_map.h"
#include "sim/base/outcome.h"

namespace fourtuple {

enum class Family : std::uint8_t { ipv4 = 4, ipv6 = 6 };

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 uses the first four, the rest are zero
  Family family = Family::ipv4;

  static IpAddress v4(std::uint32_t host_order);
  static IpAddress wildcard(Family family) { return {{}, family}; }
  // "192.0.2.1", "2001:db8::1". A failure's message says what was expected.
  static Outcome<IpAddress> parse(std::string_view text);

  // The address n further on; the last 32 bits count, and wrap.
  IpAddress plus(std::uint32_t n) const;
  std::uint32_t v4_value() const;  // host order. REQUIRES: family is IPv4.
  bool is_wildcard() const;
  bool is_loopback() const;       // 127.0.0.0/8 or ::1
  bool is_multicast() const;      // 224.0.0.0/4 or ff00::/8
  bool is_broadcast() const;      // 255.255.255.255
  bool is_link_local() const;     // 169.254.0.0/16 or fe80::/10
  std::string to_string() const;  // IPv6 per RFC 5952
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

std::uint64_t hash_of(const IpAddress& address);

struct Prefix {
  IpAddress address;  // as written: host bits may be set (an interface's address with its length)
  std::uint8_t length = 0;

  static Outcome<Prefix> parse(std::string_view text);  // "192.168.1.10/24"
  bool contains(const IpAddress& other) const;
  std::string to_string() const;
  friend bool operator==(const Prefix&, const Prefix&) = default;
};

// Interns addresses: equal addresses have equal ids. Ids count up in order of first use. Ids 0 and 1 are always the
// wildcards 0.0.0.0 and ::, ids 2 and 3 the loopbacks 127.0.0.1 and ::1.
class AddressTable {
 public:
  AddressTable();
  AddressId intern(const IpAddress& address);
  AddressId find(const IpAddress& address) const;  // none() when never interned
  const IpAddress& operator[](AddressId id) const { return addresses_[id.value]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(addresses_.size()); }

 private:
  std::vector<IpAddress> addresses_;
  IndexMap<IpAddress> index_;
};

constexpr AddressId wildcard_v4{0}, wildcard_v6{1}, loopback_v4{2}, loopback_v6{3};

}  // namespace fourtuple
