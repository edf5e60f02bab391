// Which descriptor a process's number leads to. Numbers are dense (POSIX gives the lowest free one), so they stand in
// blocks of 32 that copies of a State share until one side writes; only the place of each block is in a hash table.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/index_map.h"
#include "sim/base/paged_array.h"

namespace fourtuple::state {

struct FdKey {
  ProcessId process;
  std::int32_t fd = -1;
  friend bool operator==(const FdKey&, const FdKey&) = default;
};
inline std::uint64_t hash_of(const FdKey& key) {
  return mix_bits((std::uint64_t{key.process.value} << 32) | static_cast<std::uint32_t>(key.fd));
}

class DescriptorIndex {
 public:
  static constexpr std::uint32_t absent = 0xffffffffu;

  // The index stored under `key`, or `absent`.
  std::uint32_t find(const FdKey& key) const {
    const std::uint32_t block = places_.find(place_of(key));
    return block == IndexMap<FdKey>::absent ? absent : blocks_[block].index[slot_of(key)];
  }
  bool contains(const FdKey& key) const { return find(key) != absent; }
  // Inserts or overwrites. REQUIRES: index != absent.
  void set(const FdKey& key, std::uint32_t index);
  // Does nothing when the key is not there.
  void erase(const FdKey& key);

  std::uint64_t size() const { return size_; }
  std::uint64_t bytes() const { return blocks_.bytes() + table_bytes(); }
  // Bytes of this index's own beside the blocks it shares with `other`.
  std::uint64_t bytes_unlike(const DescriptorIndex& other) const {
    return blocks_.bytes_unlike(other.blocks_) + table_bytes();
  }
  // Becomes a copy of `other` in memory of its own where it has some (PagedArray::assign).
  void assign(const DescriptorIndex& other);

 private:
  static constexpr int block_shift = 5;
  struct Block {
    std::uint32_t index[1 << block_shift];
    std::uint32_t used;
  };

  static FdKey place_of(const FdKey& key) { return {key.process, key.fd >> block_shift}; }
  static std::uint32_t slot_of(const FdKey& key) {
    return static_cast<std::uint32_t>(key.fd) & ((1u << block_shift) - 1);
  }
  std::uint64_t table_bytes() const { return places_.bytes() + free_.capacity() * sizeof(std::uint32_t); }
  std::uint32_t new_block();

  IndexMap<FdKey> places_;  // of blocks: the key's number is that of its first descriptor, shifted
  PagedArray<Block> blocks_;
  std::vector<std::uint32_t> free_;  // blocks without any descriptor
  std::uint64_t size_ = 0;
};

}  // namespace fourtuple::state
