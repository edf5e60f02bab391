#include "sim/wire/checksum.h"

#include <gtest/gtest.h>
#include <vector>

namespace fourtuple {
namespace {

TEST(Checksum, matches_the_example_of_rfc_1071) {
  const std::vector<std::uint8_t> bytes = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  Checksum sum;
  sum.add(bytes);
  EXPECT_EQ(sum.value(), static_cast<std::uint16_t>(~0xddf2));
}

TEST(Checksum, pads_an_odd_last_byte_with_zero) {
  const std::vector<std::uint8_t> odd = {0x12, 0x34, 0x56}, even = {0x12, 0x34, 0x56, 0x00};
  Checksum a, b;
  a.add(odd);
  b.add(even);
  EXPECT_EQ(a.value(), b.value());
}

TEST(Checksum, agrees_with_the_plain_definition_for_every_length) {
  std::vector<std::uint8_t> bytes;
  for (unsigned length = 0; length < 70; ++length) {
    std::uint32_t plain = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) plain += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
    while ((plain >> 16) != 0) plain = (plain & 0xffff) + (plain >> 16);
    Checksum sum;
    sum.add(bytes);
    EXPECT_EQ(sum.value(), static_cast<std::uint16_t>(~plain)) << length;
    bytes.push_back(static_cast<std::uint8_t>(length * 37 + 11));
  }
}

}  // namespace
}  // namespace fourtuple
