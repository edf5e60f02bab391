#include "sim/netfilter/rules/key_hash.h"

#include <bit>

namespace fourtuple::netfilter {
namespace {

struct State {
  std::uint32_t a, b, c;

  void mix() {
    constexpr int turns[] = {4, 6, 8, 16, 19, 4};
    std::uint32_t* const lanes[] = {&a, &b, &c};
    for (int i = 0; i < 6; ++i) {
      // Each step works on the lanes one further round: a from c, b from a, c from b.
      std::uint32_t& into = *lanes[i % 3];
      std::uint32_t& from = *lanes[(i + 2) % 3];
      std::uint32_t& next = *lanes[(i + 1) % 3];
      into -= from;
      into ^= std::rotl(from, turns[i]);
      from += next;
    }
  }

  void finish() {
    constexpr int turns[] = {14, 11, 25, 16, 4, 14, 24};
    std::uint32_t* const lanes[] = {&c, &a, &b};
    for (int i = 0; i < 7; ++i) {
      std::uint32_t& into = *lanes[i % 3];
      const std::uint32_t from = *lanes[(i + 2) % 3];
      into ^= from;
      into -= std::rotl(from, turns[i]);
    }
  }
};

std::uint32_t little_endian(const std::uint8_t* bytes, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count && i < 4; ++i) value |= std::uint32_t{bytes[i]} << (8 * i);
  return value;
}

}  // namespace

std::uint32_t jenkins_hash(const std::uint8_t* bytes, std::size_t length, std::uint32_t seed) {
  const std::uint32_t first = 0xdeadbeefu + static_cast<std::uint32_t>(length) + seed;
  State state{first, first, first};
  constexpr std::size_t block = 12;
  for (; length > block; length -= block, bytes += block) {
    state.a += little_endian(bytes, 4);
    state.b += little_endian(bytes + 4, 4);
    state.c += little_endian(bytes + 8, 4);
    state.mix();
  }
  if (length == 0) return state.c;
  state.a += little_endian(bytes, length);
  if (length > 4) state.b += little_endian(bytes + 4, length - 4);
  if (length > 8) state.c += little_endian(bytes + 8, length - 8);
  state.finish();
  return state.c;
}

std::size_t register_bytes(const KeyCode& key, const std::uint32_t* words, std::uint8_t* bytes) {
  std::size_t length = 0, word = 0;
  for (std::uint8_t part = 0; part < key.shape.parts; ++part) {
    const std::size_t own = (std::size_t{key.bits[part]} + 7) / 8;
    const std::uint8_t count = key.shape.part_words[part];
    const nft::Value value = value_of_words(words + word, count);
    for (std::size_t i = 0; i < own; ++i) {
      const std::size_t shift = 8 * (own - 1 - i);
      bytes[length + i] = static_cast<std::uint8_t>(shift >= 64 ? value.high >> (shift - 64) : value.low >> shift);
    }
    length += key.shape.parts > 1 ? (own + 3) / 4 * 4 : own;
    word += count;
  }
  return length;
}

}  // namespace fourtuple::netfilter
