// Ranges that may overlap and have several parts, found in logarithmic time plus what overlaps in one part: a balanced
// tree by the lowest value of the part in which the fewest overlap, with the highest value below every node. Constant
// once built.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/netfilter/rules/key.h"

namespace fourtuple::netfilter {

struct NumberedRange {
  KeyRange range;
  std::uint32_t number = 0;
};

class RangeIndex {
 public:
  RangeIndex() = default;
  RangeIndex(const KeyShape& shape, std::vector<NumberedRange> ranges);

  bool empty() const { return nodes_.empty(); }
  // Calls found(number) for every range that has the key in it, in no order to rely on.
  template <class Found>
  void find(const std::uint32_t* words, Found found) const {
    if (nodes_.empty()) return;
    const nft::Value value = value_of_words(words + first_word_, part_words_);
    // Subtrees are stretches of nodes_ around their middle; those to the right of the path to the left wait here.
    std::pair<std::uint32_t, std::uint32_t> waiting[32];
    std::size_t count = 0;
    waiting[count++] = {0, static_cast<std::uint32_t>(nodes_.size())};
    while (count != 0) {
      auto [first, last] = waiting[--count];
      while (first < last) {
        const std::uint32_t middle = first + (last - first) / 2;
        const Node& node = nodes_[middle];
        if (node.highest < value) break;
        if (node.low <= value) {
          if (value <= node.high && contains(node.range, words)) found(node.range.number);
          waiting[count++] = {middle + 1, last};
        }
        last = middle;
      }
    }
  }

 private:
  struct Node {
    nft::Value low, high, highest;  // of the part that orders; `highest` of the whole subtree
    NumberedRange range;
  };

  void choose_part(const std::vector<NumberedRange>& ranges);
  nft::Value set_highest(std::uint32_t first, std::uint32_t last);
  bool contains(const NumberedRange& range, const std::uint32_t* words) const;

  KeyShape shape_;
  std::uint8_t first_word_ = 0, part_words_ = 1;  // of the part that orders
  std::vector<Node> nodes_;
};

}  // namespace fourtuple::netfilter
