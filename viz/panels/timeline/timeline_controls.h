// The row of controls above the timeline: transport, clock, marks, step grain, speed. What does not fit beside each
// other grows shorter before it goes; the buttons of time, the clock and the speed are always there. Main thread only.
#pragma once

#include "sim/replay/breaks.h"
#include "sim/replay/step.h"
#include "viz/kit/controls.h"
#include "viz/panel/context.h"
#include "viz/panels/timeline/bookmarks.h"

namespace fourtuple::viz {

struct TimelineAction {
  enum class Kind : std::uint8_t {
    none,
    home,
    end,
    back,
    forward,
    toggle_play,
    seek,
    grain,
    bookmark,
    name_bookmark,
    loop,
    what_if
  };
  Kind kind = Kind::none;
  Time time{0};                                 // seek, name_bookmark
  replay::Grain grain = replay::Grain::packet;  // grain
};

// Where playback pauses by itself. `points` also holds the hook for a filter.
struct Stops {
  replay::Breakpoints points;
  bool on_selection = false;  // at the selected packet, or flow
  bool on_match = false;      // at a packet that fits the filter
};

// What a person marked in the document; the timeline changes it.
struct TimelineMarks {
  Bookmarks& bookmarks;
  Stops& breaks;
};

struct ControlsInput {
  const PanelContext& context;
  replay::Playback& playback;
  const TimelineMarks& marks;
  replay::Grain grain;  // chosen now
};
// Changes the playback's speed itself; asks for everything else through `action`.
void draw_timeline_controls(const Ui& ui, Rect row, const ControlsInput& input, TimelineAction& action);

// "0.6 s per hop", "×0.01".
std::string speed_text(const replay::Playback& playback);

}  // namespace fourtuple::viz
