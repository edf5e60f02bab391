// A hash table from a plain key to a 32-bit index: open addressing, linear probing, power-of-two capacity, at most 3/4
// full, deletion by shifting back (no tombstones). It offers no iteration on purpose: hash order must not reach output.
// The key type provides `std::uint64_t hash_of(const Key&)` and operator==.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/check.h"

namespace fourtuple {

// A strong, fast mixer of 64 bits; the same on every machine.
constexpr std::uint64_t mix_bits(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93u;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93u;
  x ^= x >> 32;
  return x;
}

template <class Key>
class IndexMap {
 public:
  static constexpr std::uint32_t absent = 0xffffffffu;

  // The index stored under `key`, or `absent`.
  std::uint32_t find(const Key& key) const {
    if (count_ == 0) return absent;
    for (std::uint64_t at = hash_of(key) & mask_;; at = (at + 1) & mask_) {
      if (slots_[at].index == absent) return absent;
      if (slots_[at].key == key) return slots_[at].index;
    }
  }
  bool contains(const Key& key) const { return find(key) != absent; }
  // Inserts or overwrites. REQUIRES: index != absent.
  void set(const Key& key, std::uint32_t index) {
    FT_CHECK(index != absent);
    if ((count_ + 1) * 4 > slots_.size() * 3) grow();
    std::uint64_t at = hash_of(key) & mask_;
    while (slots_[at].index != absent && !(slots_[at].key == key)) at = (at + 1) & mask_;
    if (slots_[at].index == absent) ++count_;
    slots_[at] = {key, index};
  }
  // Returns whether the key was there.
  bool erase(const Key& key) {
    if (count_ == 0) return false;
    std::uint64_t at = hash_of(key) & mask_;
    while (!(slots_[at].key == key) || slots_[at].index == absent) {
      if (slots_[at].index == absent) return false;
      at = (at + 1) & mask_;
    }
    std::uint64_t hole = at;
    for (std::uint64_t next = (at + 1) & mask_; slots_[next].index != absent; next = (next + 1) & mask_) {
      const std::uint64_t home = hash_of(slots_[next].key) & mask_;
      if (((next - home) & mask_) >= ((next - hole) & mask_)) {
        slots_[hole] = slots_[next];
        hole = next;
      }
    }
    slots_[hole].index = absent;
    --count_;
    return true;
  }
  void prefetch(const Key& key) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash_of(key) & mask_]);
  }
  std::uint64_t size() const { return count_; }
  std::uint64_t bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    Key key{};
    std::uint32_t index = absent;
  };

  void grow() {
    std::vector<Slot> old = std::move(slots_);
    slots_.assign(old.empty() ? 16 : old.size() * 2, Slot{});
    mask_ = slots_.size() - 1;
    for (const Slot& slot : old) {
      if (slot.index == absent) continue;
      std::uint64_t at = hash_of(slot.key) & mask_;
      while (slots_[at].index != absent) at = (at + 1) & mask_;
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::uint64_t mask_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace fourtuple
