// The timeline as numbers: how many packets fall into each bar, where the marks of the lanes stand, and round ticks of
// the axis. Pure; no ImGui.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/replay/histogram.h"

namespace fourtuple::viz {

// A span of time laid over a span of pixels.
struct TimeAxis {
  Time from{0}, to{0};  // REQUIRES: from < to
  float x = 0, width = 0;

  float x_of(Time time) const;
  Time time_at(float x) const;  // clamped to [from, to]
};

struct Tick {
  Time at;
  std::string label;  // "0.2"
};

struct LaneMark {
  float x = 0;
  std::uint64_t record = 0;  // of the first event in it
  std::uint32_t count = 0;   // events that share the mark
};

struct TimelineModel {
  TimeAxis axis;
  std::vector<float> bars;  // 0 to 1, one for each bar of `bar_step` pixels
  std::uint32_t most = 0;   // packets in the fullest bar
  std::vector<LaneMark> drops, resets, again;
  std::vector<Tick> ticks;
};

// `bar_step` and `mark_step` are pixels: one bar, and the least distance between two marks of a lane.
TimelineModel build_timeline(const trace::Index& index, const replay::Marks& marks, const TimeAxis& axis,
                             float bar_step, float mark_step);

// Ticks at 1, 2 or 5 times a power of ten, at least `min_gap` pixels apart, at most 100 of them.
std::vector<Tick> round_ticks(const TimeAxis& axis, float min_gap);

// "2.4 s", "350 ms", "60 s", "14 min": the length of a run.
std::string length_text(Duration length);

}  // namespace fourtuple::viz
