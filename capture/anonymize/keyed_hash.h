// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed pseudo-random function of short messages. Who does not have the
// key cannot tell its values from random ones.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sim/base/outcome.h"
#include "sim/wire/bytes.h"

namespace fourtuple::capture {

using HashKey = std::array<std::uint64_t, 2>;

std::uint64_t keyed_hash(const HashKey& key, Bytes message);

// The key a text stands for. A short text can be guessed: then so can everything mapped with it.
HashKey key_of(std::string_view text);

// A key nobody knows, from the operating system. An error when it gives none.
Outcome<HashKey> random_key();

}  // namespace fourtuple::capture
