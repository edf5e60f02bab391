#include "capture/anonymize/sums.h"

#include <algorithm>

#include "sim/wire/checksum.h"

namespace fourtuple::capture {

std::uint16_t sum_of(Bytes bytes) {
  Checksum sum;
  sum.add(bytes);
  return static_cast<std::uint16_t>(~sum.value());
}

void zero_keeping_sum(MutableBytes bytes) {
  if (bytes.size() < 2) return;
  const std::uint16_t sum = sum_of(bytes);
  std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
  store16(bytes.data(), sum);
}

}  // namespace fourtuple::capture
