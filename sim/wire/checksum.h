// The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words. A range that is
// not the last one added must have an even length.
#pragma once

#include <cstdint>

#include "sim/wire/address.h"
#include "sim/wire/bytes.h"
#include "sim/wire/packet.h"

namespace fourtuple {

class Checksum {
 public:
  void add(Bytes bytes);  // an odd last byte is padded with zero
  void add16(std::uint16_t word) { sum_ += word; }
  void add32(std::uint32_t value) { sum_ += (value >> 16) + (value & 0xffff); }
  // The pseudo-header of RFC 9293 section 3.1 (IPv4) or RFC 8200 section 8.1 (IPv6).
  void add_pseudo_header(const IpAddress& source, const IpAddress& destination, Protocol protocol,
                         std::uint32_t length);
  // The value for the header's checksum field, whose own bytes were added as zero. Over a range that holds a correct
  // checksum it is 0.
  std::uint16_t value() const;

 private:
  std::uint64_t sum_ = 0;
};

// True when the range, its checksum field included, sums to zero as it must.
bool checksum_holds(Bytes bytes);

}  // namespace fourtuple
