// One picture with every component of the kit, for looking at and for pixel checks.
#pragma once

#include "viz/kit/interact.h"

namespace fourtuple::viz {

void draw_gallery(const Ui& ui, const Rect& area);

}  // namespace fourtuple::viz
