#include "sim/replay/playback.h"

#include <algorithm>

namespace fourtuple::replay {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t normal_hop_us = 800'000;
constexpr std::int64_t shortest_hop_us = 20'000;
constexpr std::int64_t longest_hop_us = 20'000'000;
constexpr std::int64_t skipped_idle_us = 250'000;
// A frame longer than this (a stalled machine) does not make the picture jump.
constexpr std::int64_t longest_frame_us = 1'000'000;
// Bounds the work of one call where thousands of packets overlap: lanes looked at, stretch by stretch.
constexpr std::uint64_t most_lane_visits = 50'000;
constexpr int most_loops = 64;

std::int64_t tenth_power(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

Ratio Playback::factor(int step) {
  constexpr std::uint64_t mantissa[3] = {1, 2, 5};
  step = std::clamp(step, 0, speed_steps - 1);
  const int exponent = step / 3 - 4;
  if (exponent < 0) return {mantissa[step % 3], static_cast<std::uint64_t>(tenth_power(-exponent))};
  return {mantissa[step % 3] * static_cast<std::uint64_t>(tenth_power(exponent)), 1};
}

void Playback::set_reverse(bool reverse) {
  if (reverse != reverse_) carry_ = 0;
  reverse_ = reverse;
}

void Playback::set_mode(SpeedMode mode) {
  mode_ = mode;
  carry_ = 0;
}

void Playback::set_speed(int step) {
  speed_ = std::clamp(step, 0, speed_steps - 1);
  carry_ = 0;
}

void Playback::set_skip_idle(bool skip) {
  skip_idle_ = skip;
  carry_ = 0;
}

Duration Playback::hop_time() const {
  const Ratio speed = factor(speed_);
  const std::int64_t us =
      normal_hop_us * static_cast<std::int64_t>(speed.denominator) / static_cast<std::int64_t>(speed.numerator);
  return microseconds(std::clamp(us, shortest_hop_us, longest_hop_us));
}

// How fast time runs from `now` on, and until where that holds.
Playback::Pace Playback::pace(Time now, const Lanes& lanes, Time end) const {
  const Ratio speed = factor(speed_);
  Pace pace{static_cast<std::int64_t>(speed.numerator) * 1000, static_cast<std::int64_t>(speed.denominator),
            reverse_ ? Time{0} : end};
  const bool equal = mode_ == SpeedMode::equal_hops;
  if (!equal && !skip_idle_) return pace;
  const std::int64_t hop_us = hop_time().ns / 1000;
  if (const std::optional<Duration> hop = lanes.shortest(now, reverse_)) {
    if (equal) pace = {hop->ns, hop_us, lanes.change(now, reverse_).value_or(pace.until)};
    return pace;
  }
  // Idle: the whole stretch takes one pause, so the pace depends on both its ends.
  Gap gap;
  gap.begin = lanes.change(reverse_ ? now : now + nanoseconds(1), true).value_or(Time{0});
  gap.end = lanes.change(reverse_ ? now - nanoseconds(1) : now, false).value_or(std::max(end, now));
  const std::int64_t length = std::max<std::int64_t>((gap.end - gap.begin).ns, 1);
  if (equal) {
    pace.sim_ns = length;
    pace.real_us = skip_idle_ ? std::min(hop_us, skipped_idle_us) : hop_us;
  } else if (Wide{length} * pace.real_us > Wide{skipped_idle_us} * pace.sim_ns) {
    pace.sim_ns = length;
    pace.real_us = skipped_idle_us;
  }
  pace.until = reverse_ ? std::max(gap.begin, Time{0}) : std::min(gap.end, end);
  return pace;
}

// Plays from `now` to `stop` at most; `real_us` keeps what is left of the real time.
Time Playback::run(Time now, std::int64_t& real_us, const Lanes& lanes, Time stop, Time end) {
  const auto before = [&](Time a, Time b) { return reverse_ ? a > b : a < b; };
  std::uint64_t visits = 0;
  while (real_us > 0 && before(now, stop)) {
    Pace pace = this->pace(now, lanes, end);
    visits += lanes.size() + 1;
    if (visits > most_lane_visits || before(stop, pace.until)) pace.until = stop;
    if (!before(now, pace.until)) return stop;
    if (carry_unit_ != pace.real_us) {
      carry_ = static_cast<std::int64_t>(Wide{carry_} * pace.real_us / carry_unit_);
      carry_unit_ = pace.real_us;
    }
    const std::int64_t distance = reverse_ ? (now - pace.until).ns : (pace.until - now).ns;
    const Wide owed = Wide{real_us} * pace.sim_ns + carry_;
    if (owed / pace.real_us < distance) {
      const auto moved = static_cast<std::int64_t>(owed / pace.real_us);
      carry_ = static_cast<std::int64_t>(owed % pace.real_us);
      real_us = 0;
      return reverse_ ? now - nanoseconds(moved) : now + nanoseconds(moved);
    }
    const Wide left = Wide{distance} * pace.real_us - carry_;
    real_us -= static_cast<std::int64_t>((left + pace.sim_ns - 1) / pace.sim_ns);
    carry_ = 0;
    now = pace.until;
  }
  return now;
}

Time Playback::advance(Time now, std::int64_t real_us, const Lanes& lanes, Time end) {
  if (!playing_ || real_us <= 0) return now;
  real_us = std::min(real_us, longest_frame_us);
  if (loop_) {
    now = std::clamp(now, loop_->begin, loop_->end);
    const Time start = reverse_ ? loop_->end : loop_->begin, stop = reverse_ ? loop_->begin : loop_->end;
    for (int i = 0; i < most_loops && real_us > 0; ++i) {
      if (now == stop) now = start;
      now = run(now, real_us, lanes, stop, std::max(end, loop_->end));
    }
    return now;
  }
  const Time stop = reverse_ ? Time{0} : end;
  if (!reverse_ && now >= end) {
    playing_ = false;
    return now;
  }
  now = run(now, real_us, lanes, stop, end);
  if (now == stop) playing_ = false;
  return now;
}

}  // namespace fourtuple::replay
