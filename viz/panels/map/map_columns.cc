#include "viz/panels/map/map_columns.h"

#include <algorithm>
#include <cmath>
#include <deque>

namespace fourtuple::viz {
namespace {

constexpr int sweeps = 4;

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

  void walk() {
    while (!waiting.empty()) {
      const std::uint32_t network = waiting.front();
      waiting.pop_front();
      follow(network);
    }
  }

  // Many sites of clients stand below each other at the left; one or two are walked from, so that the second may stand
  // at the far side.
  std::vector<std::uint32_t> sites() const {
    std::vector<std::uint32_t> found;
    for (std::uint32_t n = 0; n < graph.members.size(); ++n) {
      std::size_t clients = 0, others = 0;
      for (const std::uint32_t host : graph.members[n]) {
        if (graph.hosts[host].role == MapRole::client) ++clients;
        if (graph.hosts[host].role == MapRole::server) ++others;
      }
      if (clients > others) found.push_back(n);
    }
    return found;
  }

  void run() {
    const std::vector<std::uint32_t> begin = sites();
    if (begin.size() >= 3) {
      for (const std::uint32_t network : begin) {
        start(network);
      }
      walk();
    }
    for (std::uint32_t next = first_network(graph, done); next != unplaced; next = first_network(graph, done)) {
      start(next);
      walk();
    }
    for (std::uint32_t host = 0; host < column.size(); ++host) {
      if (column[host] == unplaced) column[host] = graph.hosts[host].role == MapRole::server ? 1 : 0;
    }
  }
};

std::vector<MapColumn> group_columns(const MapGraph& graph, Layering& layers) {
  layers.run();
  std::vector<std::uint32_t> used = layers.column;
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  std::vector<MapColumn> columns(used.size());
  for (std::uint32_t host = 0; host < graph.hosts.size(); ++host) {
    const auto at = std::lower_bound(used.begin(), used.end(), layers.column[host]) - used.begin();
    layers.column[host] = static_cast<std::uint32_t>(at);
    MapColumn& column = columns[static_cast<std::size_t>(at)];
    const std::uint32_t home = layers.home[host];
    auto group = std::find_if(column.begin(), column.end(),
                              [&](const MapGroup& g) { return home != unplaced && g.network == home; });
    if (group == column.end()) group = column.insert(column.end(), MapGroup{home, {}});
    group->hosts.push_back(host);
  }
  return columns;
}

// Where each host stands in its column, 0 at the top to 1.
std::vector<float> heights(const std::vector<MapColumn>& columns, std::size_t hosts) {
  std::vector<float> height(hosts, 0.5F);
  for (const MapColumn& column : columns) {
    std::size_t count = 0, at = 0;
    for (const MapGroup& group : column) count += group.hosts.size();
    for (const MapGroup& group : column) {
      for (const std::uint32_t host : group.hosts)
        height[host] = (static_cast<float>(at++) + 0.5F) / static_cast<float>(count);
    }
  }
  return height;
}

// The mean height of what a group is linked to at one side of it; its own when there is nothing.
float pull(const MapGraph& graph, const std::vector<std::uint32_t>& column, const std::vector<float>& height,
           const MapGroup& group, bool from_left) {
  float sum = 0, count = 0, own = 0;
  for (const std::uint32_t host : group.hosts) {
    own += height[host] / static_cast<float>(group.hosts.size());
    for (const std::uint32_t network : graph.hosts[host].networks) {
      for (const std::uint32_t other : graph.members[network]) {
        if (from_left ? column[other] >= column[host] : column[other] <= column[host]) continue;
        sum += height[other];
        ++count;
      }
    }
  }
  return count > 0 ? sum / count : own;
}

// Groups go to the height of what they are linked to, column after column, there and back.
void untangle(const MapGraph& graph, const std::vector<std::uint32_t>& column, std::vector<MapColumn>& columns) {
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    const bool from_left = sweep % 2 == 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::vector<float> height = heights(columns, graph.hosts.size());
      MapColumn& now = columns[from_left ? i : columns.size() - 1 - i];
      std::vector<std::pair<int, MapGroup>> sorted;
      for (MapGroup& group : now) {
        const float wanted = pull(graph, column, height, group, from_left);
        sorted.emplace_back(static_cast<int>(std::lround(wanted * 10'000)), std::move(group));
      }
      std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      for (std::size_t k = 0; k < now.size(); ++k) now[k] = std::move(sorted[k].second);
    }
  }
}

}  // namespace

MapColumns arrange_columns(const MapGraph& graph) {
  Layering layers(graph);
  MapColumns arranged;
  arranged.columns = group_columns(graph, layers);
  untangle(graph, layers.column, arranged.columns);
  arranged.column = std::move(layers.column);
  arranged.home = std::move(layers.home);
  return arranged;
}

}  // namespace fourtuple::viz
