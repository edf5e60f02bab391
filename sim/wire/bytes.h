// Network-order loads and stores on bytes whose presence the caller has checked.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace fourtuple {

using Bytes = std::span<const std::uint8_t>;

// REQUIRES: 2 (4) bytes at `at`.
constexpr std::uint16_t load16(const std::uint8_t* at) {
  return static_cast<std::uint16_t>((at[0] << 8) | at[1]);
}
constexpr std::uint32_t load32(const std::uint8_t* at) {
  return (std::uint32_t{at[0]} << 24) | (std::uint32_t{at[1]} << 16) | (std::uint32_t{at[2]} << 8) | at[3];
}
constexpr void store16(std::uint8_t* at, std::uint16_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}

inline void append8(std::vector<std::uint8_t>& out, std::uint32_t value) {
  out.push_back(static_cast<std::uint8_t>(value));
}
inline void append16(std::vector<std::uint8_t>& out, std::uint32_t value) {
  append8(out, value >> 8);
  append8(out, value);
}
inline void append32(std::vector<std::uint8_t>& out, std::uint32_t value) {
  append16(out, value >> 16);
  append16(out, value);
}
inline void append_bytes(std::vector<std::uint8_t>& out, Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace fourtuple
