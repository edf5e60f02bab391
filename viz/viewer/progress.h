// How far something that takes long has come: a thin line at the top of the timeline, words above it and a way to stop.
// Main thread only.
#pragma once

#include <string>

#include "viz/kit/interact.h"
#include "viz/viewer/document.h"

namespace fourtuple::viz {

// "simulated 1.2 s of 10 s"
std::string growth_words(const Growth& growth);

// Along the upper edge of `below`, `part` (0 to 1; negative: not known) of it filled. True: the person stopped it.
bool draw_progress(const Ui& ui, const Rect& below, const std::string& words, float part);

}  // namespace fourtuple::viz
