#include "sim/netfilter/rules/key.h"

#include <algorithm>

namespace fourtuple::netfilter {

bool KeyShape::add(std::uint32_t bits) {
  const std::uint8_t count = words_of_bits(bits);
  if (parts == part_words.size() || words + count > static_cast<int>(state::NetfilterWords{}.size())) return false;
  part_words[parts++] = count;
  words = static_cast<std::uint8_t>(words + count);
  return true;
}

bool KeyRange::exact(const KeyShape& shape) const {
  return !all && std::equal(low.begin(), low.begin() + shape.words, high.begin());
}

}  // namespace fourtuple::netfilter
