// From the hash of a four-tuple to its conversation: open addressing with sixteen bytes a slot, at most half full, so
// that finding a conversation touches one cache line here and otherwise only the conversation itself. Nothing is
// erased.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "capture/prefetch.h"

namespace fourtuple::capture {

class FlowIndex {
 public:
  static constexpr std::uint32_t absent = 0xffffffffu;

  // The flow under `hash` for which same(flow) holds; `absent` when there is none.
  template <class Same>
  std::uint32_t find(std::uint64_t hash, Same same) const {
    if (slots_.empty()) return absent;
    for (std::uint64_t at = hash & mask_; slots_[at].flow != absent; at = (at + 1) & mask_)
      if (slots_[at].hash == hash && same(slots_[at].flow)) return slots_[at].flow;
    return absent;
  }
  // Another flow takes the place of `before`, or of none when that is `absent`.
  void set(std::uint64_t hash, std::uint32_t before, std::uint32_t flow) {
    if ((count_ + 1) * 2 > slots_.size()) grow();
    std::uint64_t at = hash & mask_;
    while (slots_[at].flow != before && slots_[at].flow != absent) at = (at + 1) & mask_;
    count_ += slots_[at].flow == absent ? 1 : 0;
    slots_[at] = {hash, flow};
  }
  void prefetch(std::uint64_t hash) const {
    keep_prefetches();
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & mask_]);
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t flow = absent;
  };

  void grow() {
    const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.empty() ? 16 : slots_.size() * 2));
    mask_ = slots_.size() - 1;
    for (const Slot& slot : old) {
      if (slot.flow == absent) continue;
      std::uint64_t at = slot.hash & mask_;
      while (slots_[at].flow != absent) at = (at + 1) & mask_;
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::uint64_t mask_ = 0;
  std::size_t count_ = 0;
};

}  // namespace fourtuple::capture
