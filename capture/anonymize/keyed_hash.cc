#include "capture/anonymize/keyed_hash.h"

#include <bit>
#include <cerrno>
#include <cstring>
#include <sys/random.h>

namespace fourtuple::capture {
namespace {

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void take(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

std::uint64_t little_endian(const std::uint8_t* at, std::size_t size) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < size; ++i) word |= std::uint64_t{at[i]} << (8 * i);
  return word;
}

}  // namespace

std::uint64_t keyed_hash(const HashKey& key, Bytes message) {
  State state{key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du, key[0] ^ 0x6c7967656e657261u,
              key[1] ^ 0x7465646279746573u};
  std::size_t at = 0;
  for (; at + 8 <= message.size(); at += 8) state.take(little_endian(message.data() + at, 8));
  state.take(little_endian(message.data() + at, message.size() - at) | (std::uint64_t{message.size()} << 56));
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

HashKey key_of(std::string_view text) {
  const Bytes bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  return {keyed_hash({0, 1}, bytes), keyed_hash({2, 3}, bytes)};
}

Outcome<HashKey> random_key() {
  HashKey key{};
  if (getrandom(key.data(), sizeof(key), 0) != static_cast<ssize_t>(sizeof(key)))
    return fail(SourcePosition{"random key", 0, 0}, std::strerror(errno), "--anonymize-key with a text of your own");
  return key;
}

}  // namespace fourtuple::capture
