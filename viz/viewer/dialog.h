// The frame of everything that lies above the picture: a dimmed ground, a card in its middle, a cross to close it.
// Main thread only.
#pragma once

#include "viz/kit/interact.h"

namespace fourtuple::viz {

void dim(const Canvas& canvas, const Rect& screen);
// A card of this size in design pixels, smaller where the screen is; returns its place.
Rect draw_dialog(const Canvas& canvas, const Rect& screen, float width, float height);
// True when the cross in the upper right corner was pressed.
bool close_button(const Ui& ui, const Rect& card);
bool pressed_outside(const Rect& card);

}  // namespace fourtuple::viz
