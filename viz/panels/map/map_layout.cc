#include "viz/panels/map/map_layout.h"

#include <algorithm>
#include <optional>

#include "viz/panels/map/map_columns.h"

namespace fourtuple::viz {
namespace {

constexpr float side = 32, group_gap = 24, tight_gap = 8;
constexpr float large_map_width = 1300, large_map_height = 560;
constexpr float channel[map_details] = {76, 76, 72, 64, 56};  // least room between columns
constexpr float host_gap[map_details] = {20, 20, 14, 10, 8};
constexpr float crowd_square[map_details] = {14, 14, 11, 8, 5};
constexpr float crowd_gap[map_details] = {4, 4, 3, 3, 2};

struct Fit {
  const MapGraph& graph;
  const MapSizes& sizes;
  std::size_t detail;
  float unit;
  bool tight = false;  // hosts stay below each other, with less room between them

  Fit tightened(bool yes) const { return {graph, sizes, detail, unit, yes}; }
  static bool crowded(const MapGroup& group) { return group.hosts.size() > crowd_from; }
  Vec2 cell(const MapGroup& group) const {
    if (crowded(group)) return Vec2{crowd_square[detail], crowd_square[detail]} * unit;
    Vec2 most;
    for (const std::uint32_t host : group.hosts) {
      most.x = std::max(most.x, sizes[detail][host].x);
      most.y = std::max(most.y, sizes[detail][host].y);
    }
    return most;
  }
  float gap(const MapGroup& group) const {
    if (crowded(group)) return crowd_gap[detail] * unit;
    return (tight ? std::min(tight_gap, host_gap[detail]) : host_gap[detail]) * unit;
  }
  float between_groups() const { return (tight ? tight_gap : group_gap) * unit; }
  float frame(const MapGroup& group) const { return (group.network == unplaced ? 0 : region_padding) * unit; }
  float label(const MapGroup& group) const { return (group.network == unplaced ? 0 : region_label) * unit; }

  Vec2 size(const MapGroup& group, std::size_t across) const {
    const Vec2 one = cell(group);
    const std::size_t down = (group.hosts.size() + across - 1) / across;
    float height = 0;
    if (across == 1) {
      for (const std::uint32_t host : group.hosts) height += sizes[detail][host].y + gap(group);
      height -= gap(group);
    } else {
      height = static_cast<float>(down) * (one.y + gap(group)) - gap(group);
    }
    const float width = static_cast<float>(std::min(across, group.hosts.size())) * (one.x + gap(group)) - gap(group);
    const float title = group.network < graph.titles.size() ? graph.titles[group.network] : 0;
    return {std::max(width, title) + 2 * frame(group), height + 2 * frame(group) + label(group)};
  }
  Vec2 size(const MapColumn& column, std::size_t across) const {
    Vec2 total{0, -between_groups()};
    for (const MapGroup& group : column) {
      const Vec2 one = size(group, across);
      total.x = std::max(total.x, one.x);
      total.y += one.y + between_groups();
    }
    return total;
  }
};

std::size_t square_side(std::size_t hosts) {
  return static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<float>(hosts))));
}

struct Choice {
  std::size_t detail = 0;
  std::vector<std::size_t> across;
  std::vector<bool> tight;
  std::vector<Vec2> sizes;
  float width = 0;
};

std::optional<Choice> try_detail(const std::vector<MapColumn>& columns, const Fit& fit, Vec2 area) {
  Choice choice{fit.detail, {}, {}, {}, 0};
  bool fits = true;
  for (const MapColumn& column : columns) {
    std::size_t most = 1, across = 1;
    for (const MapGroup& group : column) {
      most = std::max(most, group.hosts.size());
      if (Fit::crowded(group)) across = std::max(across, square_side(group.hosts.size()));
    }
    Vec2 size = fit.size(column, across);
    const Vec2 closer = fit.tightened(true).size(column, across);
    const bool tight = across == 1 && size.y > area.y && closer.y <= area.y;
    if (tight) size = closer;
    while (size.y > area.y && across < most) size = fit.size(column, ++across);
    fits = fits && size.y <= area.y;
    choice.across.push_back(across);
    choice.tight.push_back(tight);
    choice.sizes.push_back(size);
    choice.width += size.x;
  }
  const float gaps = static_cast<float>(columns.size() - 1) * channel[fit.detail] * fit.unit;
  const float margins = 2 * (side - region_padding) * fit.unit;
  if (choice.width + gaps + margins > area.x) fits = false;
  if (!fits) return std::nullopt;
  return choice;
}

