// The hash of `jhash`: Bob Jenkins' lookup3, over bytes as they lie in the kernel's registers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/netfilter/rules/program.h"

namespace fourtuple::netfilter {

// lookup3's little-endian byte hash; the initial state is 0xdeadbeef + length + seed.
std::uint32_t jenkins_hash(const std::uint8_t* bytes, std::size_t length, std::uint32_t seed);

// Writes a key's parts to `bytes` (64 of them) and returns how many there are: one part has its own width in whole
// bytes, each of several is filled up to four.
std::size_t register_bytes(const KeyCode& key, const std::uint32_t* words, std::uint8_t* bytes);

}  // namespace fourtuple::netfilter
