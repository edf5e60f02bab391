#include "viz/panels/map/map_layout.h"

#include <algorithm>
#include <deque>
#include <map>

namespace fourtuple::viz {
namespace {

constexpr std::uint32_t unplaced = 0xffffffffu;
constexpr float side = 32, region_padding = 16, region_label = 32, group_gap = 24;
constexpr float channel[map_details] = {76, 72, 64, 56};  // least room between columns
constexpr float host_gap[map_details] = {20, 14, 10, 8};

// Hosts of one column that share a network.
struct Group {
  std::uint32_t network = unplaced;
  std::vector<std::uint32_t> hosts;
};
using Column = std::vector<Group>;

// The network to begin with: the one with most clients, so that they stand at the left.
std::uint32_t first_network(const MapGraph& graph, const std::vector<bool>& done) {
  std::uint32_t best = unplaced;
  std::size_t most = 0;
  for (std::uint32_t n = 0; n < graph.members.size(); ++n) {
    if (done[n] || graph.members[n].empty()) continue;
    std::size_t clients = 1;
    for (const std::uint32_t host : graph.members[n]) {
      if (graph.hosts[host].role == MapRole::client) clients += 2;
    }
    if (clients > most) {
      most = clients;
      best = n;
    }
  }
  return best;
}

// Breadth first over networks: what lies behind a router stands one column further right.
struct Layering {
  const MapGraph& graph;
  std::vector<std::uint32_t> column, home;  // of hosts
  std::vector<bool> done;                   // networks
  std::deque<std::uint32_t> waiting;

  explicit Layering(const MapGraph& g)
      : graph(g), column(g.hosts.size(), unplaced), home(g.hosts.size(), unplaced), done(g.members.size(), false) {}

  void put(std::uint32_t host, std::uint32_t network, std::uint32_t at) {
    column[host] = at;
    home[host] = graph.hosts[host].role == MapRole::router ? unplaced : network;
    for (const std::uint32_t next : graph.hosts[host].networks) {
      if (!done[next]) {
        done[next] = true;
        waiting.push_back(next);
      }
    }
  }

  void start(std::uint32_t network) {
    done[network] = true;
    const auto& members = graph.members[network];
    const bool any_client = std::any_of(members.begin(), members.end(), [&](std::uint32_t host) {
      return graph.hosts[host].role == MapRole::client && column[host] == unplaced;
    });
    std::size_t seen = 0;
    for (const std::uint32_t host : members) {
      if (column[host] != unplaced) continue;
      const bool left = any_client ? graph.hosts[host].role == MapRole::client : seen < (members.size() + 1) / 2;
      put(host, network, left ? 0 : 1);
      ++seen;
    }
  }

  void follow(std::uint32_t network) {
    std::uint32_t nearest = unplaced;
    for (const std::uint32_t host : graph.members[network]) {
      if (column[host] != unplaced) nearest = std::min(nearest, column[host]);
    }
    for (const std::uint32_t host : graph.members[network]) {
      if (column[host] == unplaced) put(host, network, nearest + 1);
    }
  }

  void run() {
    for (std::uint32_t next = first_network(graph, done); next != unplaced; next = first_network(graph, done)) {
      start(next);
      while (!waiting.empty()) {
        const std::uint32_t network = waiting.front();
        waiting.pop_front();
        follow(network);
      }
    }
    for (std::uint32_t host = 0; host < column.size(); ++host) {
      if (column[host] == unplaced) column[host] = graph.hosts[host].role == MapRole::server ? 1 : 0;
    }
  }
};

std::vector<Column> group_columns(const MapGraph& graph, Layering& layers) {
  layers.run();
  std::vector<std::uint32_t> used = layers.column;
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  std::vector<Column> columns(used.size());
  for (std::uint32_t host = 0; host < graph.hosts.size(); ++host) {
    const auto at = std::lower_bound(used.begin(), used.end(), layers.column[host]) - used.begin();
    layers.column[host] = static_cast<std::uint32_t>(at);
    Column& column = columns[static_cast<std::size_t>(at)];
    const std::uint32_t home = layers.home[host];
    auto group = std::find_if(column.begin(), column.end(),
                              [&](const Group& g) { return home != unplaced && g.network == home; });
    if (group == column.end()) group = column.insert(column.end(), Group{home, {}});
    group->hosts.push_back(host);
  }
  return columns;
}

struct Fit {
  const MapSizes& sizes;
  std::size_t detail;
  float unit;

