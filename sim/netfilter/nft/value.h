// A value of the nft language as one 128-bit number: addresses, ports, marks and flags as their numeric value, names of
// interfaces as their bytes left-aligned, so that every comparison, mask, range and wildcard is arithmetic.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "sim/wire/address.h"
#include "sim/wire/bytes.h"

namespace fourtuple::nft {

struct Value {
  std::uint64_t high = 0, low = 0;

  constexpr Value() = default;
  constexpr Value(std::uint64_t number) : low(number) {}
  constexpr Value(std::uint64_t high, std::uint64_t low) : high(high), low(low) {}

  friend constexpr auto operator<=>(const Value&, const Value&) = default;
  friend constexpr Value operator&(Value a, Value b) { return {a.high & b.high, a.low & b.low}; }
  friend constexpr Value operator|(Value a, Value b) { return {a.high | b.high, a.low | b.low}; }
  friend constexpr Value operator^(Value a, Value b) { return {a.high ^ b.high, a.low ^ b.low}; }
  friend constexpr Value operator~(Value a) { return {~a.high, ~a.low}; }
  constexpr bool zero() const { return (high | low) == 0; }
};

// The number an address is: 32 bits for IPv4, 128 for IPv6.
constexpr Value value_of(const IpAddress& address) {
  const std::uint8_t* bytes = address.bytes.data();
  const auto load64 = [&](int at) { return (std::uint64_t{load32(bytes + at)} << 32) | load32(bytes + at + 4); };
  if (address.family == fourtuple::Family::ipv4) return load32(bytes);
  return {load64(0), load64(8)};
}

constexpr IpAddress address_of(Value value, fourtuple::Family family) {
  IpAddress address;
  address.family = family;
  const int bytes = family == fourtuple::Family::ipv4 ? 4 : 16;
  for (int i = bytes - 1; i >= 0; --i) {
    address.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(value.low);
    value.low = (value.low >> 8) | (value.high << 56);
    value.high >>= 8;
  }
  return address;
}

// A name of at most 16 bytes, left-aligned and padded with zeros.
constexpr Value value_of_name(std::string_view name) {
  Value value;
  for (std::size_t i = 0; i < 16; ++i) {
    const std::uint64_t byte = i < name.size() ? static_cast<unsigned char>(name[i]) : 0;
    (i < 8 ? value.high : value.low) |= byte << (8 * (7 - i % 8));
  }
  return value;
}

// A mask with the first `prefix` of `bits` bits set, as a number of `bits` bits.
constexpr Value prefix_mask(std::uint32_t prefix, std::uint32_t bits) {
  Value mask;
  for (std::uint32_t i = 0; i < prefix; ++i) {
    const std::uint32_t at = bits - 1 - i;
    (at >= 64 ? mask.high : mask.low) |= std::uint64_t{1} << (at % 64);
  }
  return mask;
}

}  // namespace fourtuple::nft
