// A moment as a link: every sentence that names an event ends in one, and pressing it moves the time cursor there.
// Main thread only.
#pragma once

#include <string_view>

#include "viz/kit/interact.h"

namespace fourtuple::viz {

// Room it takes in pixels.
float moment_link_width(const Canvas& canvas, std::string_view time);
// `time` as "1.079 972"; `here`: the cursor stands there. True when it was pressed.
bool moment_link(const Ui& ui, std::string_view id, Vec2 left_middle, std::string_view time, bool here);

}  // namespace fourtuple::viz