void put_group(const MapGroup& group, const Fit& fit, std::size_t across, const Rect& box, float stretch,
               std::vector<Vec2>& centers) {
  const Vec2 cell = fit.cell(group);
  const float gap = fit.gap(group);
  float y = box.y + fit.frame(group) + fit.label(group);
  for (std::size_t i = 0; i < group.hosts.size(); i += across) {
    const float row = across == 1 ? fit.sizes[fit.detail][group.hosts[i]].y : cell.y;
    const std::size_t last = std::min(i + across, group.hosts.size());
    for (std::size_t j = i; j < last; ++j) {
      const float wide = static_cast<float>(std::min(across, group.hosts.size()));
      const float inner = wide * (cell.x + gap) - gap;
      const float x = box.center().x - inner / 2 + static_cast<float>(j - i) * (cell.x + gap) + cell.x / 2;
      centers[group.hosts[j]] = {x, y + row / 2};
    }
    y += row + gap + (Fit::crowded(group) ? 0 : stretch);
  }
}

void put_column(const MapColumn& column, const Fit& fit, std::size_t across, Vec2 size, float x, Vec2 area,
                std::vector<Vec2>& centers) {
  const auto rows_of = [&](const MapGroup& group) {
    return Fit::crowded(group) ? 1 : (group.hosts.size() + across - 1) / across;
  };
  std::size_t rows = 0;
  for (const MapGroup& group : column) rows += rows_of(group);
  const float spare = std::max(area.y - size.y, 0.0F);
  // Spare height goes between hosts, but not so much that a network falls apart; more of it in a large window.
  const float most = std::max(44 * fit.unit, area.y * 0.12F);
  const float stretch = std::min(spare / static_cast<float>(rows + 1), most);
  const float total = size.y + stretch * static_cast<float>(rows - 1);
  float y = std::max((area.y - total) / 2, 0.0F);
  for (const MapGroup& group : column) {
    const Vec2 own = fit.size(group, across);
    const float height = own.y + stretch * static_cast<float>(rows_of(group) - 1);
    put_group(group, fit, across, {x, y, size.x, height}, stretch, centers);
    y += height + fit.between_groups() + stretch;
  }
}

// Routers stand at the height of what they join, as far as others in their column leave room. There and back.
void level_routers(const MapGraph& graph, const MapColumns& columns, const Fit& fit, Vec2 area,
                   std::vector<Vec2>& centers) {
  const auto settle = [&](const MapColumn& column) {
    const bool routers = std::all_of(column.begin(), column.end(), [](const MapGroup& group) {
      return group.network == unplaced && group.hosts.size() == 1;
    });
    if (!routers) return;
    float top = 0;
    for (const MapGroup& group : column) {
      const std::uint32_t host = group.hosts.front();
      float sum = 0, count = 0;
      for (const std::uint32_t network : graph.hosts[host].networks) {
        for (const std::uint32_t other : graph.members[network]) {
          if (columns.column[other] == columns.column[host]) continue;
          sum += centers[other].y;
          ++count;
        }
      }
      const float half = fit.sizes[fit.detail][host].y / 2;
      if (count > 0) centers[host].y = sum / count;
      centers[host].y = std::max(centers[host].y, top + half);
      top = centers[host].y + half + group_gap * fit.unit;
    }
    float bottom = area.y;
    for (auto group = column.rbegin(); group != column.rend(); ++group) {
      const std::uint32_t host = group->hosts.front();
      const float half = fit.sizes[fit.detail][host].y / 2;
      centers[host].y = std::min(centers[host].y, bottom - half);
      bottom = centers[host].y - half - group_gap * fit.unit;
    }
  };
  for (const MapColumn& column : columns.columns) settle(column);
  for (auto column = columns.columns.rbegin(); column != columns.columns.rend(); ++column) settle(*column);
}

