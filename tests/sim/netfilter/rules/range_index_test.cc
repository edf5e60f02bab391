#include "sim/netfilter/rules/range_index.h"

#include <gtest/gtest.h>

#include "sim/base/random.h"

namespace fourtuple::netfilter {
namespace {

KeyShape two_parts() {
  KeyShape shape;
  EXPECT_TRUE(shape.add(32) && shape.add(16));
  return shape;
}

std::vector<std::uint32_t> found(const RangeIndex& index, std::uint32_t first, std::uint32_t second) {
  const std::uint32_t words[2] = {first, second};
  std::vector<std::uint32_t> numbers;
  index.find(words, [&](std::uint32_t number) { numbers.push_back(number); });
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

NumberedRange box(std::uint32_t number, std::uint32_t low, std::uint32_t high, std::uint32_t low2,
                  std::uint32_t high2) {
  NumberedRange range{{}, number};
  range.range.low = {low, low2};
  range.range.high = {high, high2};
  return range;
}

TEST(RangeIndex, FindsNothingWithoutRanges) {
  EXPECT_TRUE(RangeIndex().empty());
  EXPECT_TRUE(found(RangeIndex(two_parts(), {}), 1, 2).empty());
}

TEST(RangeIndex, FindsEveryRangeThatHoldsTheKey) {
  const RangeIndex index(two_parts(),
                         {box(7, 0, 0xffffffff, 0, 0xffff), box(8, 10, 20, 80, 80), box(9, 15, 30, 80, 90)});
  EXPECT_EQ(found(index, 15, 80), (std::vector<std::uint32_t>{7, 8, 9}));
  EXPECT_EQ(found(index, 20, 81), (std::vector<std::uint32_t>{7, 9}));
  EXPECT_EQ(found(index, 9, 80), (std::vector<std::uint32_t>{7}));
}

// Ranges of all sizes, those of one part in common or not, against trying one after the other.
TEST(RangeIndex, AgreesWithASearchThroughAllRanges) {
  Random random(3, "ranges");
  for (const std::uint32_t spread : {1u, 50u, 100'000u}) {
    std::vector<NumberedRange> ranges;
    for (std::uint32_t i = 0; i < 300; ++i) {
      const auto low = static_cast<std::uint32_t>(random.below(spread)),
                 size = static_cast<std::uint32_t>(random.below(40));
      const auto low2 = static_cast<std::uint32_t>(random.below(500));
      ranges.push_back(box(i, low, low + size, low2, low2 + static_cast<std::uint32_t>(random.below(5))));
    }
    const RangeIndex index(two_parts(), ranges);
    for (int i = 0; i < 2000; ++i) {
      const auto first = static_cast<std::uint32_t>(random.below(spread + 40));
      const auto second = static_cast<std::uint32_t>(random.below(510));
      std::vector<std::uint32_t> expected;
      for (const NumberedRange& range : ranges)
        if (range.range.low[0] <= first && first <= range.range.high[0] && range.range.low[1] <= second &&
            second <= range.range.high[1])
          expected.push_back(range.number);
      ASSERT_EQ(found(index, first, second), expected) << first << " . " << second;
    }
  }
}

}  // namespace
}  // namespace fourtuple::netfilter
