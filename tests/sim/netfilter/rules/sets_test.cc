#include "sim/netfilter/rules/sets.h"

#include <gtest/gtest.h>

#include "sim/base/random.h"

namespace fourtuple::netfilter {
namespace {

KeyShape shape(std::initializer_list<std::uint32_t> bits) {
  KeyShape result;
  for (const std::uint32_t width : bits) EXPECT_TRUE(result.add(width));
  return result;
}

KeyRange range(std::initializer_list<std::uint32_t> low, std::initializer_list<std::uint32_t> high) {
  KeyRange result;
  std::copy(low.begin(), low.end(), result.low.begin());
  std::copy(high.begin(), high.end(), result.high.begin());
  return result;
}
KeyRange exactly(std::initializer_list<std::uint32_t> words) {
  return range(words, words);
}

std::uint32_t find(const StaticElements& elements, std::initializer_list<std::uint32_t> words) {
  return elements.find(words.begin());
}

TEST(KeyShape, TakesOneWordPer32BitsAndRefusesMoreThan16) {
  KeyShape addresses = shape({128, 16, 128, 48, 0});
  EXPECT_EQ(addresses.words, 4 + 1 + 4 + 2 + 1);
  EXPECT_TRUE(addresses.add(128));
  EXPECT_FALSE(addresses.add(32));
  EXPECT_EQ(addresses.parts, 6);
}

TEST(Words, HoldTheMostSignificantPartFirst) {
  std::uint32_t words[4];
  put_words(words, nft::Value{0x0001000200030004u, 0x0005000600070008u}, 4);
  EXPECT_EQ(words[0], 0x00010002u);
  EXPECT_EQ(words[3], 0x00070008u);
  EXPECT_EQ(value_of_words(words, 4), (nft::Value{0x0001000200030004u, 0x0005000600070008u}));
}

TEST(StaticElements, EmptySetHasNothing) {
  EXPECT_EQ(StaticElements().find(nullptr), no_element);
  EXPECT_EQ(find(StaticElements(shape({32}), {}), {5}), no_element);
}

TEST(StaticElements, FindsExactKeysRangesAndTheWildcard) {
  KeyRange all;
  all.all = true;
  const StaticElements ports(shape({16}), {exactly({80}), range({1000}, {1999}), exactly({1500}), range({10}, {20})});
  EXPECT_EQ(find(ports, {80}), 0u);
  EXPECT_EQ(find(ports, {1000}), 1u);
  EXPECT_EQ(find(ports, {1999}), 1u);
  EXPECT_EQ(find(ports, {1500}), 2u) << "the narrower one";
  EXPECT_EQ(find(ports, {9}), no_element);
  EXPECT_EQ(find(ports, {10}), 3u);
  EXPECT_EQ(find(ports, {21}), no_element);
  const StaticElements with_rest(shape({16}), {exactly({80}), all});
  EXPECT_EQ(find(with_rest, {81}), 1u);
  EXPECT_EQ(find(with_rest, {80}), 0u);
}

TEST(StaticElements, FindsConcatenationsWithRanges) {
  const StaticElements elements(shape({32, 16}), {range({0x0a000000, 80}, {0x0affffff, 80}), exactly({0x01020304, 22}),
                                                  range({0x01020304, 100}, {0x01020304, 200})});
  EXPECT_EQ(find(elements, {0x0a010203, 80}), 0u);
  EXPECT_EQ(find(elements, {0x0a010203, 81}), no_element);
  EXPECT_EQ(find(elements, {0x01020304, 22}), 1u);
  EXPECT_EQ(find(elements, {0x01020304, 150}), 2u);
  EXPECT_EQ(find(elements, {0x01020305, 150}), no_element);
}

TEST(StaticElements, AgreeWithASearchThroughAllElements) {
  Random random(7, "sets");
  for (int round = 0; round < 50; ++round) {
    std::vector<KeyRange> elements;
    for (int i = 0; i < 40; ++i) {
      const auto low = static_cast<std::uint32_t>(random.below(1000));
      elements.push_back(range({low}, {low + static_cast<std::uint32_t>(random.below(3) * random.below(10))}));
    }
    const StaticElements set(shape({32}), elements);
    for (std::uint32_t key = 0; key < 1050; ++key) {
      const bool in = std::any_of(elements.begin(), elements.end(), [&](const KeyRange& element) {
        return element.low[0] <= key && key <= element.high[0];
      });
      const std::uint32_t found = find(set, {key});
      ASSERT_EQ(found != no_element, in) << key;
      if (in) {
        ASSERT_LE(elements[found].low[0], key);
        ASSERT_GE(elements[found].high[0], key);
      }
    }
  }
}

// --- elements in the State ---
class SetTablesTest : public testing::Test {
 protected:
  std::uint32_t add(std::uint32_t set, std::uint32_t key) {
    const std::uint32_t id = tables.next_id();
    visible.set_elements.claim(id);
    state::SetElement& element = visible.set_elements.mut(id);
    element.set = set;
    element.words[0] = key;
    element.word_count = 1;
    tables.insert(visible, id);
    return id;
  }
  void remove(std::uint32_t id) {
    tables.erase(visible, id);
    visible.set_elements.unclaim(id);
  }
  std::uint32_t find(std::uint32_t set, std::uint32_t key) const { return tables.find(visible, set, &key, 1); }
  std::vector<std::uint32_t> keys(std::uint32_t set) const {
    std::vector<std::uint32_t> result;
    for (std::uint32_t id = tables.first(set); id != no_element; id = tables.next(id))
      result.push_back(visible.set_elements[id].words[0]);
    return result;
  }

