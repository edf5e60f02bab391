// Which address of a range a flow gets. Linux hashes the flow's addresses with a fixed seed, so the choice can be, and
// is, the same here.
#include <bit>

#include "sim/netfilter/conntrack/nat_tuple.h"

namespace fourtuple::netfilter {
namespace {

using Words = std::array<std::uint32_t, 4>;

// An address as a little-endian machine reads its bytes in memory.
Words words_of(const IpAddress& address) {
  Words words{};
  for (std::size_t i = 0; i < address.bytes.size(); ++i)
    words[i / 4] |= static_cast<std::uint32_t>(address.bytes[i]) << (8 * (i % 4));
  return words;
}

constexpr std::uint32_t swap_bytes(std::uint32_t x) {
  return x << 24 | (x << 8 & 0xff0000u) | (x >> 8 & 0xff00u) | x >> 24;
}

// Bob Jenkins' lookup3 for four words.
std::uint32_t jenkins_hash(const Words& words, std::uint32_t seed) {
  std::uint32_t a = 0xdeadbeefu + (4u << 2) + seed, b = a, c = a;
  a += words[0];
  b += words[1];
  c += words[2];
  a = (a - c) ^ std::rotl(c, 4), c += b;
  b = (b - a) ^ std::rotl(a, 6), a += c;
  c = (c - b) ^ std::rotl(b, 8), b += a;
  a = (a - c) ^ std::rotl(c, 16), c += b;
  b = (b - a) ^ std::rotl(a, 19), a += c;
  c = (c - b) ^ std::rotl(b, 4), b += a;
  a += words[3];
  c = (c ^ b) - std::rotl(b, 14);
  a = (a ^ c) - std::rotl(c, 11);
  b = (b ^ a) - std::rotl(a, 25);
  c = (c ^ b) - std::rotl(b, 16);
  a = (a ^ c) - std::rotl(c, 4);
  b = (b ^ a) - std::rotl(a, 14);
  c = (c ^ b) - std::rotl(b, 24);
  return c;
}

std::uint32_t scale(std::uint32_t hash, std::uint32_t size) {
  return static_cast<std::uint32_t>((std::uint64_t{hash} * size) >> 32);
}

}  // namespace

IpAddress choose_address(const NatRange& range, const IpAddress& source, const IpAddress& destination) {
  if (range.first_address == range.last_address) return range.first_address;
  const bool persistent = (range.flags & nft::NatFlag::persistent) != 0;
  const std::size_t parts = range.first_address.family == fourtuple::Family::ipv4 ? 1 : 4;
  const Words first = words_of(range.first_address), last = words_of(range.last_address);
  const std::uint32_t peer = words_of(destination)[parts - 1];
  std::uint32_t hash = jenkins_hash(words_of(source), persistent ? 0 : peer);
  IpAddress chosen = range.first_address;
  bool free = false;  // a higher part is below the last address's: this part may have any value
  for (std::size_t i = 0; i < parts; ++i) {
    const std::uint32_t least = free ? 0 : swap_bytes(first[i]);
    const std::uint32_t size = free ? 0xffffffffu : swap_bytes(last[i]) - least + 1;
    const std::uint32_t part = least + scale(hash, size);
    for (std::size_t byte = 0; byte < 4; ++byte)
      chosen.bytes[i * 4 + byte] = static_cast<std::uint8_t>(part >> (24 - 8 * byte));
    if (part != swap_bytes(last[i])) free = true;
    if (!persistent) hash ^= peer;
  }
  return chosen;
}

}  // namespace fourtuple::netfilter
