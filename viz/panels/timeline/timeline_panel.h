// The sheet at the bottom of the window: transport buttons, clock, step grain, speed, and the run as a picture with
// the time cursor in it. It changes the playback directly and asks for everything else through TimelineAction.
// Main thread only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "viz/kit/icons.h"
#include "viz/panels/timeline/pair_lanes.h"
#include "viz/panels/timeline/timeline_controls.h"
#include "viz/panels/timeline/timeline_model.h"

namespace fourtuple::viz {

constexpr float timeline_height = 156;  // design pixels

class TimelinePanel {
 public:
  // Draws into `area` and says what the user asked for. `grain` is the step chosen now. Changes `marks` itself and
  // tells the playback of their loop. `pair`: two runs are shown, each with a lane of its own; may be null.
  TimelineAction draw(const Ui& ui, const Rect& area, const PanelContext& context, replay::Playback& playback,
                      replay::Grain grain, const TimelineMarks& marks, const TimelinePair* pair = nullptr);
  // Of what was drawn last.
  const TimeAxis& axis() const { return model_.axis; }

 private:
  void refresh_matches(const PanelContext& context, bool rebuilt);
  void draw_matches(const Canvas& canvas, const Rect& bars) const;
  struct StopWords {
    std::string_view label, when;
  };

  void draw_lanes(const Ui& ui, const Rect& area, const PanelContext& context, const TimelineMarks& marks,
                  const TimelinePair* pair, TimelineAction& action);
  // What the pointer is told: one tip, of the first thing below it.
  struct Tip {
    std::string title, detail;
  };
  using Tips = std::optional<Tip>;
  struct Lane {
    StopWords words;
    replay::Mark mark;
    const std::vector<LaneMark>* marks;
    Icon icon;
    Color color;
    bool* stops;
  };

  void refresh(const Canvas& canvas, const TimeAxis& axis, const PanelContext& context);
  void draw_stop(const Ui& ui, float left, float middle, const StopWords& words, bool& on) const;
  void drag_cursor(const Ui& ui, const Rect& bars, float cursor_x, TimelineAction& action) const;
  void draw_cursor(const Canvas& canvas, const Rect& bars, float cursor_x, float bottom) const;
  void draw_flags(const Ui& ui, const Rect& bars, float cursor_x, const Bookmarks& bookmarks, TimelineAction& action,
                  Tips& tip) const;
  void draw_marks(const Ui& ui, const Lane& lane, float middle, const PanelContext& context, Tips& tip) const;
  void draw_ticks(const Canvas& canvas, const Rect& area, float baseline) const;
  void scrub(const Ui& ui, const Rect& area, const Rect& bars, float bottom, TimelineAction& action, Tips& tip) const;
  void draw_loop(const Canvas& canvas, const Rect& bars, const Bookmarks& bookmarks) const;
  void drag_loop(const Ui& ui, const Rect& bars, const TimelineMarks& marks, Tips& tip) const;
  void draw_bars(const Canvas& canvas, const Rect& bars, float cursor_x) const;

  TimelineModel model_;
  PairLanes pair_lanes_;
  std::uint64_t built_end_ = ~std::uint64_t{0};  // indexes end and axis the model was built for
  float built_x_ = 0, built_width_ = 0;
  std::vector<float> matches_;                    // bars of what a filter takes; empty: no filter
  std::uint64_t matches_version_ = 0;             // of the result they are from
  const replay::FilterResult* filter_ = nullptr;  // likewise
};

}  // namespace fourtuple::viz
