// A first-in first-out queue in one growing power-of-two buffer: no allocation once it has reached its working size.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/check.h"

namespace fourtuple {

template <class T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  std::uint64_t size() const { return size_; }
  const T& front() const { return buffer_[head_]; }
  T& front() { return buffer_[head_]; }
  // The element `offset` places behind the front. REQUIRES: offset < size().
  const T& operator[](std::uint64_t offset) const { return buffer_[(head_ + offset) & (buffer_.size() - 1)]; }
  T& operator[](std::uint64_t offset) { return buffer_[(head_ + offset) & (buffer_.size() - 1)]; }
  const T& back() const { return (*this)[size_ - 1]; }
  void push(const T& value) { push_slot() = value; }
  // Appends a slot with stale content for the caller to fill: saves a copy of large elements.
  T& push_slot() {
    if (size_ == buffer_.size()) grow();
    return buffer_[(head_ + size_++) & (buffer_.size() - 1)];
  }
  // REQUIRES: !empty().
  void pop() {
    FT_CHECK(size_ != 0);
    head_ = (head_ + 1) & (buffer_.size() - 1);
    --size_;
  }
  std::uint64_t bytes() const { return buffer_.capacity() * sizeof(T); }

 private:
  void grow() {
    std::vector<T> larger(buffer_.empty() ? 8 : buffer_.size() * 2);
    for (std::uint64_t i = 0; i < size_; ++i) larger[i] = (*this)[i];
    buffer_ = std::move(larger);
    head_ = 0;
  }

  std::vector<T> buffer_;
  std::uint64_t head_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace fourtuple
