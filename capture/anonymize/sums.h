// Internet checksums of bytes that are being changed (RFC 1624): a sum that was right stays right, one that was wrong
// stays wrong, and what was not captured does not matter.
#pragma once

#include <cstdint>

#include "sim/wire/bytes.h"

namespace fourtuple::capture {

using MutableBytes = std::span<std::uint8_t>;

// The ones' complement sum of the 16-bit words; an odd last byte counts as the upper half of one.
std::uint16_t sum_of(Bytes bytes);

// Ones' complement addition.
constexpr std::uint16_t add_sums(std::uint16_t a, std::uint16_t b) {
  const std::uint32_t sum = std::uint32_t{a} + b;
  return static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16));
}

// The checksum field of a range whose sum, the field included, was `before` and is now `after`.
constexpr std::uint16_t mended(std::uint16_t field, std::uint16_t before, std::uint16_t after) {
  const auto negative = static_cast<std::uint16_t>(~field);
  const auto sum = add_sums(add_sums(negative, static_cast<std::uint16_t>(~before)), after);
  return static_cast<std::uint16_t>(~sum);
}

// Zeros, but for the first two bytes, which hold the sum: a checksum elsewhere that covers them still holds. A single
// byte stays.
void zero_keeping_sum(MutableBytes bytes);

}  // namespace fourtuple::capture
