// What stands in place of every panel when a capture holds no packet that can be shown: what the file is, and what a
// person can do. Main thread only.
#pragma once

#include <string>
#include <vector>

#include "viz/kit/interact.h"
#include "viz/panel/context.h"

namespace fourtuple::viz {

bool is_empty_capture(const PanelContext& context);
// `notes`: about the file. True when the person wants to open another file.
bool draw_empty_capture(const Ui& ui, const Rect& area, const std::vector<std::string>& notes);

}  // namespace fourtuple::viz
