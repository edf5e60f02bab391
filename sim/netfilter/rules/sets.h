// Elements of sets and maps. StaticElements are those of a ruleset: built once, immutable, part of a Program. Elements
// that packets add and elements with a timeout are in State::set_elements; SetTables finds them there.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/base/index_map.h"
#include "sim/base/paged_array.h"
#include "sim/netfilter/rules/range_index.h"
#include "sim/state/netfilter.h"
#include "sim/state/state.h"

namespace fourtuple::netfilter {

inline constexpr std::uint32_t no_element = 0xffffffffu;

class StaticElements {
 public:
  StaticElements() = default;
  // Elements are numbered as given. Of elements that overlap the narrower one, then the first one is found.
  StaticElements(const KeyShape& shape, const std::vector<KeyRange>& elements);

  // The element a key falls in, or no_element. Constant time for exact elements, logarithmic for ranges.
  std::uint32_t find(const std::uint32_t* words) const;

 private:
  std::uint32_t find_exact(const std::uint32_t* words) const;
  std::uint32_t find_interval(nft::Value value) const;
  void build_hash(const std::vector<KeyRange>& elements, const std::vector<std::uint32_t>& exact);
  void build_intervals(const std::vector<KeyRange>& elements, const std::vector<std::uint32_t>& ranges);

  KeyShape shape_;
  std::vector<std::uint32_t> exact_;  // keys, shape_.words each, by position in exact_elements_
  std::vector<std::uint32_t> exact_elements_;
  std::vector<std::uint32_t> slots_;  // hash table of positions in exact_elements_
  std::uint64_t mask_ = 0;
  std::vector<nft::Value> lows_, highs_;  // disjoint and ascending
  std::vector<std::uint32_t> interval_elements_;
  RangeIndex rows_;  // ranges of concatenations
  std::uint32_t all_ = no_element;
};

// Where the elements of State::set_elements are: by key, and per set. All hosts' sets share it; a set's id is unique.
// Copying is cheap where nothing changes afterwards.
class SetTables {
 public:
  // A new set's id.
  std::uint32_t add_set();
  // The element with this key, expired or not; no_element when there is none.
  std::uint32_t find(const state::State& visible, std::uint32_t set, const std::uint32_t* words,
                     std::uint8_t count) const;
  // The id the next new element should get; insert() makes it known once the element is in the State.
  std::uint32_t next_id() const { return free_.empty() ? links_.size() : free_.back(); }
  // REQUIRES: visible.set_elements[id] holds the element and id == next_id() before.
  void insert(const state::State& visible, std::uint32_t id);
  // Forgets an element; its id may be used again. REQUIRES: it was inserted and is still in the State.
  void erase(const state::State& visible, std::uint32_t id);

  std::uint32_t count(std::uint32_t set) const { return sets_[set].count; }
  // The elements of a set in order of insertion; no_element at the end.
  std::uint32_t first(std::uint32_t set) const { return sets_[set].first; }
  std::uint32_t next(std::uint32_t id) const { return links_[id].next; }
  // When expired elements were last collected.
  Time collected(std::uint32_t set) const { return sets_[set].collected; }
  void set_collected(std::uint32_t set, Time at) { sets_[set].collected = at; }

  // Objects of elements that are gone, to be given to new elements of the set; no_element when there are none.
  std::uint32_t take_object(std::uint32_t set);
  void return_object(std::uint32_t set, std::uint32_t object) { sets_[set].free_objects.push_back(object); }

 private:
  struct Link {
    std::uint64_t hash;
    std::uint32_t chain;  // next element in the same bucket
    std::uint32_t next, previous;
  };
  struct SetUse {
    std::uint32_t count = 0, first = no_element, last = no_element;
    Time collected;
    std::vector<std::uint32_t> free_objects;
  };

  void grow();

  PagedArray<std::uint32_t> buckets_;
  PagedArray<Link> links_;  // by element id
  std::vector<SetUse> sets_;
  std::vector<std::uint32_t> free_;
  std::uint32_t live_ = 0;
};

}  // namespace fourtuple::netfilter