  state::State visible;
  SetTables tables;
};

TEST_F(SetTablesTest, KeepsSetsApartAndElementsInOrder) {
  const std::uint32_t a = tables.add_set(), b = tables.add_set();
  add(a, 3);
  add(b, 3);
  add(a, 1);
  const std::uint32_t two = add(a, 2);
  EXPECT_EQ(keys(a), (std::vector<std::uint32_t>{3, 1, 2}));
  EXPECT_EQ(tables.count(a), 3u);
  EXPECT_NE(find(a, 3), find(b, 3));
  EXPECT_EQ(find(b, 1), no_element);
  remove(find(a, 1));
  EXPECT_EQ(keys(a), (std::vector<std::uint32_t>{3, 2}));
  EXPECT_EQ(find(a, 2), two);
  EXPECT_EQ(find(a, 1), no_element);
}

TEST_F(SetTablesTest, SurvivesGrowthRemovalAndReuseOfIds) {
  const std::uint32_t set = tables.add_set();
  Random random(1, "elements");
  std::vector<bool> there(500);
  for (int i = 0; i < 20000; ++i) {
    const auto key = static_cast<std::uint32_t>(random.below(there.size()));
    const std::uint32_t found = find(set, key);
    ASSERT_EQ(found != no_element, there[key]);
    if (found == no_element)
      add(set, key);
    else
      remove(found);
    there[key] = !there[key];
  }
  EXPECT_LE(visible.set_elements.end(), there.size());
}

TEST_F(SetTablesTest, CopiesAreIndependent) {
  const std::uint32_t set = tables.add_set();
  for (std::uint32_t key = 0; key < 100; ++key) add(set, key);
  const SetTables copy = tables;
  const state::State visible_then = visible;
  for (std::uint32_t key = 0; key < 100; key += 2) remove(find(set, key));
  const std::uint32_t key = 4;
  EXPECT_EQ(find(set, key), no_element);
  EXPECT_NE(copy.find(visible_then, set, &key, 1), no_element);
  EXPECT_EQ(copy.count(set), 100u);
}

}  // namespace
}  // namespace fourtuple::netfilter
