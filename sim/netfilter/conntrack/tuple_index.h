// Finds conntrack entries by either of their tuples, at 8 bytes per slot: a slot holds the tuple's hash and names the
// tuple (entry * 2 + direction); the tuple itself is compared where the entry lives. Linear probing from a home that
// the hash's top bits give, so neighbours in the table are neighbours in hash: that is what early_drop walks. Copies
// share pages until one side writes. No iteration in hash order reaches output except through near().
#pragma once

#include <cstdint>

#include "sim/base/paged_array.h"

namespace fourtuple::netfilter {

class TupleIndex {
 public:
  static constexpr std::uint32_t absent = 0xffffffffu;

  // The first reference under `hash` for which matches(reference) is true, or `absent`.
  template <class Matches>
  std::uint32_t find(std::uint32_t hash, Matches matches) const {
    if (count_ == 0) return absent;
    for (std::uint32_t at = home(hash);; at = next(at)) {
      const Slot& slot = slots_[at];
      if (slot.reference == absent) return absent;
      if (slot.hash == hash && matches(slot.reference)) return slot.reference;
    }
  }
  // REQUIRES: reference != absent and not in the index.
  void insert(std::uint32_t hash, std::uint32_t reference);
  // REQUIRES: the pair was inserted.
  void erase(std::uint32_t hash, std::uint32_t reference);
  // Calls visit(reference) for the references whose hash is in [first, first + span] on the circle, until it returns
  // false. `visit` must not change the index.
  template <class Visit>
  void near(std::uint32_t first, std::uint32_t span, Visit visit) const {
    if (count_ == 0) return;
    std::uint32_t at = home(first);
    // Slots that are home to such a hash; behind them only the rest of their run can hold one.
    std::uint32_t homes = ((home(first + span) - at) & (slots_.size() - 1)) + 1;
    if (homes == 1 && span >> 31 != 0) homes = slots_.size();
    for (std::uint32_t i = 0; i < slots_.size(); ++i, at = next(at)) {
      const Slot& slot = slots_[at];
      if (slot.reference == absent) {
        if (i >= homes) return;
      } else if (slot.hash - first <= span && !visit(slot.reference)) {
        return;
      }
    }
  }
  std::uint32_t size() const { return count_; }
  std::uint64_t bytes() const { return slots_.bytes(); }

 private:
  struct Slot {
    std::uint32_t hash, reference;
  };

  std::uint32_t home(std::uint32_t hash) const {
    return static_cast<std::uint32_t>((std::uint64_t{hash} * slots_.size()) >> 32);
  }
  std::uint32_t next(std::uint32_t at) const { return (at + 1) & (slots_.size() - 1); }
  void grow();
  void place(Slot slot);

  PagedArray<Slot> slots_;  // a power of two
  std::uint32_t count_ = 0;
};

}  // namespace fourtuple::netfilter
