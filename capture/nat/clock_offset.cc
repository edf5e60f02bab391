#include "capture/nat/clock_offset.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <map>

#include "capture/plural.h"

namespace fourtuple::capture {
namespace {

// Times in one file less times in another, by the way the packets went.
struct Differences {
  std::vector<std::int64_t> away, back;  // away: from the lower file to the higher one
};

// REQUIRES: not empty.
std::int64_t median(std::vector<std::int64_t>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string time_words(std::int64_t ns) {
  const auto value = static_cast<double>(std::llabs(ns));
  if (value >= 1e9) return fmt::format("{:.3f} s", value / 1e9);
  if (value >= 1e6) return fmt::format("{:.3f} ms", value / 1e6);
  return fmt::format("{:.1f} us", value / 1e3);
}

// The offset of the higher file against the lower one.
ClockOffset estimate(Differences& seen) {
  ClockOffset offset;
  offset.known = true;
  offset.packets[0] = static_cast<std::uint32_t>(seen.away.size());
  offset.packets[1] = static_cast<std::uint32_t>(seen.back.size());
  const auto backwards = [](const std::vector<std::int64_t>& values, int sign) {
    return static_cast<std::size_t>(
        std::count_if(values.begin(), values.end(), [&](std::int64_t v) { return v * sign < 0; }));
  };
  const std::size_t all = seen.away.size() + seen.back.size();
  const std::size_t wrong = backwards(seen.away, 1) + backwards(seen.back, -1);
  const bool both = !seen.away.empty() && !seen.back.empty();
  const std::int64_t away = seen.away.empty() ? 0 : median(seen.away), back = seen.back.empty() ? 0 : median(seen.back);
  offset.delay_ns = both ? (away - back) / 2 : 0;
  // Packets that went one way only do not tell time on the way from a wrong clock: small steps are the way.
  constexpr std::int64_t longest_way_ns = 1'000'000'000;
  const std::int64_t raw = both ? (away + back) / 2 : seen.away.empty() ? back : away;
  offset.agrees = wrong == 0 && (both || std::llabs(raw) < longest_way_ns);
  offset.add_ns = offset.agrees ? 0 : -raw;
  const std::string counts =
      both ? fmt::format("{} away and {} back", plural(all - seen.back.size(), "packet"), seen.back.size())
           : fmt::format("{}, all one way", plural(all, "packet"));
  if (offset.agrees) {
    offset.confidence = both ? 95 : 70;
    offset.words = fmt::format("the clocks agree: {} in the order in which they travelled", counts);
    return offset;
  }
  offset.confidence = !both ? 60 : all >= 8 && offset.delay_ns >= 0 ? 95 : 85;
  offset.words = both ? fmt::format("from {}; about {} between the two places", counts, time_words(offset.delay_ns))
                      : fmt::format("from {}: the time on the way is in it", counts);
  if (both && offset.delay_ns < 0) {
    offset.confidence = 50;
    offset.words += "; less than no time on the way: a clock that drifts, or sides mistaken";
  }
  return offset;
}

std::map<std::pair<std::uint32_t, std::uint32_t>, Differences> differences_of(const Sightings& seen,
                                                                              const SightingGroups& groups,
                                                                              const std::vector<FlowPair>& pairs) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> wanted;
  const auto file = [&](std::uint32_t flow) { return seen.places[seen.flows[flow].place].place.file; };
  for (const FlowPair& pair : pairs)
    if (file(pair.near) != file(pair.far)) wanted.emplace_back(std::minmax(pair.near, pair.far));
  std::sort(wanted.begin(), wanted.end());
  std::map<std::pair<std::uint32_t, std::uint32_t>, bool> first_is_near;
  for (const FlowPair& pair : pairs) first_is_near[std::minmax(pair.near, pair.far)] = pair.near < pair.far;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Differences> all;
  groups.each_match(wanted, [&](std::uint32_t first, std::uint32_t second, std::uint32_t one, std::uint32_t other) {
    const Sighting &a = seen.packets[one], &b = seen.packets[other];
    const bool near = first_is_near[{first, second}];
    // From the near side on: by a of the near conversation.
    const bool outward = (near ? a.direction : b.direction) == 0;
    bool first_to_second = outward == near;
    std::uint32_t from = file(first), to = file(second);
    std::int64_t step = b.time_ns - a.time_ns;
    if (from > to) {
      std::swap(from, to);
      step = -step;
      first_to_second = !first_to_second;
    }
    Differences& differences = all[{from, to}];
    (first_to_second ? differences.away : differences.back).push_back(step);
  });
  return all;
}

}  // namespace

std::vector<ClockOffset> propose_offsets(const Sightings& seen, const SightingGroups& groups,
                                         const std::vector<FlowPair>& pairs) {
  const std::size_t files = seen.file_names.size();
  std::vector<ClockOffset> offsets(files);
  for (std::uint32_t i = 0; i < files; ++i) offsets[i].file = i;
  if (files == 0) return offsets;
  offsets[0].known = true;
  auto differences = differences_of(seen, groups, pairs);
  // A file that shares packets with one whose offset is known gets its own by that.
  for (bool more = true; more;) {
    more = false;
    for (auto& [key, found] : differences) {
      const auto [low, high] = key;
      if (offsets[low].known == offsets[high].known) continue;
      ClockOffset step = estimate(found);
      const std::uint32_t known = offsets[low].known ? low : high, unknown = known == low ? high : low;
      if (unknown == low) step.add_ns = -step.add_ns;
      step.add_ns += offsets[known].add_ns;
      step.agrees = step.add_ns == 0;
      step.file = unknown;
      offsets[unknown] = std::move(step);
      more = true;
    }
  }
  offsets.erase(offsets.begin());
  return offsets;
}

}  // namespace fourtuple::capture
