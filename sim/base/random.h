// Seeded random numbers without floats. Each host and link draws from its own stream, named by text, so that adding one
// consumer does not shift the numbers another one sees.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/base/check.h"

namespace fourtuple {

// A probability as an exact fraction.
struct Ratio {
  std::uint64_t numerator = 0;
  std::uint64_t denominator = 1;

  bool zero() const { return numerator == 0; }
};

class Random {
 public:
  Random() : Random(0, "") {}
  Random(std::uint64_t seed, std::string_view stream) : state_(seed) {
    for (char c : stream) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u + 0x9e3779b97f4a7c15u;
    next();
  }

  // SplitMix64: a counter through a strong mixer; passes the usual batteries and is trivially copyable.
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t x = state_;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }
  // Uniform in [0, bound). REQUIRES: bound > 0. Rejection keeps it exact.
  std::uint64_t below(std::uint64_t bound) {
    FT_CHECK(bound > 0);
    const std::uint64_t unfair = (0 - bound) % bound;
    std::uint64_t draw = next();
    while (draw < unfair) draw = next();
    return draw % bound;
  }
  // True with probability `ratio`. Draws nothing when the ratio is zero.
  bool chance(Ratio ratio) { return !ratio.zero() && below(ratio.denominator) < ratio.numerator; }

 private:
  std::uint64_t state_;
};

}  // namespace fourtuple
