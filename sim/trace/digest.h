// A 64-bit fingerprint of a run: equal for equal runs on every machine and compiler, whatever detail was recorded.
// It covers the fact records and the tables they refer to (addresses, strings, contents, topology), not the scenario's
// text, its captions or the deeper levels. It guards against change, not against malice.
#pragma once

#include <cstdint>
#include <string>

#include "sim/trace/trace.h"

namespace fourtuple::trace {

// Streams 64-bit words through four independent lanes; defined on little-endian values (docs/trace-format.md).
class Digest {
 public:
  void add(std::uint64_t word) {
    std::uint64_t& lane = lanes_[count_++ & 3];
    lane = (lane ^ word) * 0x9fb21c651e98df25u;
    lane ^= lane >> 32;
  }
  void add(std::string_view text);  // its length, then its bytes
  void add_slot(const Slot& slot);
  std::uint64_t value() const;

 private:
  std::uint64_t lanes_[4] = {0x243f6a8885a308d3u, 0x13198a2e03707344u, 0xa4093822299f31d0u, 0x082efa98ec4e6c89u};
  std::uint64_t count_ = 0;
};

// Digest of everything published.
std::uint64_t digest_of(const Trace& trace);
// 16 hexadecimal digits.
std::string digest_text(std::uint64_t digest);

}  // namespace fourtuple::trace
