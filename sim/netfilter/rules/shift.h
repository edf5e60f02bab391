// Shifts of values of 128 bits; by 128 or more everything is shifted out.
#pragma once

#include <cstdint>

#include "sim/netfilter/nft/value.h"

namespace fourtuple::netfilter {

inline nft::Value shifted_left(nft::Value value, std::uint64_t by) {
  if (by >= 128) return {};
  if (by >= 64) return {value.low << (by - 64), 0};
  if (by == 0) return value;
  return {(value.high << by) | (value.low >> (64 - by)), value.low << by};
}

inline nft::Value shifted_right(nft::Value value, std::uint64_t by) {
  if (by >= 128) return {};
  if (by >= 64) return {0, value.high >> (by - 64)};
  if (by == 0) return value;
  return {value.high >> by, (value.low >> by) | (value.high << (64 - by))};
}

}  // namespace fourtuple::netfilter
