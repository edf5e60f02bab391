#include "viz/panels/timeline/match_bars.h"

#include <algorithm>
#include <cmath>

namespace fourtuple::viz {

std::vector<float> match_bars(const trace::Index& index, const std::vector<std::uint64_t>& positions,
                              const TimelineModel& model) {
  std::vector<float> bars(model.bars.size());
  if (bars.empty() || model.most == 0) return bars;
  const Duration span = model.axis.to - model.axis.from;
  const auto count = static_cast<std::int64_t>(bars.size());
  const std::int64_t whole = span.ns / count, rest = span.ns % count;
  const auto bound = [&](std::int64_t bar) {
    return index.boundary_before(model.axis.from + nanoseconds(whole * bar + rest * bar / count));
  };
  auto begin = std::lower_bound(positions.begin(), positions.end(), bound(0));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint64_t limit = i + 1 == count ? index.boundary_after(model.axis.to) : bound(i + 1);
    const auto end = std::lower_bound(begin, positions.end(), limit);
    const auto matches = static_cast<float>(end - begin);
    bars[static_cast<std::size_t>(i)] = std::sqrt(matches / static_cast<float>(model.most));
    begin = end;
  }
  return bars;
}

}  // namespace fourtuple::viz
