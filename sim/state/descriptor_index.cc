#include "sim/state/descriptor_index.h"

#include <algorithm>

namespace fourtuple::state {

std::uint32_t DescriptorIndex::new_block() {
  Block empty;
  std::fill(std::begin(empty.index), std::end(empty.index), absent);
  empty.used = 0;
  if (free_.empty()) {
    blocks_.push_back(empty);
    return blocks_.size() - 1;
  }
  const std::uint32_t block = free_.back();
  free_.pop_back();
  blocks_.mut(block) = empty;
  return block;
}

void DescriptorIndex::set(const FdKey& key, std::uint32_t index) {
  FT_CHECK(index != absent);
  std::uint32_t block = places_.find(place_of(key));
  if (block == IndexMap<FdKey>::absent) {
    block = new_block();
    places_.set(place_of(key), block);
  }
  Block& entries = blocks_.mut(block);
  std::uint32_t& entry = entries.index[slot_of(key)];
  if (entry == absent) {
    ++entries.used;
    ++size_;
  }
  entry = index;
}

void DescriptorIndex::erase(const FdKey& key) {
  if (!contains(key)) return;
  const std::uint32_t block = places_.find(place_of(key));
  Block& entries = blocks_.mut(block);
  entries.index[slot_of(key)] = absent;
  --size_;
  if (--entries.used != 0) return;
  places_.erase(place_of(key));
  free_.push_back(block);
}

void DescriptorIndex::assign(const DescriptorIndex& other) {
  places_ = other.places_;
  blocks_.assign(other.blocks_);
  free_ = other.free_;
  size_ = other.size_;
}

}  // namespace fourtuple::state
