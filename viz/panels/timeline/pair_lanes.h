// Two runs in the timeline: a lane of packets for A, as it was, and one for B, changed, on one scale; what is not the
// same in both stands out, and where they part is marked.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "viz/kit/interact.h"
#include "viz/panel/context.h"
#include "viz/panels/timeline/timeline_model.h"

namespace fourtuple::viz {

struct TimelinePair {
  const PanelContext& a;
  const PanelContext& b;
  std::optional<Time> first;  // where they differ first
};

class PairLanes {
 public:
  // Rebuilds what changed. `bar_step`: pixels of one bar.
  void refresh(const TimelinePair& pair, const TimeAxis& axis, float bar_step);
  // True when the mark of the first difference was pressed.
  bool draw(const Ui& ui, const Rect& bars, float bottom, const TimelinePair& pair) const;

  // For tests: heights of the bars of A and B, 0 to 1, and which of them differ.
  const std::array<std::vector<float>, 2>& bars() const { return bars_; }
  const std::vector<bool>& differs() const { return differs_; }

 private:
  TimeAxis axis_;
  std::uint64_t ends_[2] = {~std::uint64_t{0}, ~std::uint64_t{0}};
  const trace::Trace* traces_[2] = {nullptr, nullptr};
  std::array<std::vector<float>, 2> bars_;
  std::vector<bool> differs_;
};

}  // namespace fourtuple::viz
