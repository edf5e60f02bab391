// A TCP sequence number: a point on a circle of 2^32 (RFC 9293 section 3.4). Comparisons are only meaningful between
// numbers less than 2^31 apart; that is why there is no operator< and why a raw uint32_t appears nowhere else.
#pragma once

#include <cstdint>

namespace fourtuple {

struct SeqNumber {
  std::uint32_t raw = 0;

  friend constexpr bool operator==(SeqNumber, SeqNumber) = default;
  friend constexpr SeqNumber operator+(SeqNumber a, std::uint32_t n) { return {a.raw + n}; }
  friend constexpr SeqNumber operator-(SeqNumber a, std::uint32_t n) { return {a.raw - n}; }
  // Signed distance from b to a, in bytes; REQUIRES: they are less than 2^31 apart.
  friend constexpr std::int32_t operator-(SeqNumber a, SeqNumber b) { return static_cast<std::int32_t>(a.raw - b.raw); }

  constexpr bool before(SeqNumber other) const { return *this - other < 0; }
  constexpr bool after(SeqNumber other) const { return *this - other > 0; }
  constexpr bool at_or_before(SeqNumber other) const { return *this - other <= 0; }
  constexpr bool at_or_after(SeqNumber other) const { return *this - other >= 0; }
  // True for first <= this < last on the circle.
  constexpr bool within(SeqNumber first, SeqNumber last) const { return raw - first.raw < last.raw - first.raw; }
};

constexpr SeqNumber later(SeqNumber a, SeqNumber b) {
  return a.after(b) ? a : b;
}

}  // namespace fourtuple
