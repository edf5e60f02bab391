// An array in pages of about 64 KiB that copies share until one side writes. Copying a PagedArray costs one pointer per
// page; the first write to a shared page clones that page. This is what makes a copy of a World or a keyframe cheap.
// Elements are plain data. Copies may live on different threads; one PagedArray belongs to one thread at a time.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/base/check.h"

namespace fourtuple {

template <class T>
class PagedArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  static constexpr std::uint32_t page_elements = std::bit_floor(65536u / static_cast<std::uint32_t>(sizeof(T)));
  static constexpr std::uint32_t page_shift = std::countr_zero(page_elements);

  PagedArray() = default;
  PagedArray(const PagedArray& other) : pages_(other.pages_), size_(other.size_) {
    for (Slot& slot : other.pages_) slot.maybe_shared = true;
    for (Slot& slot : pages_) {
      slot.maybe_shared = true;
      slot.page->references.fetch_add(1, std::memory_order_relaxed);
    }
  }
  PagedArray(PagedArray&& other) noexcept
      : pages_(std::exchange(other.pages_, {})), size_(std::exchange(other.size_, 0)) {}
  PagedArray& operator=(PagedArray other) noexcept {
    std::swap(pages_, other.pages_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~PagedArray() {
    for (Slot& slot : pages_) release(slot.page);
  }

  // Becomes a copy of `other`. A page that only this array holds takes the contents of the other's instead of giving
  // way to it: it was written before and will be again, and a new page costs more than the copying.
  void assign(const PagedArray& other) {
    const std::size_t common = std::min(pages_.size(), other.pages_.size());
    for (std::size_t i = common; i < pages_.size(); ++i) release(pages_[i].page);
    pages_.resize(common);
    for (std::size_t i = 0; i < common; ++i) {
      Slot& mine = pages_[i];
      Slot& theirs = other.pages_[i];
      if (mine.page == theirs.page) continue;
      if (mine.page->references.load(std::memory_order_acquire) == 1) {
        std::memcpy(static_cast<void*>(mine.page->elements), theirs.page->elements, sizeof(mine.page->elements));
        mine.maybe_shared = false;
        continue;
      }
      release(mine.page);
      mine = share(theirs);
    }
    for (std::size_t i = common; i < other.pages_.size(); ++i) pages_.push_back(share(other.pages_[i]));
    size_ = other.size_;
  }

  std::uint32_t size() const { return size_; }
  const T& operator[](std::uint32_t index) const {
    return pages_[index >> page_shift].page->elements[index & (page_elements - 1)];
  }
  // Write access; clones the page first when a copy shares it. The reference is valid until the array is copied.
  T& mut(std::uint32_t index) {
    Slot& slot = pages_[index >> page_shift];
    if (slot.maybe_shared) [[unlikely]]
      own(slot);
    return slot.page->elements[index & (page_elements - 1)];
  }
  void push_back(const T& value) {
    if ((size_ & (page_elements - 1)) == 0 && (size_ >> page_shift) == pages_.size())
      pages_.push_back({new Page, false});
    ++size_;
    mut(size_ - 1) = value;
  }
  // Hints the processor to load an element that will be written soon.
  void prefetch(std::uint32_t index) const {
    if (index >= size_) return;
    const auto* element = reinterpret_cast<const char*>(&(*this)[index]);
    __builtin_prefetch(element, 1);
    if constexpr (64 % sizeof(T) != 0) __builtin_prefetch(element + sizeof(T) - 1, 1);  // it may span two cache lines
  }
  std::uint64_t bytes() const { return pages_.size() * sizeof(Page); }
  // Bytes of this array's own: its page table, and the pages it does not share with `other`.
  std::uint64_t bytes_unlike(const PagedArray& other) const {
    std::uint64_t unlike = 0;
    for (std::size_t i = 0; i < pages_.size(); ++i)
      if (i >= other.pages_.size() || pages_[i].page != other.pages_[i].page) ++unlike;
    return unlike * sizeof(Page) + pages_.capacity() * sizeof(Slot);
  }

 private:
  struct Page {
    std::atomic<std::uint32_t> references{1};
    alignas(64) T elements[page_elements];
  };
  struct Slot {
    Page* page;
    bool maybe_shared;
  };

  static Slot share(Slot& slot) {
    slot.maybe_shared = true;
    slot.page->references.fetch_add(1, std::memory_order_relaxed);
    return slot;
  }
  static void release(Page* page) {
    if (page->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete page;
  }
  static void own(Slot& slot) {
    if (slot.page->references.load(std::memory_order_acquire) != 1) {
      Page* clone = new Page;
      std::memcpy(static_cast<void*>(clone->elements), slot.page->elements, sizeof(clone->elements));
      release(slot.page);
      slot.page = clone;
    }
    slot.maybe_shared = false;
  }

  mutable std::vector<Slot> pages_;
  std::uint32_t size_ = 0;
};

}  // namespace fourtuple
