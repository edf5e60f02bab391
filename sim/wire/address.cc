#include "sim/wire/address.h"

#include <arpa/inet.h>
#include <cstring>

namespace fourtuple {

IpAddress IpAddress::v4(std::uint32_t host_order) {
  IpAddress address;
  for (int i = 0; i < 4; ++i) address.bytes[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  return address;
}

Outcome<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string copy(text.substr(0, 64));
  IpAddress address;
  if (inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) return address;
  address.family = Family::ipv6;
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
  return tl::unexpected(
      Error{{}, "'" + copy + "' is not an IP address", "an address such as 192.0.2.1 or 2001:db8::1", {}});
}

IpAddress IpAddress::plus(std::uint32_t n) const {
  IpAddress result = *this;
  std::uint64_t carry = n;
  const std::size_t end = family == Family::ipv4 ? 4 : 16;
  for (std::size_t i = end; i > end - 4; --i) {
    carry += result.bytes[i - 1];
    result.bytes[i - 1] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  return result;
}

std::uint32_t IpAddress::v4_value() const {
  FT_CHECK(family == Family::ipv4);
  return (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) | (std::uint32_t{bytes[2]} << 8) | bytes[3];
}

bool IpAddress::is_wildcard() const {
  return bytes == std::array<std::uint8_t, 16>{};
}

bool IpAddress::is_loopback() const {
  if (family == Family::ipv4) return bytes[0] == 127;
  for (int i = 0; i < 15; ++i)
    if (bytes[i] != 0) return false;
  return bytes[15] == 1;
}

bool IpAddress::is_multicast() const {
  return family == Family::ipv4 ? (bytes[0] & 0xf0) == 0xe0 : bytes[0] == 0xff;
}

bool IpAddress::is_broadcast() const {
  return family == Family::ipv4 && v4_value() == 0xffffffffu;
}

bool IpAddress::is_link_local() const {
  if (family == Family::ipv4) return bytes[0] == 169 && bytes[1] == 254;
  return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(family == Family::ipv4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof(text));
  return text;
}

std::uint64_t hash_of(const IpAddress& address) {
  std::uint64_t halves[2];
  std::memcpy(halves, address.bytes.data(), sizeof(halves));
  return mix_bits(mix_bits(halves[0] + static_cast<std::uint64_t>(address.family)) ^ halves[1]);
}

Outcome<Prefix> Prefix::parse(std::string_view text) {
  const std::string copy(text.substr(0, 64));
  const auto bad = [&] {
    return tl::unexpected(
        Error{{}, "'" + copy + "' is not an address with a prefix length", "a form such as 192.168.1.10/24", {}});
  };
  const std::size_t slash = copy.find('/');
  if (slash == std::string::npos || slash + 1 == copy.size() || copy.size() - slash > 4) return bad();
  const auto address = IpAddress::parse(copy.substr(0, slash));
  if (!address) return bad();
  unsigned length = 0;
  for (std::size_t i = slash + 1; i < copy.size(); ++i) {
    if (copy[i] < '0' || copy[i] > '9') return bad();
    length = length * 10 + static_cast<unsigned>(copy[i] - '0');
  }
  if (length > (address->family == Family::ipv4 ? 32u : 128u)) return bad();
  return Prefix{*address, static_cast<std::uint8_t>(length)};
}

bool Prefix::contains(const IpAddress& other) const {
  if (other.family != address.family) return false;
  const unsigned whole = length / 8, rest = length % 8;
  if (std::memcmp(other.bytes.data(), address.bytes.data(), whole) != 0) return false;
  return rest == 0 || ((other.bytes[whole] ^ address.bytes[whole]) >> (8 - rest)) == 0;
}

std::string Prefix::to_string() const {
  return address.to_string() + "/" + std::to_string(length);
}

AddressTable::AddressTable() {
  intern(IpAddress::wildcard(Family::ipv4));
  intern(IpAddress::wildcard(Family::ipv6));
  intern(IpAddress::v4(0x7f000001));
  IpAddress loopback6 = IpAddress::wildcard(Family::ipv6);
  loopback6.bytes[15] = 1;
  intern(loopback6);
}

AddressId AddressTable::intern(const IpAddress& address) {
  const AddressId known = find(address);
  if (known.valid()) return known;
  index_.set(address, size());
  addresses_.push_back(address);
  return {size() - 1};
}

AddressId AddressTable::find(const IpAddress& address) const {
  return {index_.find(address)};
}

}  // namespace fourtuple