// Too much for columns: groups in rows like words in a text, every second row backwards so that neighbours stay near.
// False when they need more height than there is.
bool put_on_shelves(const MapColumns& columns, const Fit& fit, Vec2 area, std::vector<Vec2>& centers) {
  struct Block {
    const MapGroup* group;
    std::size_t across;
    Vec2 size;
  };
  std::vector<std::vector<Block>> shelves(1);
  std::vector<float> widths(1, 0), heights(1, 0);
  const float gap = group_gap * fit.unit;
  for (const MapColumn& column : columns.columns) {
    for (const MapGroup& group : column) {
      const auto across = static_cast<std::size_t>(std::ceil(std::sqrt(1.6F * static_cast<float>(group.hosts.size()))));
      const Block block{&group, across, fit.size(group, across)};
      if (block.size.x > area.x) return false;
      if (!shelves.back().empty() && widths.back() + gap + block.size.x > area.x) {
        shelves.emplace_back();
        widths.push_back(0);
        heights.push_back(0);
      }
      widths.back() += block.size.x + (shelves.back().empty() ? 0 : gap);
      heights.back() = std::max(heights.back(), block.size.y);
      shelves.back().push_back(block);
    }
  }
  float total = gap * static_cast<float>(shelves.size() - 1);
  for (const float height : heights) total += height;
  if (total > area.y) return false;
  const float spare = (area.y - total) / static_cast<float>(shelves.size());
  float y = spare / 2;
  for (std::size_t i = 0; i < shelves.size(); ++i) {
    const float between = shelves[i].size() > 1 ? (area.x - widths[i]) / static_cast<float>(shelves[i].size() - 1) : 0;
    const float step = gap + (i + 1 < shelves.size() ? between : std::min(between, 2 * gap));
    float x = 0;
    for (const Block& block : shelves[i]) {
      const float left = i % 2 == 0 ? x : area.x - x - block.size.x;
      const float top = y + (heights[i] - block.size.y) / 2;
      put_group(*block.group, fit, block.across, {left, top, block.size.x, block.size.y}, 0, centers);
      x += block.size.x + step;
    }
    y += heights[i] + gap + spare;
  }
  return true;
}

void put_columns(const MapGraph& graph, const MapColumns& columns, const Fit& fit, const Choice& choice, Vec2 area,
                 std::vector<Vec2>& centers) {
  const std::size_t count = columns.columns.size();
  const float margin = (side - region_padding) * fit.unit;
  const float spare = std::max(area.x - 2 * margin - choice.width, 0.0F);
  const float gap = count > 1 ? spare / static_cast<float>(count - 1) : 0;
  float x = count > 1 ? margin : margin + spare / 2;
  for (std::size_t i = 0; i < count; ++i) {
    put_column(columns.columns[i], fit.tightened(choice.tight[i]), choice.across[i], choice.sizes[i], x, area, centers);
    x += choice.sizes[i].x + gap;
  }
  level_routers(graph, columns, fit, area, centers);
}

// The smallest boxes, at a part of their size.
struct Squeezed {
  MapGraph graph;
  MapSizes sizes;
  float squeeze = 1;

  void smaller() {
    constexpr float step = 0.85F;
    graph.titles.clear();
    squeeze *= step;
    for (Vec2& size : sizes[map_details - 1]) size = size * step;
  }
  Fit fit(float unit) const { return {graph, sizes, map_details - 1, unit * squeeze}; }
};