  Vec2 cell(const Group& group) const {
    Vec2 most;
    for (const std::uint32_t host : group.hosts) {
      most.x = std::max(most.x, sizes[detail][host].x);
      most.y = std::max(most.y, sizes[detail][host].y);
    }
    return most;
  }
  float gap() const { return host_gap[detail] * unit; }
  float frame(const Group& group) const { return (group.network == unplaced ? 0 : region_padding) * unit; }
  float label(const Group& group) const { return (group.network == unplaced ? 0 : region_label) * unit; }

  Vec2 size(const Group& group, std::size_t across) const {
    const Vec2 one = cell(group);
    const std::size_t down = (group.hosts.size() + across - 1) / across;
    float height = 0;
    if (across == 1) {
      for (const std::uint32_t host : group.hosts) height += sizes[detail][host].y + gap();
      height -= gap();
    } else {
      height = static_cast<float>(down) * (one.y + gap()) - gap();
    }
    const float width = static_cast<float>(std::min(across, group.hosts.size())) * (one.x + gap()) - gap();
    return {width + 2 * frame(group), height + 2 * frame(group) + label(group)};
  }
  Vec2 size(const Column& column, std::size_t across) const {
    Vec2 total{0, -group_gap * unit};
    for (const Group& group : column) {
      const Vec2 one = size(group, across);
      total.x = std::max(total.x, one.x);
      total.y += one.y + group_gap * unit;
    }
    return total;
  }
};

struct Choice {
  std::size_t detail = 0;
  std::vector<std::size_t> across;
  std::vector<Vec2> sizes;
  float width = 0;
};

std::optional<Choice> try_detail(const std::vector<Column>& columns, const Fit& fit, Vec2 area) {
  Choice choice{fit.detail, {}, {}, 0};
  bool fits = true;
  for (const Column& column : columns) {
    std::size_t most = 1;
    for (const Group& group : column) most = std::max(most, group.hosts.size());
    std::size_t across = 1;
    Vec2 size = fit.size(column, across);
    while (size.y > area.y && across < most) size = fit.size(column, ++across);
    fits = fits && size.y <= area.y;
    choice.across.push_back(across);
    choice.sizes.push_back(size);
    choice.width += size.x;
  }
  const float gaps = static_cast<float>(columns.size() - 1) * channel[fit.detail] * fit.unit;
  const float margins = 2 * (side - region_padding) * fit.unit;
  if (choice.width + gaps + margins > area.x) fits = false;
  if (!fits && fit.detail + 1 < map_details) return std::nullopt;
  return choice;
}

void put_group(const Group& group, const Fit& fit, std::size_t across, const Rect& box, float stretch,
               std::vector<Vec2>& centers) {
  const Vec2 cell = fit.cell(group);
  float y = box.y + fit.frame(group) + fit.label(group);
  for (std::size_t i = 0; i < group.hosts.size(); i += across) {
    float row = across == 1 ? fit.sizes[fit.detail][group.hosts[i]].y : cell.y;
    const std::size_t last = std::min(i + across, group.hosts.size());
    for (std::size_t j = i; j < last; ++j) {
      const float wide = static_cast<float>(std::min(across, group.hosts.size()));
      const float inner = wide * (cell.x + fit.gap()) - fit.gap();
      const float x = box.center().x - inner / 2 + static_cast<float>(j - i) * (cell.x + fit.gap()) + cell.x / 2;
      centers[group.hosts[j]] = {x, y + row / 2};
    }
    y += row + fit.gap() + stretch;
  }
}

void put_column(const Column& column, const Fit& fit, std::size_t across, Vec2 size, float x, Vec2 area,
                std::vector<Vec2>& centers) {
  std::size_t rows = 0;
  for (const Group& group : column) rows += (group.hosts.size() + across - 1) / across;
  const float spare = std::max(area.y - size.y, 0.0F);
  // Spare height goes between hosts, but not so much that a network falls apart.
  const float stretch = std::min(spare / static_cast<float>(rows + 1), 44 * fit.unit);
  const float total = size.y + stretch * static_cast<float>(rows - 1);
  float y = std::max((area.y - total) / 2, 0.0F);
  for (const Group& group : column) {
    const Vec2 own = fit.size(group, across);
    const std::size_t down = (group.hosts.size() + across - 1) / across;
    const float height = own.y + stretch * static_cast<float>(down - 1);
    put_group(group, fit, across, {x, y, size.x, height}, stretch, centers);
    y += height + group_gap * fit.unit + stretch;
  }
}

// Even small boxes may be too many: then they stand closer.
void shrink_into(std::vector<Vec2>& centers, Vec2 area) {
  Vec2 most{1, 1};
  for (const Vec2 center : centers) most = {std::max(most.x, center.x), std::max(most.y, center.y)};
  const Vec2 factor{std::min(1.0F, area.x / (most.x * 1.02F)), std::min(1.0F, area.y / (most.y * 1.02F))};
  for (Vec2& center : centers) center = {center.x * factor.x, center.y * factor.y};
}

}  // namespace

MapPlaces place_hosts(const MapGraph& graph, const MapSizes& sizes, Vec2 area, float unit) {
  MapPlaces places;
  if (graph.hosts.empty()) return places;
  Layering layers(graph);
  const std::vector<Column> columns = group_columns(graph, layers);
  places.columns = layers.column;
  places.centers.resize(graph.hosts.size());
  for (std::size_t detail = 0; detail < map_details; ++detail) {
    const Fit fit{sizes, detail, unit};
    const std::optional<Choice> choice = try_detail(columns, fit, area);
    if (!choice) continue;
    places.detail = static_cast<MapDetail>(detail);
    const float margin = (side - region_padding) * unit;
    const float spare = std::max(area.x - 2 * margin - choice->width, 0.0F);
    const float gap = columns.size() > 1 ? spare / static_cast<float>(columns.size() - 1) : 0;
    float x = columns.size() > 1 ? margin : margin + spare / 2;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      put_column(columns[i], fit, choice->across[i], choice->sizes[i], x, area, places.centers);
      x += choice->sizes[i].x + gap;
    }
    break;
  }
  shrink_into(places.centers, area);
  return places;
}

