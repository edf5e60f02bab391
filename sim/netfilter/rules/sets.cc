#include "sim/netfilter/rules/sets.h"

#include <algorithm>
#include <numeric>

namespace fourtuple::netfilter {

StaticElements::StaticElements(const KeyShape& shape, const std::vector<KeyRange>& elements) : shape_(shape) {
  std::vector<std::uint32_t> exact, ranges;
  for (std::uint32_t i = 0; i < elements.size(); ++i) {
    if (elements[i].all)
      all_ = all_ == no_element ? i : all_;
    else
      (elements[i].exact(shape) ? exact : ranges).push_back(i);
  }
  build_hash(elements, exact);
  if (shape.parts == 1) {
    build_intervals(elements, ranges);
  } else {
    std::vector<NumberedRange> rows;
    for (const std::uint32_t i : ranges) rows.push_back({elements[i], i});
    rows_ = RangeIndex(shape, std::move(rows));
  }
}

void StaticElements::build_hash(const std::vector<KeyRange>& elements, const std::vector<std::uint32_t>& exact) {
  if (exact.empty()) return;
  std::size_t capacity = 4;
  while (capacity < exact.size() * 2) capacity *= 2;
  slots_.assign(capacity, no_element);
  mask_ = capacity - 1;
  for (const std::uint32_t i : exact) {
    const auto* words = elements[i].low.data();
    if (find_exact(words) != no_element) continue;
    std::uint64_t at = hash_words(0, words, shape_.words) & mask_;
    while (slots_[at] != no_element) at = (at + 1) & mask_;
    slots_[at] = static_cast<std::uint32_t>(exact_elements_.size());
    exact_elements_.push_back(i);
    exact_.insert(exact_.end(), words, words + shape_.words);
  }
}

// Overlapping ranges (auto-merge) become disjoint ones: each stretch belongs to the first range that covers it.
void StaticElements::build_intervals(const std::vector<KeyRange>& elements, const std::vector<std::uint32_t>& ranges) {
  struct Interval {
    nft::Value low, high;
    std::uint32_t element;
  };
  std::vector<Interval> sorted;
  for (const std::uint32_t i : ranges)
    sorted.push_back({value_of_words(elements[i].low.data(), shape_.words),
                      value_of_words(elements[i].high.data(), shape_.words), i});
  std::stable_sort(sorted.begin(), sorted.end(), [](const Interval& a, const Interval& b) { return a.low < b.low; });
  for (const Interval& interval : sorted) {
    nft::Value low = interval.low;
    if (!highs_.empty() && low <= highs_.back()) {
      if (interval.high <= highs_.back()) continue;
      low = highs_.back();
      if (++low.low == 0) ++low.high;
    }
    lows_.push_back(low);
    highs_.push_back(interval.high);
    interval_elements_.push_back(interval.element);
  }
}

std::uint32_t StaticElements::find_exact(const std::uint32_t* words) const {
  std::uint64_t at = hash_words(0, words, shape_.words) & mask_;
  for (; slots_[at] != no_element; at = (at + 1) & mask_) {
    const std::uint32_t position = slots_[at];
    const std::uint32_t* key = &exact_[std::size_t{position} * shape_.words];
    std::uint32_t same = 0;  // a loop: keys are too short for memcmp() to pay
    while (same < shape_.words && words[same] == key[same]) ++same;
    if (same == shape_.words) return exact_elements_[position];
  }
  return no_element;
}

std::uint32_t StaticElements::find_interval(nft::Value value) const {
  const auto after = std::upper_bound(lows_.begin(), lows_.end(), value);
  if (after == lows_.begin()) return no_element;
  const auto position = static_cast<std::size_t>(after - lows_.begin() - 1);
  return value <= highs_[position] ? interval_elements_[position] : no_element;
}

std::uint32_t StaticElements::find(const std::uint32_t* words) const {
  if (!slots_.empty()) {
    const std::uint32_t element = find_exact(words);
    if (element != no_element) return element;
  }
  if (!lows_.empty()) {
    const std::uint32_t element = find_interval(value_of_words(words, shape_.words));
    if (element != no_element) return element;
  }
  std::uint32_t first = no_element;
  rows_.find(words, [&](std::uint32_t element) { first = std::min(first, element); });
  return first != no_element ? first : all_;
}

std::uint32_t SetTables::add_set() {
  sets_.emplace_back();
  return static_cast<std::uint32_t>(sets_.size() - 1);
}

std::uint32_t SetTables::find(const state::State& visible, std::uint32_t set, const std::uint32_t* words,
                              std::uint8_t count) const {
  if (buckets_.size() == 0) return no_element;
  const std::uint64_t hash = hash_words(set, words, count);
  std::uint32_t id = buckets_[static_cast<std::uint32_t>(hash & (buckets_.size() - 1))];
  for (; id != no_element; id = links_[id].chain) {
    if (links_[id].hash != hash) continue;
    const state::SetElement& element = visible.set_elements[id];
    if (element.set == set && element.word_count == count && std::equal(words, words + count, element.words.begin()))
      return id;
  }
  return no_element;
}

void SetTables::insert(const state::State& visible, std::uint32_t id) {
  FT_CHECK(id == next_id());
  if (free_.empty())
    links_.push_back({});
  else
    free_.pop_back();
  if (live_ >= buckets_.size()) grow();
  ++live_;
  const state::SetElement& element = visible.set_elements[id];
  SetUse& use = sets_[element.set];
  const std::uint64_t hash = hash_words(element.set, element.words.data(), element.word_count);
  std::uint32_t& bucket = buckets_.mut(static_cast<std::uint32_t>(hash & (buckets_.size() - 1)));
  links_.mut(id) = {hash, bucket, no_element, use.last};
  bucket = id;
  if (use.last != no_element)
    links_.mut(use.last).next = id;
  else
    use.first = id;
  use.last = id;
  ++use.count;
}

void SetTables::erase(const state::State& visible, std::uint32_t id) {
  const Link link = links_[id];
  const auto bucket = static_cast<std::uint32_t>(link.hash & (buckets_.size() - 1));
  if (buckets_[bucket] == id) {
    buckets_.mut(bucket) = link.chain;
  } else {
    std::uint32_t before = buckets_[bucket];
    while (links_[before].chain != id) before = links_[before].chain;
    links_.mut(before).chain = link.chain;
  }
  SetUse& use = sets_[visible.set_elements[id].set];
  (link.previous == no_element ? use.first : links_.mut(link.previous).next) = link.next;
  (link.next == no_element ? use.last : links_.mut(link.next).previous) = link.previous;
  --use.count;
  --live_;
  free_.push_back(id);
}

std::uint32_t SetTables::take_object(std::uint32_t set) {
  std::vector<std::uint32_t>& objects = sets_[set].free_objects;
  if (objects.empty()) return no_element;
  const std::uint32_t object = objects.back();
  objects.pop_back();
  return object;
}

void SetTables::grow() {
  const std::uint32_t capacity = buckets_.size() == 0 ? 16 : buckets_.size() * 2;
  std::vector<std::uint32_t> members;
  for (std::uint32_t i = 0; i < buckets_.size(); ++i)
    for (std::uint32_t id = buckets_[i]; id != no_element; id = links_[id].chain) members.push_back(id);
  for (std::uint32_t i = 0; i < buckets_.size(); ++i) buckets_.mut(i) = no_element;
  while (buckets_.size() < capacity) buckets_.push_back(no_element);
  for (const std::uint32_t id : members) {
    std::uint32_t& bucket = buckets_.mut(static_cast<std::uint32_t>(links_[id].hash & (capacity - 1)));
    links_.mut(id).chain = bucket;
    bucket = id;
  }
}

}  // namespace fourtuple::netfilter
