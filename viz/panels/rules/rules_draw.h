// Parts of the rules panel, each in a file of its own. Main thread only.
#pragma once

#include "viz/kit/interact.h"
#include "viz/panels/conntrack/conntrack_model.h"
#include "viz/panels/rules/rules_model.h"
#include "viz/panels/rules/set_rows.h"

namespace fourtuple::viz {

constexpr float hook_line_height = 112;  // design pixels

// The stops of the packet's way; a click goes to the moment it came there.
void draw_hook_line(const Ui& ui, const Rect& r, const RulesModel& model, const PanelContext& context);

// The text with numbers, hits and marks; `scroll`: brings the line of interest into view.
void draw_code(const Ui& ui, const Rect& r, const CodeText& code, const trace::RulesetInfo& ruleset,
               const RulesModel& model, const PanelContext& context, bool scroll);

// The current rule taken apart, jump stack, header, tracked flows, and what packets put into sets.
void draw_rule_side(const Ui& ui, const Rect& r, const RulesModel& model, const ConntrackModel& tracked,
                    const std::vector<SetRow>& sets);

}  // namespace fourtuple::viz
