#include "viz/panels/timeline/timeline_model.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <span>

#include "sim/trace/trace.h"
#include "viz/kit/geometry.h"

namespace fourtuple::viz {
namespace {

constexpr std::size_t most_ticks = 100;
constexpr std::uint32_t most_bars = 4096;

// `records`: of that kind, from the first one in the bins on.
std::vector<LaneMark> lane_marks(const std::vector<replay::Bin>& bins, replay::Mark mark, const TimeAxis& axis,
                                 std::span<const std::uint32_t> records) {
  std::vector<LaneMark> marks;
  const float step = axis.width / static_cast<float>(bins.size());
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const std::uint32_t count = bins[i][mark];
    if (count == 0) continue;
    marks.push_back({axis.x + (static_cast<float>(i) + 0.5F) * step, records.front(), count});
    records = records.subspan(count);
  }
  return marks;
}

// "0.25" with as many decimals as the step needs.
std::string tick_label(std::int64_t ns, std::int64_t step_ns) {
  int decimals = 0;
  for (std::int64_t unit = 1'000'000'000; decimals < 9 && step_ns % unit != 0; unit /= 10) ++decimals;
  const std::int64_t whole = ns / 1'000'000'000, rest = ns % 1'000'000'000;
  if (decimals == 0) return fmt::format("{}", whole);
  std::string digits = fmt::format("{:09}", rest);
  digits.resize(static_cast<std::size_t>(decimals));
  return fmt::format("{}.{}", whole, digits);
}

}  // namespace

float TimeAxis::x_of(Time time) const {
  const double part =
      static_cast<double>((time - from).ns) / static_cast<double>(std::max<std::int64_t>((to - from).ns, 1));
  return x + static_cast<float>(part) * width;
}

Time TimeAxis::time_at(float at) const {
  if (width <= 0) return from;
  const double part = clamped(static_cast<double>((at - x) / width), 0.0, 1.0);
  return from + nanoseconds(static_cast<std::int64_t>(part * static_cast<double>((to - from).ns)));
}

std::vector<Tick> round_ticks(const TimeAxis& axis, float min_gap) {
  std::vector<Tick> ticks;
  const std::int64_t span = (axis.to - axis.from).ns;
  if (span <= 0 || axis.width <= 0) return ticks;
  const double least = static_cast<double>(span) * min_gap / axis.width;
  std::int64_t step = 1;
  for (int i = 0; static_cast<double>(step) < least && i < 54; ++i) {
    step = i % 3 == 0 ? step * 2 : i % 3 == 1 ? step / 2 * 5 : step * 2;
  }
  for (std::int64_t at = (axis.from.ns + step - 1) / step * step; at <= axis.to.ns && ticks.size() < most_ticks;
       at += step) {
    ticks.push_back({{at}, tick_label(at, step)});
  }
  return ticks;
}

TimelineModel build_timeline(const trace::Index& index, const replay::Marks& marks, const TimeAxis& axis,
                             float bar_step, float mark_step) {
  TimelineModel model;
  model.axis = axis;
  if (axis.to <= axis.from || axis.width < 1) return model;
  const auto parts = [&](float step) {
    return clamped(static_cast<std::uint32_t>(axis.width / std::max(step, 1.0F)), 1u, most_bars);
  };
  const auto bins = replay::histogram(index, marks, axis.from, axis.to, parts(bar_step));
  for (const replay::Bin& bin : bins) model.most = std::max(model.most, bin[replay::Mark::packet]);
  model.bars.reserve(bins.size());
  for (const replay::Bin& bin : bins) {
    const std::uint32_t count = bin[replay::Mark::packet];
    // Square root: a single packet stays visible beside a burst.
    model.bars.push_back(count == 0 ? 0 : std::sqrt(static_cast<float>(count) / static_cast<float>(model.most)));
  }
  const auto coarse = replay::histogram(index, marks, axis.from, axis.to, parts(mark_step));
  const std::uint64_t first = index.boundary_before(axis.from);
  const auto lane = [&](replay::Mark mark) {
    const auto& all = marks.positions(mark);
    const auto begin = std::lower_bound(all.begin(), all.end(), first);
    return lane_marks(coarse, mark, axis, std::span(all).subspan(static_cast<std::size_t>(begin - all.begin())));
  };
  model.drops = lane(replay::Mark::drop);
  model.resets = lane(replay::Mark::reset);
  model.again = lane(replay::Mark::retransmission);
  // A trace of one instant has an axis without a scale.
  if (axis.to - axis.from > nanoseconds(1))
    model.ticks = round_ticks(axis, 8 * mark_step);
  else
    model.ticks = {{axis.from, "0"}};
  return model;
}

std::string length_text(Duration length) {
  const double s = static_cast<double>(length.ns) / 1e9;
  if (s >= 600) return fmt::format("{:.0f} min", s / 60);
  if (s >= 0.9995) return fmt::format("{:.3g} s", s);
  if (s >= 0.001) return fmt::format("{:.3g} ms", s * 1e3);
  return fmt::format("{:.3g} µs", s * 1e6);
}

}  // namespace fourtuple::viz
