// A host's rules in their author's words, stepped through with a packet. Main thread only.
#pragma once

#include <cstdint>

#include "viz/kit/interact.h"
#include "viz/panels/rules/rules_model.h"
#include "viz/panels/rules/set_rows.h"

namespace fourtuple::viz {

class RulesPanel {
 public:
  void draw(Ui& ui, Rect area, const PanelContext& context);

 private:
  void refresh(const PanelContext& context);
  void read(const PanelContext& context, bool grown);
  void draw_head(const Ui& ui, const Rect& head, const PanelContext& context);
  void draw_steps(const Ui& ui, Rect bar, const PanelContext& context) const;

  RulesModel model_;
  ConntrackModel tracked_;
  std::vector<SetRow> sets_;
  replay::NetState before_;  // what tracked flows are compared with
  CodeText code_;
  RuleHits hits_;
  replay::RuleWalk walk_;
  std::uint32_t code_of_ = state::no_ruleset;  // the ruleset code_ was read from
  PacketId walk_of_;
  std::uint64_t position_ = ~std::uint64_t{0}, end_ = 0;
  Time time_{-1};
  PacketId selected_;
  HostId host_;
  int scroll_frames_ = 0;   // the line of interest has changed; a new scroll area knows its height one frame later
  float shown_height_ = 0;  // of the code, in lines; another one means another size of window or type
};

}  // namespace fourtuple::viz
