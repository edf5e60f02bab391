// The small parts pack() and unpack() are made of: heads, bytes in words, words in continuation slots.
#pragma once

#include <cstring>

#include "sim/trace/record.h"

namespace fourtuple::trace::detail {

inline Slot head(Time at, HostId host, Kind kind, std::uint32_t subject) {
  Slot slot;
  slot.at = at;
  slot.kind = kind;
  slot.host = host.valid() ? static_cast<std::uint16_t>(host.value) : std::uint16_t{0xffff};
  slot.subject = subject;
  return slot;
}
constexpr std::uint32_t low(std::uint64_t x) {
  return static_cast<std::uint32_t>(x);
}
constexpr std::uint32_t high(std::uint64_t x) {
  return static_cast<std::uint32_t>(x >> 32);
}
constexpr std::uint64_t join(std::uint32_t low, std::uint32_t high) {
  return (std::uint64_t{high} << 32) | low;
}
constexpr std::uint32_t ports(std::uint16_t local, std::uint16_t remote) {
  return (std::uint32_t{local} << 16) | remote;
}
constexpr std::uint32_t bytes(std::uint8_t b0, std::uint8_t b1 = 0, std::uint8_t b2 = 0, std::uint8_t b3 = 0) {
  return b0 | (std::uint32_t{b1} << 8) | (std::uint32_t{b2} << 16) | (std::uint32_t{b3} << 24);
}
template <class T>
constexpr T byte(std::uint32_t word, int index) {
  return static_cast<T>((word >> (8 * index)) & 0xff);
}

// Continuation slots are raw memory: 32 bytes that are not a head.
inline void put(Slot& slot, const void* from, std::size_t size) {
  std::memcpy(static_cast<void*>(&slot), from, size);
}
inline void get(const Slot& slot, void* to, std::size_t size) {
  std::memcpy(to, static_cast<const void*>(&slot), size);
}

}  // namespace fourtuple::trace::detail
