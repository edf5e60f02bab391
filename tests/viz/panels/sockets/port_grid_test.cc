#include "viz/panels/sockets/port_grid.h"

#include <gtest/gtest.h>

namespace fourtuple::viz {
namespace {

constexpr Rect spaces[] = {{10, 20, 1040, 560}, {0, 0, 2000, 1500}, {0, 0, 480, 200}, {0, 0, 300, 900}, {5, 5, 90, 40}};

TEST(PortGrid, has_all_ports_in_view_at_the_coarsest_level_where_there_is_room) {
  for (const Rect& space : spaces) {
    const PortGrid grid = make_port_grid(space, 0, 1);
    EXPECT_LE(grid.width(), std::max(space.w, static_cast<float>(grid.columns)));
    if (space.w * space.h < 2.0F * 65536) continue;
    EXPECT_EQ(grid.most_scroll(), 0) << space.w;
    EXPECT_EQ(grid.first_visible(), 0);
    EXPECT_EQ(grid.last_visible(), 65535);
  }
}

TEST(PortGrid, finds_the_port_whose_cell_was_drawn) {
  for (const Rect& space : spaces) {
    for (int level = 0; level < port_grid_levels({space.w, space.h}, 1); ++level) {
      PortGrid grid = make_port_grid(space, level, 1);
      for (const std::uint32_t port : {0u, 80u, 1023u, 1024u, 32768u, 49151u, 65535u}) {
        const auto number = static_cast<std::uint16_t>(port);
        grid.scroll = grid.scroll_to(number);
        const Rect cell = grid.cell(number);
        EXPECT_EQ(grid.port_at(cell.center()), number) << space.w << " level " << level << " port " << port;
        EXPECT_GE(port, grid.first_visible());
        EXPECT_LE(port, grid.last_visible());
      }
      EXPECT_FALSE(grid.port_at({space.x - 1, space.y + 1}));
    }
  }
}

TEST(PortGrid, zooms_until_numbers_can_be_read) {
  const Rect space = spaces[0];
  const int levels = port_grid_levels({space.w, space.h}, 1);
  const PortGrid far = make_port_grid(space, 0, 1), near = make_port_grid(space, levels - 1, 1);
  EXPECT_GT(levels, 3);
  EXPECT_GE(near.cell_w, 60);
  EXPECT_GE(near.cell_h, 20);
  EXPECT_GT(near.most_scroll(), 0);
  EXPECT_EQ(make_port_grid(space, levels + 5, 1).columns, near.columns);
  EXPECT_EQ(make_port_grid(space, -5, 1).columns, far.columns);
}

TEST(PortGrid, covers_a_range_with_its_cells_and_no_others) {
  const PortGrid grid = make_port_grid({0, 0, 1040, 560}, 1, 1);
  for (const auto& [low, high] : {std::pair{0, 1023}, std::pair{1024, 49151}, std::pair{32768, 60999},
                                  std::pair{49152, 65535}, std::pair{5, 9}, std::pair{100, 300}}) {
    float area = 0;
    for (const Rect& r : grid.area_of(static_cast<std::uint16_t>(low), static_cast<std::uint16_t>(high)))
      area += r.empty() ? 0 : r.w * r.h;
    EXPECT_NEAR(area / (grid.cell_w * grid.cell_h), static_cast<float>(high - low + 1), 0.5F) << low;
  }
}

}  // namespace
}  // namespace fourtuple::viz
