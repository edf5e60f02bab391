// The words nft knows for values of a type, and the names of protocols, services and users a plain Debian resolves.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sim/netfilter/nft/types.h"

namespace fourtuple::nft {

struct Symbol {
  std::string_view name;
  std::uint64_t value;
};

// In the order nft searches them: the first of several names of one value is the printed one. Empty: no words.
std::span<const Symbol> symbols(Type type);
// Names of ports, all protocols together. nft reads them but prints numbers.
std::span<const Symbol> services();
// Users (and groups of the same number) that every Debian has.
std::span<const Symbol> users();

}  // namespace fourtuple::nft
