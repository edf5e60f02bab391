#include "tests/laws/state_fields.h"

#include <algorithm>
#include <vector>

namespace fourtuple::test {
namespace {

struct Field {
  FieldPlace place;
  std::uint64_t value;
};

std::vector<Field> all_fields(const replay::NetState& net) {
  std::vector<Field> all;
  const auto add = [&all](const FieldPlace& place, std::uint64_t value) { all.push_back({place, value}); };
  FieldWalk(add).of(net);
  return all;
}

std::string words_of(const FieldPlace& place) {
  return std::string(place.table) + " " + std::to_string(place.id) + " " + place.field;
}

}  // namespace

std::string first_difference(const replay::NetState& a, const replay::NetState& b) {
  const std::vector<Field> left = all_fields(a), right = all_fields(b);
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    const std::string here = words_of(left[i].place), there = words_of(right[i].place);
    if (here != there) return here + " on one side, " + there + " on the other";
    if (left[i].value != right[i].value)
      return here + ": " + std::to_string(left[i].value) + ", but " + std::to_string(right[i].value);
  }
  return left.size() == right.size() ? "" : "more fields on one side";
}

}  // namespace fourtuple::test
