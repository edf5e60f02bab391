// The story card at the bottom left of the map, and the legend beside it. Main thread only.
#pragma once

#include <optional>
#include <string_view>

#include "viz/kit/interact.h"
#include "viz/panel/context.h"
#include "viz/viewer/caption_acts.h"

namespace fourtuple::viz {

constexpr float narration_width = 616, widest_narration = 760, narration_height = 164;  // design pixels

// The caption that shows at `now`, or nothing before the first.
std::optional<std::size_t> caption_at(const std::vector<trace::Caption>& captions, Time now);

struct NarrationAction {
  enum class Kind : std::uint8_t { none, next, back, act, next_lesson, all_lessons } kind = Kind::none;
  CaptionAct act;
};

// Behind the last step it offers what comes next; `next_lesson`: its title, empty when there is none.
NarrationAction draw_narration(const Ui& ui, const Rect& area, const PanelContext& context,
                               std::string_view next_lesson);

// Which signs a trace can show besides the usual ones.
struct LegendNeeds {
  bool inferred = false;  // of a capture
  bool nat = false;       // hosts with rules may rewrite packets
};
// What shapes and signs mean; needs 350 x 110. `in_one_line`: a strip 24 high instead.
void draw_legend(const Canvas& canvas, const Rect& area, bool in_one_line, const LegendNeeds& needs);

}  // namespace fourtuple::viz
