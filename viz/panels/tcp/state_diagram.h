// The diagram of RFC 9293 section 3.3.2 for both ends at once: their current states lit, the ways they took drawn
// through. Main thread only.
#pragma once

#include "viz/kit/canvas.h"
#include "viz/panels/tcp/tcp_model.h"

namespace fourtuple::viz {

// `boundary`: the cursor. Scales to the rectangle, at most to the design's size.
void draw_state_diagram(const Canvas& canvas, const Rect& r, const TcpModel& model, std::uint64_t boundary);

}  // namespace fourtuple::viz