MapDetail detail_for(const MapSizes& sizes, const std::vector<Vec2>& centers, MapDetail limit, float gap) {
  for (auto detail = static_cast<std::size_t>(limit); detail + 1 < map_details; ++detail) {
    const auto& size = sizes[detail];
    bool free = true;
    for (std::size_t i = 0; free && i < centers.size(); ++i) {
      for (std::size_t j = 0; free && j < i; ++j) {
        const Vec2 apart = centers[i] - centers[j];
        free = std::abs(apart.x) >= (size[i].x + size[j].x) / 2 + gap ||
               std::abs(apart.y) >= (size[i].y + size[j].y) / 2 + gap;
      }
    }
    if (free) return static_cast<MapDetail>(detail);
  }
  return MapDetail::dot;
}

std::optional<Vec2> MapGround::hub_of(std::uint32_t network) const {
  for (const MapHub& hub : hubs) {
    if (hub.network == network) return hub.at;
  }
  return std::nullopt;
}

namespace {

Vec2 hub_place(const std::vector<std::uint32_t>& members, const std::vector<std::uint32_t>& columns,
               const std::vector<Rect>& rects, float unit) {
  std::uint32_t first = unplaced;
  for (const std::uint32_t host : members) first = std::min(first, columns[host]);
  float left_edge = -1e9F, right_edge = 1e9F, y = 0;
  for (const std::uint32_t host : members) {
    y += rects[host].center().y / static_cast<float>(members.size());
    if (columns[host] == first) {
      left_edge = std::max(left_edge, rects[host].right());
    } else {
      right_edge = std::min(right_edge, rects[host].x);
    }
  }
  if (right_edge > 1e8F) return {left_edge + 72 * unit, y};
  return {(left_edge + right_edge) / 2, y};
}

}  // namespace

MapGround lay_ground(const MapGraph& graph, const std::vector<std::uint32_t>& columns, const std::vector<Rect>& rects,
                     float unit) {
  MapGround ground;
  for (std::uint32_t network = 0; network < graph.members.size(); ++network) {
    const auto& members = graph.members[network];
    if (members.size() >= 3) {
      MapHub hub{network, hub_place(members, columns, rects, unit)};
      // Two hubs in one channel must not cover each other.
      for (const MapHub& other : ground.hubs) {
        if (distance(other.at, hub.at) < 88 * unit) hub.at.y = other.at.y + 88 * unit;
      }
      ground.hubs.push_back(hub);
    }
    std::map<std::uint32_t, Rect> boxes;
    for (const std::uint32_t host : members) {
      // A host on several networks stands in the region of its first one.
      if (graph.hosts[host].role == MapRole::router || graph.hosts[host].networks.front() != network) continue;
      const auto [box, fresh] = boxes.try_emplace(columns[host], rects[host]);
      const Rect a = box->second, b = rects[host];
      const Vec2 low{std::min(a.x, b.x), std::min(a.y, b.y)};
      if (!fresh)
        box->second = {low.x, low.y, std::max(a.right(), b.right()) - low.x, std::max(a.bottom(), b.bottom()) - low.y};
    }
    for (const auto& [column, box] : boxes) {
      const float pad = region_padding * unit, label = region_label * unit;
      ground.regions.push_back({network, {box.x - pad, box.y - pad - label, box.w + 2 * pad, box.h + 2 * pad + label}});
    }
  }
  return ground;
}

}  // namespace fourtuple::viz
