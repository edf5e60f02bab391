// A prefix-preserving map of addresses, built as Crypto-PAn is (Xu, Fan, Ammar, Moon 2002): bit n is turned over or not
// by a keyed function of the n bits before it, so two addresses that share exactly k leading bits share exactly k
// afterwards, and every address has another image. Some prefixes stay where they are because their meaning is
// what a reader needs; along the way to them no bit is turned over, so the map stays prefix-preserving:
//
//   IPv4   whole: 0.0.0.0/8, 127.0.0.0/8, 224.0.0.0/4, 255.255.255.255
//          the prefix, hosts are mapped: 10/8, 100.64/10, 169.254/16, 172.16/12, 192.168/16
//   IPv6   whole: ::, ::1, multicast (but for what it holds of a unicast address)
//          the prefix: 2000::/3, fd00::/8, fe80::/64; IPv4 inside ::ffff:0:0/96, 64:ff9b::/96 and 2002::/16 is mapped
//          as IPv4 is
//   MAC    whole: zeros, broadcast and the groups of IP and of bridges; the bits for group and local administration
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "capture/anonymize/keyed_hash.h"
#include "sim/wire/address.h"

namespace fourtuple::capture {

using MacAddress = std::array<std::uint8_t, 6>;

class AddressMap {
 public:
  explicit AddressMap(const HashKey& key) : key_(key) {}

  IpAddress of(const IpAddress& address);
  MacAddress of(const MacAddress& address) const;
  // How many different addresses had another image so far; those beyond `most_known` are not counted.
  std::uint64_t replaced() const { return replaced_; }

  static constexpr std::uint32_t most_known = 1u << 20;

 private:
  bool turns(std::uint8_t domain, const std::uint8_t* address, std::uint32_t bit) const;
  IpAddress compute(const IpAddress& address) const;
  IpAddress compute_v4(const IpAddress& address) const;

  HashKey key_;
  AddressTable known_;
  std::vector<IpAddress> images_;  // by id in known_
  std::uint64_t replaced_ = 0;
};

}  // namespace fourtuple::capture
