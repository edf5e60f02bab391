// Two runs side by side: what was changed, a ladder of each around the first difference, and the facts that differ at
// the time cursor. Main thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/replay/run_facts.h"
#include "sim/trace/difference.h"
#include "viz/fork/choices.h"
#include "viz/panels/ladder/ladder_panel.h"

namespace fourtuple::viz {

struct CompareInput {
  const PanelContext& a;
  const PanelContext& b;
  Time fork;
  Time now;
  const ChangeStory& story;
  const std::optional<trace::Difference>& first;
  std::uint64_t same = 0;  // events compared, when nothing differs
  const std::vector<replay::DifferentFact>& facts;
};

struct CompareAction {
  enum class Kind : std::uint8_t { none, keep, edit, close, seek };
  Kind kind = Kind::none;
  Time time{0};  // seek
};

class RunCompareView {
 public:
  CompareAction draw(Ui& ui, Rect area, const CompareInput& input);

 private:
  void draw_title(const Ui& ui, Rect row, const CompareInput& input, CompareAction& action) const;
  void draw_strip(const Canvas& canvas, Rect card, const CompareInput& input) const;
  void draw_pane(Ui& ui, Rect pane, const CompareInput& input, bool is_b);
  void level_ladders(const Ui& ui, Time first);
  void draw_gutter(const Ui& ui, const Rect& gutter, const CompareInput& input, CompareAction& action) const;
  void draw_facts(const Ui& ui, Rect area, const CompareInput& input, CompareAction& action) const;

  LadderPanel ladders_[2];
};

}  // namespace fourtuple::viz
