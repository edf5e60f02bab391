// Translates GLFW's numbers into our Key, Modifiers and MouseButton.
#pragma once

#include "viz/surface/keys.h"

namespace fourtuple::viz {

// Key::none for keys we do not name.
Key key_from_glfw(int glfw_key);
Modifiers modifiers_from_glfw(int glfw_mods);
// The named key that types this character on whatever layout: '?', '/', '[' and the like; else Key::none.
Key key_from_character(unsigned codepoint);
bool is_punctuation(Key key);

}  // namespace fourtuple::viz
