// How well one colour is seen on another, as WCAG 2.1 defines it (relative luminance, contrast ratio). Pure, any
// thread.
#pragma once

#include "viz/theme/color.h"

namespace fourtuple::viz {

constexpr float least_text_contrast = 4.5F;  // WCAG 2.1, 1.4.3

// 1 (the same) to 21 (black on white); opacity does not count.
float contrast(Color a, Color b);
// The opacity in hundredths from which `ink` reaches `ratio` on `ground`; 1 when it never does.
float least_alpha(Color ink, Color ground, float ratio);

}  // namespace fourtuple::viz
