// Keys of sets and maps. A key is a row of 32-bit words (state::NetfilterWords): each part of a concatenation takes one
// word per 32 bits, the most significant word first.
#pragma once

#include <array>
#include <cstdint>

#include "sim/base/index_map.h"
#include "sim/netfilter/nft/value.h"
#include "sim/state/netfilter.h"

namespace fourtuple::netfilter {

// Words a value of that many bits takes; 0 bits (of unknown width) count as 32.
constexpr std::uint8_t words_of_bits(std::uint32_t bits) {
  return static_cast<std::uint8_t>(bits == 0 ? 1 : (bits + 31) / 32);
}

// How many words each part of a key has.
struct KeyShape {
  std::array<std::uint8_t, 16> part_words{};
  std::uint8_t parts = 0, words = 0;

  // Appends a part. False: the key would have more than 16 parts or words.
  bool add(std::uint32_t bits);
};

// Writes a value as `words` words.
inline void put_words(std::uint32_t* to, nft::Value value, std::uint8_t words) {
  for (int i = words - 1; i >= 0; --i) {
    to[i] = static_cast<std::uint32_t>(value.low);
    value.low = (value.low >> 32) | (value.high << 32);
    value.high >>= 32;
  }
}
inline nft::Value value_of_words(const std::uint32_t* words, std::uint8_t count) {
  nft::Value value;
  for (std::uint8_t i = 0; i < count; ++i) {
    value.high = (value.high << 32) | (value.low >> 32);
    value.low = (value.low << 32) | words[i];
  }
  return value;
}

inline std::uint64_t hash_words(std::uint64_t seed, const std::uint32_t* words, std::uint8_t count) {
  std::uint64_t hash = seed;
  for (std::uint8_t i = 0; i < count; i = static_cast<std::uint8_t>(i + 2))
    hash = mix_bits(hash ^ (words[i] | (i + 1 < count ? std::uint64_t{words[i + 1]} << 32 : 0)));
  return hash;
}

// From the lowest to the highest key, part by part. `all`: the element `*`, which is what nothing else matches.
struct KeyRange {
  state::NetfilterWords low{}, high{};
  bool all = false;

  bool exact(const KeyShape& shape) const;
  friend bool operator==(const KeyRange&, const KeyRange&) = default;
};

}  // namespace fourtuple::netfilter