// Somewhat smaller boxes in columns are read more easily than larger ones on shelves. Nothing: they do not fit either.
std::optional<float> squeeze_into_columns(const MapGraph& graph, const MapColumns& columns, const MapSizes& sizes,
                                          Vec2 area, float unit, std::vector<Vec2>& centers) {
  constexpr float least_squeeze = 0.7F;
  Squeezed all{graph, sizes};
  for (all.smaller(); all.squeeze > least_squeeze; all.smaller()) {
    const std::optional<Choice> choice = try_detail(columns.columns, all.fit(unit), area);
    if (!choice) continue;
    put_columns(all.graph, columns, all.fit(unit), *choice, area, centers);
    return all.squeeze;
  }
  return std::nullopt;
}

// How small the boxes must be for all to find room; as large as possible.
float squeeze_onto_shelves(const MapGraph& graph, const MapColumns& columns, const MapSizes& sizes, Vec2 area,
                           float unit, std::vector<Vec2>& centers) {
  constexpr float least_squeeze = 0.02F;
  Squeezed all{graph, sizes};
  while (!put_on_shelves(columns, all.fit(unit), area, centers) && all.squeeze > least_squeeze) all.smaller();
  return all.squeeze;
}

std::vector<bool> crowds(const MapColumns& columns, std::size_t hosts) {
  std::vector<bool> in_crowd(hosts, false);
  for (const MapColumn& column : columns.columns) {
    for (const MapGroup& group : column) {
      if (!Fit::crowded(group)) continue;
      for (const std::uint32_t host : group.hosts) in_crowd[host] = true;
    }
  }
  return in_crowd;
}

}  // namespace

MapPlaces place_hosts(const MapGraph& graph, const MapSizes& sizes, Vec2 area, float unit) {
  MapPlaces places;
  if (graph.hosts.empty()) return places;
  MapColumns columns = arrange_columns(graph);
  places.centers.resize(graph.hosts.size());
  bool placed = false;
  // A large window has room for the sockets of every host.
  const bool large = area.x >= large_map_width * unit && area.y >= large_map_height * unit;
  const MapDetail first = large ? MapDetail::rich : MapDetail::full;
  for (auto detail = static_cast<std::size_t>(first); detail < map_details && !placed; ++detail) {
    const Fit fit{graph, sizes, detail, unit};
    places.detail = static_cast<MapDetail>(detail);
    if (const std::optional<Choice> choice = try_detail(columns.columns, fit, area)) {
      put_columns(graph, columns, fit, *choice, area, places.centers);
      placed = true;
    }
  }
  if (!placed) {
    const auto squeezed = squeeze_into_columns(graph, columns, sizes, area, unit, places.centers);
    places.squeeze = squeezed ? *squeezed : squeeze_onto_shelves(graph, columns, sizes, area, unit, places.centers);
  }
  places.in_crowd = crowds(columns, graph.hosts.size());
  places.crowd_square = crowd_square[static_cast<std::size_t>(places.detail)] * unit * places.squeeze;
  places.columns = std::move(columns.column);
  places.homes = std::move(columns.home);
  return places;
}

MapDetail detail_for(const MapSizes& sizes, const std::vector<Vec2>& centers, const std::vector<bool>& in_crowd,
                     MapDetail limit, float gap) {
  for (auto detail = static_cast<std::size_t>(limit); detail + 1 < map_details; ++detail) {
    const auto& size = sizes[detail];
    bool free = true;
    for (std::size_t i = 0; free && i < centers.size(); ++i) {
      if (in_crowd[i]) continue;
      for (std::size_t j = 0; free && j < i; ++j) {
        if (in_crowd[j]) continue;
        const Vec2 apart = centers[i] - centers[j];
        free = std::abs(apart.x) >= (size[i].x + size[j].x) / 2 + gap ||
               std::abs(apart.y) >= (size[i].y + size[j].y) / 2 + gap;
      }
    }
    if (free) return static_cast<MapDetail>(detail);
  }
  return MapDetail::dot;
}

}  // namespace fourtuple::viz
