// The heart of the host X-ray: the packet's values as a key, each socket as a lock tried with it. Main thread only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "viz/kit/canvas.h"

namespace fourtuple::viz {

// One column of the key and of every lock below it.
struct KeyColumn {
  std::string title = {};  // "to port"
  std::string value = {};  // "443"
  float x = 0;             // left edge and width in framebuffer pixels
  float width = 0;
};

// `grow` times as large, letters aside: bow r 26 centred on `bow`, a 16 high shaft and one 32 high tooth for each
// column; small trapezoids as bitting follow from the value, so equal values have equal teeth. Titles stand above.
// `tip_x` is where the shaft ends.
void draw_key(const Canvas& canvas, Vec2 bow, float tip_x, const std::vector<KeyColumn>& columns, std::size_t flow,
              float grow = 1);

enum class CellState : std::uint8_t { untried, match, mismatch, skipped };  // skipped: after the first mismatch
enum class LockState : std::uint8_t { not_tried, shut, open };

struct LockCell {
  std::string value = {};
  CellState state = CellState::untried;
};

struct LockRow {
  std::string owner = {};            // "caddy"
  std::string detail = {};           // "fd 14"
  std::vector<LockCell> cells = {};  // same order as the columns
  LockState state = LockState::not_tried;
  std::string result = {};  // "other address"
  bool selected = false;
};

// `r` is 36 design pixels high (28 where many must fit, up to 54 where there is room); cells follow the columns.
// `result_x` is where the reason begins. Returns the point at the row's right edge from which the winner's curve
// leaves.
Vec2 draw_lock_row(const Canvas& canvas, const Rect& r, const std::vector<KeyColumn>& columns, float result_x,
                   const LockRow& row);

// A numbered heading: disc, title, muted remark. `reached` colours the disc with accent, `miss` with drop.
enum class StepState : std::uint8_t { reached, not_reached, miss };
void draw_step_heading(const Canvas& canvas, Vec2 disc_center, int number, std::string_view title,
                       std::string_view remark, StepState state);

}  // namespace fourtuple::viz
