// A pool of plain structs addressed by 32-bit index, with generations so that a stale handle is recognised. Freed slots
// are reused last freed first, which is deterministic. Iterate by index: live slots come in index order.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/paged_array.h"

namespace fourtuple {

// Names one life of one pool slot.
struct Handle {
  std::uint32_t index = 0xffffffffu;
  std::uint32_t generation = 0;

  friend bool operator==(Handle, Handle) = default;
};

template <class T>
class Pool {
 public:
  // A fresh, value-initialised slot.
  std::uint32_t allocate() {
    std::uint32_t index;
    if (free_.empty()) {
      index = slots_.size();
      slots_.push_back(T{});
      generations_.push_back(1);
    } else {
      index = free_.back();
      free_.pop_back();
      slots_.mut(index) = T{};
      ++generations_.mut(index);
    }
    ++live_;
    return index;
  }
  // Makes slot `index` live whatever the free list says: for replaying somebody else's allocations.
  void claim(std::uint32_t index) {
    while (slots_.size() <= index) {
      slots_.push_back(T{});
      generations_.push_back(0);
    }
    if (!alive(index)) {
      ++generations_.mut(index);
      ++live_;
    }
    slots_.mut(index) = T{};
  }
  // REQUIRES: alive(index).
  void release(std::uint32_t index) {
    FT_CHECK(alive(index));
    ++generations_.mut(index);
    free_.push_back(index);
    --live_;
  }
  // Ends a claimed slot; the counterpart of claim().
  void unclaim(std::uint32_t index) {
    FT_CHECK(alive(index));
    ++generations_.mut(index);
    --live_;
  }

  bool alive(std::uint32_t index) const { return index < slots_.size() && (generations_[index] & 1) != 0; }
  bool alive(Handle handle) const { return alive(handle.index) && generations_[handle.index] == handle.generation; }
  Handle handle(std::uint32_t index) const { return {index, generations_[index]}; }
  const T& operator[](std::uint32_t index) const { return slots_[index]; }
  T& mut(std::uint32_t index) { return slots_.mut(index); }
  // Hints the processor to load a slot that will be written soon, or what alive() reads.
  void prefetch(std::uint32_t index) const {
    slots_.prefetch(index);
    generations_.prefetch(index);
  }
  void prefetch_alive(std::uint32_t index) const { generations_.prefetch(index); }
  std::uint32_t end() const { return slots_.size(); }  // one past the largest index ever used
  std::uint32_t live() const { return live_; }
  std::uint64_t bytes() const { return slots_.bytes() + generations_.bytes() + free_.capacity() * 4; }
  // Becomes a copy of `other` in memory of its own where it has some (PagedArray::assign).
  void assign(const Pool& other) {
    slots_.assign(other.slots_);
    generations_.assign(other.generations_);
    free_ = other.free_;
    live_ = other.live_;
  }
  // Bytes this pool does not share with `other`.
  std::uint64_t bytes_unlike(const Pool& other) const {
    return slots_.bytes_unlike(other.slots_) + generations_.bytes_unlike(other.generations_) + free_.capacity() * 4;
  }

 private:
  PagedArray<T> slots_;
  PagedArray<std::uint32_t> generations_;  // odd: live
  std::vector<std::uint32_t> free_;
  std::uint32_t live_ = 0;
};

}  // namespace fourtuple
