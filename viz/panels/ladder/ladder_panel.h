// The ladder: one column per host, packets as slanted arrows in true time around the cursor. Main thread only.
#pragma once

#include <cstdint>
#include <optional>

#include "viz/kit/interact.h"
#include "viz/panels/ladder/ladder_model.h"

namespace fourtuple::viz {

class LadderPanel {
 public:
  void draw(Ui& ui, Rect area, const PanelContext& context);
  // The height on the screen at which `time` was drawn last; nothing when it was out of sight.
  std::optional<float> y_on_screen(Time time) const;

  // What is left free above the first instant, design pixels: two ladders side by side are brought level by it.
  void set_lead(float lead) { lead_ = lead; }
  float lead() const { return lead_; }

  // From now on everything sent in [from, to], from the top, whatever the time is. REQUIRES: the packets and the
  // selection stay as they are.
  const LadderModel& show_whole(const PanelContext& context, Time from, Time to);
  void show_around_cursor() { whole_ = placed_ = false; }
  // Where its columns begin, and what is left free below them, design pixels.
  static constexpr float head_height = 72, foot_height = 24;

 private:
  void refresh(const PanelContext& context);
  void follow(const Canvas& canvas, const Rect& body, const PanelContext& context);

  LadderModel model_;
  std::uint64_t position_ = ~std::uint64_t{0}, end_ = 0;
  std::uint32_t flow_ = 0;
  const replay::FilterResult* filter_ = nullptr;  // what the model was built with
  std::uint64_t filter_version_ = 0;
  Time shown_{-1};
  float top_ = 0;  // design pixels of the model above the visible part
  float lead_ = 0;
  bool placed_ = false;
  bool whole_ = false;
  Rect body_;  // drawn last, and how large a design pixel was there
  float pixel_ = 1;
};

}  // namespace fourtuple::viz
