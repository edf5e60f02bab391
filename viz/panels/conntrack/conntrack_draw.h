// Parts of the conntrack panel that the rules panel shows too. Main thread only.
#pragma once

#include "viz/kit/interact.h"
#include "viz/panels/conntrack/conntrack_model.h"

namespace fourtuple::viz {

// "198.51.100.23:40112 → 203.0.113.7:8080", rewritten parts amber and underlined; cut when wider than `width`.
void draw_tuple(const Canvas& canvas, Vec2 at, const TupleEnd (&ends)[2], Color color, float width);
// Bar and time left; of a pending entry a hatched bar.
void draw_time_left(const Canvas& canvas, const Rect& r, const ConntrackRow& row);
// "from  10.0.0.2:80 → 192.168.1.20:80" for each header field, 24 high; returns the height used.
float draw_header_changes(const Canvas& canvas, Rect r, const std::vector<HeaderChange>& changes);

}  // namespace fourtuple::viz
