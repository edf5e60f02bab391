// The sheet at the bottom of the window: transport buttons, clock, step grain, speed, and the run as a picture with
// the time cursor in it. It changes the playback directly and asks for everything else through TimelineAction.
// Main thread only.
#pragma once

#include <optional>

#include "sim/replay/step.h"
#include "viz/kit/controls.h"
#include "viz/panel/context.h"
#include "viz/panels/timeline/timeline_model.h"

namespace fourtuple::viz {

struct TimelineAction {
  enum class Kind : std::uint8_t { none, home, end, back, forward, toggle_play, seek, grain };
  Kind kind = Kind::none;
  Time time{0};                                 // seek
  replay::Grain grain = replay::Grain::packet;  // grain
};

constexpr float timeline_height = 156;  // design pixels

class TimelinePanel {
 public:
  // Draws into `area` and says what the user asked for. `grain` is the step chosen now.
  TimelineAction draw(const Ui& ui, const Rect& area, const PanelContext& context, replay::Playback& playback,
                      replay::Grain grain);

 private:
  void draw_controls(const Ui& ui, Rect row, const PanelContext& context, replay::Playback& playback,
                     replay::Grain grain, TimelineAction& action);
  void draw_speed(const Ui& ui, Rect row, replay::Playback& playback);
  void draw_lanes(const Ui& ui, const Rect& area, const PanelContext& context, TimelineAction& action);
  void refresh_matches(const PanelContext& context, bool rebuilt);
  void draw_matches(const Canvas& canvas, const Rect& bars) const;
  void draw_bars(const Canvas& canvas, const Rect& bars, float cursor_x) const;

  TimelineModel model_;
  std::uint64_t built_end_ = ~std::uint64_t{0};  // indexes end and axis the model was built for
  float built_x_ = 0, built_width_ = 0;
  std::vector<float> matches_;                    // bars of what a filter takes; empty: no filter
  std::uint64_t matches_version_ = 0;             // of the result they are from
  const replay::FilterResult* filter_ = nullptr;  // likewise
};

}  // namespace fourtuple::viz
