#include "viz/panels/map/map_moving.h"

#include <algorithm>

#include "viz/panels/host/visit.h"

namespace fourtuple::viz {
namespace {

using replay::Transit;

constexpr double observed_way_s = 0.8;  // real time a captured packet takes on screen

// A capture says when a packet was seen, not how long it travelled: it is shown on its way for a while after that.
std::vector<Moving> observed_moving(const PanelContext& context) {
  const replay::Lanes& lanes = context.indexes.lanes();
  const Time now = context.now();
  Duration span = span_of(pace_ns_per_s(context) * observed_way_s);
  Time from = now - span;
  if (context.playback.mode() == replay::SpeedMode::equal_hops) {
    from = lanes.change(now + nanoseconds(1), true).value_or(now);
    const Time next = lanes.change(now, false).value_or(from + span);
    span = std::max(next - from, nanoseconds(1));
  }
  std::vector<Transit> transits;
  lanes.in_window(from, now, transits);
  std::vector<Moving> moving;
  for (const Transit& transit : transits) {
    const float part = part_of(now, transit.departs, transit.departs + span);
    if (transit.departs >= from && part < 1) moving.push_back({transit, part});
  }
  return moving;
}

}  // namespace

bool from_capture(const PanelContext& context) {
  return context.trace.tables().source == trace::Source::capture;
}

Duration span_of(double ns) {
  return nanoseconds(static_cast<std::int64_t>(clamped(ns, 1.0, 1e18)));
}

float part_of(Time now, Time from, Time to) {
  return to <= from ? 1
                    : static_cast<float>(static_cast<double>((now - from).ns) / static_cast<double>((to - from).ns));
}

std::vector<Moving> all_moving(const PanelContext& context) {
  if (from_capture(context)) return observed_moving(context);
  std::vector<Transit> transits;
  context.indexes.lanes().in_flight(context.now(), transits);
  std::vector<Moving> moving;
  moving.reserve(transits.size());
  const std::optional<Inside> inside = packet_inside(context);
  for (const Transit& transit : transits) {
    // At the instant it passes a host, the link before and the one behind both hold it.
    if (transit.record >= context.cursor.position() || (inside && inside->packet == transit.packet)) continue;
    moving.push_back({transit, part_of(context.now(), transit.departs, transit.arrives)});
  }
  return moving;
}

const std::optional<MapRoute>& MapRoutes::at(InterfaceId from, InterfaceId to) {
  const std::uint64_t key = (std::uint64_t{from.value} << 32) | to.value;
  if (key == last_key_ && last_ != nullptr) return *last_;
  const auto [entry, fresh] = known_.try_emplace(key);
  if (fresh) entry->second = route_between(topology_, geometry_, from, to);
  last_key_ = key;
  last_ = &entry->second;
  return entry->second;
}

double pace_ns_per_s(const PanelContext& context) {
  const replay::Playback& playback = context.playback;
  const Ratio factor = replay::Playback::factor(playback.speed());
  if (playback.mode() == replay::SpeedMode::true_time) {
    return 1e9 * static_cast<double>(factor.numerator) / static_cast<double>(factor.denominator);
  }
  const replay::Lanes& lanes = context.indexes.lanes();
  const Time now = context.now();
  const double hop_s = static_cast<double>(playback.hop_time().ns) / 1e9;
  if (const std::optional<Duration> hop = lanes.shortest(now, false); hop && hop->ns > 0) {
    return static_cast<double>(hop->ns) / hop_s;
  }
  const Time before = lanes.change(now + nanoseconds(1), true).value_or(Time{0});
  const Time after = lanes.change(now, false).value_or(std::max(context.cursor.end_time(), now));
  return std::max(static_cast<double>((after - before).ns), 1e3) / hop_s;
}

}  // namespace fourtuple::viz
