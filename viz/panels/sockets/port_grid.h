// Where the cell of each port stands: as many ports in a row as is a power of two, at most 1024. The coarsest
// grid has all 65,536 in view if there is room; finer ones have larger cells and scroll. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "viz/kit/geometry.h"
#include "viz/panels/sockets/port_counts.h"

namespace fourtuple::viz {

struct PortGrid {
  int columns = 256;
  float cell_w = 1, cell_h = 1;  // pixels, not always whole ones
  Rect view;                     // where it is seen
  float scroll = 0;              // pixels hidden above

  int rows() const { return static_cast<int>(port_count) / columns; }
  float width() const { return cell_w * static_cast<float>(columns); }
  float height() const { return cell_h * static_cast<float>(rows()); }
  float most_scroll() const { return std::max(height() - view.h, 0.0F); }
  Rect cell(std::uint16_t port) const;
  // The port whose cell is at this point of the screen, if it is in view.
  std::optional<std::uint16_t> port_at(Vec2 point) const;
  // First and last port of the rows in view.
  std::uint16_t first_visible() const;
  std::uint16_t last_visible() const;
  // The ports [low, high] as at most three rectangles; empty ones have no area.
  std::array<Rect, 3> area_of(std::uint16_t low, std::uint16_t high) const;
  // The scroll that brings the port's row into view with the least movement, with a row to spare.
  float scroll_to(std::uint16_t port) const;
};

// How many levels of detail there are in this space; level 0 is the coarsest. `unit`: pixels of a design pixel.
int port_grid_levels(Vec2 space, float unit);
// The grid of a level (kept within the levels there are). Cells of level 0 are at least one pixel large.
PortGrid make_port_grid(const Rect& space, int level, float unit);

}  // namespace fourtuple::viz
