#include "sim/netfilter/conntrack/tuple_index.h"

#include <utility>

namespace fourtuple::netfilter {

void TupleIndex::place(Slot slot) {
  std::uint32_t at = home(slot.hash);
  while (slots_[at].reference != absent) at = next(at);
  slots_.mut(at) = slot;
}

void TupleIndex::grow() {
  const PagedArray<Slot> old = std::exchange(slots_, {});
  const std::uint32_t capacity = old.size() == 0 ? 16 : old.size() * 2;
  for (std::uint32_t i = 0; i < capacity; ++i) slots_.push_back({0, absent});
  for (std::uint32_t i = 0; i < old.size(); ++i)
    if (old[i].reference != absent) place(old[i]);
}

void TupleIndex::insert(std::uint32_t hash, std::uint32_t reference) {
  if ((std::uint64_t{count_} + 1) * 4 > std::uint64_t{slots_.size()} * 3) grow();
  place({hash, reference});
  ++count_;
}

void TupleIndex::erase(std::uint32_t hash, std::uint32_t reference) {
  std::uint32_t hole = home(hash);
  while (slots_[hole].reference != reference) {
    FT_CHECK(slots_[hole].reference != absent);
    hole = next(hole);
  }
  // What came after moves up, unless that would put it before its home.
  const std::uint32_t mask = slots_.size() - 1;
  for (std::uint32_t at = next(hole); slots_[at].reference != absent; at = next(at)) {
    if (((at - home(slots_[at].hash)) & mask) < ((at - hole) & mask)) continue;
    slots_.mut(hole) = slots_[at];
    hole = at;
  }
  slots_.mut(hole).reference = absent;
  --count_;
}

}  // namespace fourtuple::netfilter
