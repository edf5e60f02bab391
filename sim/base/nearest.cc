#include "sim/base/nearest.h"

#include <algorithm>
#include <array>

namespace fourtuple {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// Edit distance with neighbouring letters swapped counting once; case and '-' against '_' do not count.
std::size_t distance(std::string_view a, std::string_view b) {
  const auto same = [](char x, char y) { return lower(x == '_' ? '-' : x) == lower(y == '_' ? '-' : y); };
  std::array<std::array<std::size_t, 42>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& above2 = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same(a[i - 1], b[j - 1]) ? 0u : 1u)});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
        row[j] = std::min(row[j], above2[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr std::size_t longest = 40;
  if (word.empty() || word.size() > longest) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, (word.size() + 1) / 3) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.empty() || candidate.size() > longest) continue;
    const std::size_t gap = distance(word, candidate);
    if (gap >= best_distance || gap >= candidate.size()) continue;
    best_distance = gap;
    best = candidate;
  }
  return std::string(best);
}

}  // namespace fourtuple
