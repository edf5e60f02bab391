// The home page by keyboard: the arrow keys go from thing to thing as the eye does, Enter opens.
#include "viz/viewer/shown.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::viz {

bool Viewer::walk_gallery(const InputEvent& event, Focus& focus) {
  if (shown_ || dialog_open() || event.mods.ctrl || event.mods.shift || event.mods.alt) return false;
  const bool typing = focus.keys() == FocusKeys::text;
  if (typing && event.key == Key::enter) {
    gallery_.open_first();
    return true;
  }
  const bool sideways = event.key == Key::left || event.key == Key::right;
  const bool upright = event.key == Key::up || event.key == Key::down;
  // Within typed text left and right move the caret; before anything is chosen they step through the preview.
  if (!upright && !(sideways && focus.active() && !typing)) return false;
  if (!focus.active()) {
    focus.set(gallery_.entrance());
    return true;
  }
  const float by = event.key == Key::right || event.key == Key::down ? 1.0F : -1.0F;
  focus.go(sideways ? Vec2{by, 0} : Vec2{0, by});
  return true;
}

}  // namespace fourtuple::viz
