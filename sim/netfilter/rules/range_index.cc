#include "sim/netfilter/rules/range_index.h"

namespace fourtuple::netfilter {
namespace {

// How many ranges a single value of these words lies in at most.
std::size_t most_overlapping(const std::vector<NumberedRange>& ranges, std::size_t first, std::uint8_t count) {
  std::vector<nft::Value> lows, highs;
  for (const NumberedRange& numbered : ranges) {
    lows.push_back(value_of_words(&numbered.range.low[first], count));
    highs.push_back(value_of_words(&numbered.range.high[first], count));
  }
  std::sort(lows.begin(), lows.end());
  std::sort(highs.begin(), highs.end());
  std::size_t most = 0, ended = 0;
  for (std::size_t begun = 0; begun < lows.size(); ++begun) {
    while (ended < highs.size() && highs[ended] < lows[begun]) ++ended;
    most = std::max(most, begun + 1 - ended);
  }
  return most;
}

}  // namespace

RangeIndex::RangeIndex(const KeyShape& shape, std::vector<NumberedRange> ranges) : shape_(shape) {
  choose_part(ranges);
  for (NumberedRange& range : ranges) {
    const nft::Value low = value_of_words(&range.range.low[first_word_], part_words_);
    const nft::Value high = value_of_words(&range.range.high[first_word_], part_words_);
    nodes_.push_back({low, high, high, range});
  }
  std::stable_sort(nodes_.begin(), nodes_.end(), [](const Node& a, const Node& b) { return a.low < b.low; });
  set_highest(0, static_cast<std::uint32_t>(nodes_.size()));
}

void RangeIndex::choose_part(const std::vector<NumberedRange>& ranges) {
  std::size_t fewest = ranges.size() + 1;
  std::uint8_t first = 0;
  for (std::uint8_t part = 0; part < shape_.parts; ++part) {
    const std::uint8_t count = shape_.part_words[part];
    const std::size_t overlapping = most_overlapping(ranges, first, count);
    if (overlapping < fewest) {
      fewest = overlapping;
      first_word_ = first;
      part_words_ = count;
    }
    first = static_cast<std::uint8_t>(first + count);
  }
}

nft::Value RangeIndex::set_highest(std::uint32_t first, std::uint32_t last) {
  if (first >= last) return {};
  const std::uint32_t middle = first + (last - first) / 2;
  const nft::Value below = std::max(set_highest(first, middle), set_highest(middle + 1, last));
  nodes_[middle].highest = std::max(nodes_[middle].high, below);
  return nodes_[middle].highest;
}

bool RangeIndex::contains(const NumberedRange& numbered, const std::uint32_t* words) const {
  std::size_t at = 0;
  for (std::uint8_t part = 0; part < shape_.parts; ++part) {
    const std::uint8_t count = shape_.part_words[part];
    const nft::Value value = value_of_words(words + at, count);
    if (value < value_of_words(&numbered.range.low[at], count) ||
        value_of_words(&numbered.range.high[at], count) < value)
      return false;
    at += count;
  }
  return true;
}

}  // namespace fourtuple::netfilter
