#include "sim/wire/checksum.h"

#include <bit>
#include <cstring>

namespace fourtuple {
namespace {

constexpr std::uint64_t fold(std::uint64_t sum) {
  while ((sum >> 16) != 0) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

// The sum of words in the machine's byte order is the byte-swapped sum of network-order words (RFC 1071 section 2B), so
// wide loads need no swapping until the end.
std::uint64_t sum_of_words(Bytes bytes) {
  std::uint64_t sum = 0;
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    sum += (word & 0xffffffffu) + (word >> 32);
  }
  for (; left >= 2; left -= 2, at += 2) {
    std::uint16_t word;
    std::memcpy(&word, at, 2);
    sum += word;
  }
  if (left == 1) {
    const std::uint8_t last[2] = {*at, 0};
    std::uint16_t word;
    std::memcpy(&word, last, 2);
    sum += word;
  }
  sum = fold(sum);
  if constexpr (std::endian::native == std::endian::little) sum = ((sum & 0xff) << 8) | (sum >> 8);
  return sum;
}

}  // namespace

void Checksum::add(Bytes bytes) {
  sum_ += sum_of_words(bytes);
}

void Checksum::add_pseudo_header(const IpAddress& source, const IpAddress& destination, Protocol protocol,
                                 std::uint32_t length) {
  const std::size_t size = source.family == Family::ipv4 ? 4 : 16;
  add({source.bytes.data(), size});
  add({destination.bytes.data(), size});
  add16(static_cast<std::uint8_t>(protocol));
  add32(length);
}

std::uint16_t Checksum::value() const {
  return static_cast<std::uint16_t>(~fold(sum_));
}

bool checksum_holds(Bytes bytes) {
  Checksum sum;
  sum.add(bytes);
  return sum.value() == 0;
}

}  // namespace fourtuple
