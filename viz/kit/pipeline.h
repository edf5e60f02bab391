// The stages of a packet's way through a host, as boxes joined by arrows or as a list of passed steps. Main thread
// only.
#pragma once

#include <cstdint>
#include <string_view>

#include "viz/kit/canvas.h"

namespace fourtuple::viz {

// `inferred`: passed as far as one can tell, but nobody saw it; `missed`: tried, and it did not fit.
enum class StageState : std::uint8_t { passed, current, coming, dropped, inferred, missed };

// The box: name 14/600, remark 12 muted, a tick when passed, accent outline when current, dashed when coming.
void draw_stage_box(const Canvas& canvas, const Rect& r, std::string_view name, std::string_view remark,
                    StageState state);
// The one-line form, 32 high.
void draw_stage_pill(const Canvas& canvas, const Rect& r, std::string_view name, StageState state);
// The arrow from one box to the next; `state` is that of the box it points to.
void draw_stage_arrow(const Canvas& canvas, Vec2 from, Vec2 to, StageState state);
// One stop of the metro line of hooks: ticked disc, current disc with halo, hollow ring, or a drop.
void draw_hook_stop(const Canvas& canvas, Vec2 at, StageState state);
// One row of a journey list: mark, words, time on the right; joined to the row below when `more`. 24 high, or as high
// as journey_row_height() says, which gives the words of a drop all the lines they need, others two.
void draw_journey_row(const Canvas& canvas, const Rect& r, std::string_view words, std::string_view time,
                      StageState state, bool more);
float journey_row_height(const Canvas& canvas, float width, std::string_view words, std::string_view time,
                         StageState state);

}  // namespace fourtuple::viz
