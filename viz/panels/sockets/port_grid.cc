#include "viz/panels/sockets/port_grid.h"

namespace fourtuple::viz {
namespace {

constexpr int fewest_columns = 16, most_columns = 1024;
constexpr float tallest_cell = 26, widest_cell = 96;  // design pixels

// The number of columns that gives the squarest cells when all ports are to be seen in this space.
int fit_columns(Vec2 space) {
  int best = fewest_columns;
  float squarest = -1;
  for (int columns = fewest_columns; columns <= most_columns; columns *= 2) {
    const float w = space.x / static_cast<float>(columns);
    const float h = space.y * static_cast<float>(columns) / static_cast<float>(port_count);
    const float square = std::min(w, h) / std::max(w, h);
    if (w < 1 || square <= squarest) continue;
    squarest = square;
    best = columns;
  }
  return best;
}

}  // namespace

Rect PortGrid::cell(std::uint16_t port) const {
  const int row = port / columns, column = port % columns;
  // Edges lie between pixels, also where cells are not whole pixels large.
  const auto edge = [](float size, int count) { return std::round(size * static_cast<float>(count)); };
  const float x = edge(cell_w, column), y = edge(cell_h, row);
  return {view.x + x, view.y - scroll + y, edge(cell_w, column + 1) - x, edge(cell_h, row + 1) - y};
}

std::optional<std::uint16_t> PortGrid::port_at(Vec2 point) const {
  if (!view.contains(point) || cell_w <= 0 || cell_h <= 0) return std::nullopt;
  // The pixel's middle decides, as when it is drawn.
  const int column = static_cast<int>((std::floor(point.x - view.x) + 0.5F) / cell_w);
  const int row = static_cast<int>((std::floor(point.y - view.y + scroll) + 0.5F) / cell_h);
  if (column < 0 || column >= columns || row < 0 || row >= rows()) return std::nullopt;
  return static_cast<std::uint16_t>(row * columns + column);
}

std::uint16_t PortGrid::first_visible() const {
  const int row = clamped(static_cast<int>(scroll / cell_h), 0, rows() - 1);
  return static_cast<std::uint16_t>(row * columns);
}

std::uint16_t PortGrid::last_visible() const {
  const int row = clamped(static_cast<int>((scroll + view.h) / cell_h), 0, rows() - 1);
  return static_cast<std::uint16_t>(row * columns + columns - 1);
}

std::array<Rect, 3> PortGrid::area_of(std::uint16_t low, std::uint16_t high) const {
  const Rect first = cell(low), last = cell(high);
  if (low / columns == high / columns) return {Rect{first.x, first.y, last.right() - first.x, first.h}, Rect{}, Rect{}};
  const float right = view.x + width();
  const Rect upper{first.x, first.y, right - first.x, first.h};
  const Rect middle{view.x, first.bottom(), width(), last.y - first.bottom()};
  return {upper, middle, Rect{view.x, last.y, last.right() - view.x, last.h}};
}

float PortGrid::scroll_to(std::uint16_t port) const {
  const int row = port / columns;
  const float top = cell_h * static_cast<float>(row);
  float wanted = scroll;
  wanted = std::min(wanted, top - cell_h);
  wanted = std::max(wanted, top + 2 * cell_h - view.h);
  return clamped(wanted, 0.0F, most_scroll());
}

int port_grid_levels(Vec2 space, float unit) {
  int levels = 1;
  const float widest = space.x / (widest_cell * unit);
  for (int columns = fit_columns(space) / 2; columns >= 1 && static_cast<float>(columns) >= widest; columns /= 2)
    ++levels;
  return levels;
}

PortGrid make_port_grid(const Rect& space, int level, float unit) {
  PortGrid grid;
  grid.columns = fit_columns({space.w, space.h});
  level = clamped(level, 0, port_grid_levels({space.w, space.h}, unit) - 1);
  for (int i = 0; i < level; ++i) grid.columns /= 2;
  grid.cell_w = std::max(space.w / static_cast<float>(grid.columns), 1.0F);
  grid.cell_h = std::max(space.h / static_cast<float>(grid.rows()), 1.0F);
  if (level > 0) grid.cell_h = std::max(std::floor(std::min(grid.cell_w, tallest_cell * unit)), grid.cell_h);
  grid.view = {space.x, space.y, grid.width(), std::min(grid.height(), space.h)};
  return grid;
}

}  // namespace fourtuple::viz
