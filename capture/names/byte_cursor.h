// Reads numbers in network order from bytes that may end anywhere: behind the end it fails and stays failed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/wire/bytes.h"

namespace fourtuple::capture {

class ByteCursor {
 public:
  explicit ByteCursor(Bytes bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  std::size_t rest() const { return bytes_.size() - at_; }

  // 0, no bytes when they are not all there.
  std::uint32_t number(std::size_t length) {
    std::uint32_t value = 0;
    for (const std::uint8_t byte : take(length)) value = (value << 8) | byte;
    return value;
  }
  Bytes take(std::size_t length) {
    failed_ = failed_ || length > rest();
    if (failed_) return {};
    at_ += length;
    return bytes_.subspan(at_ - length, length);
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace fourtuple::capture
