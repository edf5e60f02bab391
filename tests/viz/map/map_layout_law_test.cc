// The layout's promises for every kind of network from 2 to 200 hosts: nothing overlaps, everything is in view, the
// same network looks the same, and one host more disturbs little.
#include <functional>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <tuple>

#include "viz/panels/map/map_detours.h"
#include "viz/panels/map/map_layout.h"

namespace fourtuple::viz {
namespace {

class Net {
 public:
  std::uint32_t network() {
    graph.members.emplace_back();
    graph.titles.push_back(60);
    return static_cast<std::uint32_t>(graph.members.size() - 1);
  }
  std::uint32_t host(MapRole role, std::vector<std::uint32_t> networks) {
    const auto id = static_cast<std::uint32_t>(graph.hosts.size());
    for (const std::uint32_t n : networks) graph.members[n].push_back(id);
    std::sort(networks.begin(), networks.end());
    graph.hosts.push_back({role, std::move(networks)});
    return id;
  }
  void hosts(MapRole role, std::uint32_t network, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) host(role, {network});
  }
  MapGraph graph;
};

MapGraph star(std::uint32_t hosts) {
  Net net;
  const std::uint32_t lan = net.network();
  net.hosts(MapRole::client, lan, hosts - 1);
  net.host(MapRole::server, {lan});
  return net.graph;
}

MapGraph chain(std::uint32_t hosts) {
  Net net;
  std::uint32_t before = net.network();
  net.host(MapRole::client, {before});
  for (std::uint32_t i = 2; i < hosts; ++i) {
    const std::uint32_t next = net.network();
    net.host(MapRole::router, {before, next});
    before = next;
  }
  net.host(MapRole::server, {before});
  return net.graph;
}

MapGraph two_homes(std::uint32_t hosts) {
  Net net;
  const std::uint32_t left = net.network(), middle = net.network(), right = net.network();
  const std::uint32_t each = hosts > 5 ? (hosts - 3) / 2 : 1;
  net.hosts(MapRole::client, left, each);
  net.host(MapRole::router, {left, middle});
  net.host(MapRole::server, {middle});
  net.host(MapRole::router, {middle, right});
  net.hosts(MapRole::client, right, each);
  return net.graph;
}

// Sites of clients and of servers around four routers, as a provider has them.
MapGraph core(std::uint32_t hosts) {
  Net net;
  const std::uint32_t links[4] = {net.network(), net.network(), net.network(), net.network()};
  std::vector<std::uint32_t> ring[4] = {
      {links[0], links[2]}, {links[0], links[3]}, {links[1], links[2]}, {links[1], links[3]}};
  constexpr std::uint32_t sites = 6;
  for (std::uint32_t site = 0; site < sites; ++site) {
    const std::uint32_t lan = net.network(), uplink = net.network();
    const MapRole role = site < 3 ? MapRole::client : MapRole::server;
    net.hosts(role, lan, hosts > 16 ? (hosts - 10) / sites : 1);
    net.host(MapRole::router, {lan, uplink});
    ring[site < 3 ? (site / 2) * 2 : 1 + (site / 5) * 2].push_back(uplink);
  }
  for (auto& networks : ring) net.host(MapRole::router, networks);
  return net.graph;
}

// Every router has a client of its own and three neighbours.
MapGraph many_routers(std::uint32_t hosts) {
  Net net;
  const std::uint32_t routers = std::max(hosts / 2, 1u);
  std::vector<std::vector<std::uint32_t>> networks(routers);
  for (std::uint32_t i = 0; i < routers; ++i) {
    const std::uint32_t lan = net.network();
    net.host(i % 2 == 0 ? MapRole::client : MapRole::server, {lan});
    networks[i].push_back(lan);
    for (const std::uint32_t step : {1u, 7u}) {
      if (i + step >= routers) continue;
      const std::uint32_t link = net.network();
      networks[i].push_back(link);
      networks[i + step].push_back(link);
    }
  }
  for (const auto& of : networks) net.host(MapRole::router, of);
  return net.graph;
}

MapGraph islands(std::uint32_t hosts) {
  Net net;
  for (std::uint32_t i = 0; i + 1 < hosts; i += 2) {
    const std::uint32_t lan = net.network();
    net.host(MapRole::client, {lan});
    net.host(MapRole::server, {lan});
  }
  return net.graph;
}

// One of everything: some hosts on two networks.
MapGraph mixed(std::uint32_t hosts) {
  Net net;
  std::vector<std::uint32_t> lans = {net.network(), net.network(), net.network()};
  std::uint32_t dice = hosts;
  for (std::uint32_t i = 0; i < hosts; ++i) {
    dice = dice * 1664525u + 1013904223u;
    const std::uint32_t a = (dice >> 8) % 3, b = (dice >> 16) % 3;
    const auto role = static_cast<MapRole>((dice >> 24) % 3);
    net.host(role, a == b ? std::vector{lans[a]} : std::vector{lans[a], lans[b]});
  }
  return net.graph;
}

struct Kind {
  const char* name;
  std::function<MapGraph(std::uint32_t)> make;
};
const Kind kinds[] = {{"star", star},  {"chain", chain},          {"two homes", two_homes},
                      {"core", core},  {"routers", many_routers}, {"islands", islands},
                      {"mixed", mixed}};
constexpr std::uint32_t counts[] = {2, 3, 5, 8, 13, 21, 34, 60, 89, 144, 200};

MapSizes sizes_for(const MapGraph& graph) {
  MapSizes sizes;
  for (std::size_t i = 0; i < graph.hosts.size(); ++i) {
    const bool router = graph.hosts[i].role == MapRole::router;
    sizes[0].push_back({292, 300});
    sizes[1].push_back(
        {216.0F + static_cast<float>(i % 3) * 10, router ? 110.0F : 90.0F + static_cast<float>(i % 4) * 34});
    sizes[2].push_back({190, 44});
    sizes[3].push_back({80.0F + static_cast<float>(i % 5) * 12, 28});
    sizes[4].push_back(router ? Vec2{26, 26} : Vec2{24, 16});
  }
  return sizes;
}

std::vector<Rect> drawn_rects(const MapPlaces& places, const MapSizes& sizes) {
  std::vector<Rect> rects;
  const float squeeze = places.detail == MapDetail::dot ? places.squeeze : 1;
  for (std::size_t i = 0; i < places.centers.size(); ++i) {
    const Vec2 size = sizes[static_cast<std::size_t>(places.detail)][i] * squeeze;
    rects.push_back(rect_around(places.centers[i], size.x, size.y));
  }
  return rects;
}

template <class Check>
void for_all_networks(const Check& check) {
  for (const Kind& kind : kinds) {
    for (const std::uint32_t count : counts) {
      const MapGraph graph = kind.make(count);
      for (const Vec2 area : {Vec2{1008, 396}, Vec2{1100, 640}, Vec2{1576, 700}}) {
        SCOPED_TRACE(std::string(kind.name) + " of " + std::to_string(count) + ", " +
                     std::to_string(static_cast<int>(area.x)) + " wide");
        check(graph, sizes_for(graph), area);
        if (testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST(MapLayoutLaw, no_two_hosts_overlap_and_all_are_in_view) {
  for_all_networks([](const MapGraph& graph, const MapSizes& sizes, Vec2 area) {
    const std::vector<Rect> rects = drawn_rects(place_hosts(graph, sizes, area, 1), sizes);
    for (std::size_t i = 0; i < rects.size(); ++i) {
      const Rect inside = Rect{0, 0, area.x, area.y}.inset(-0.5F);
      EXPECT_TRUE(inside.contains(rects[i])) << i << " at " << rects[i].x << " " << rects[i].y;
      for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(rects[i].inset(0.01F).overlaps(rects[j])) << i << " and " << j;
    }
  });
}

TEST(MapLayoutLaw, regions_hold_only_their_own_and_no_hub_covers_a_host) {
  for_all_networks([](const MapGraph& graph, const MapSizes& sizes, Vec2 area) {
    const MapPlaces places = place_hosts(graph, sizes, area, 1);
    const std::vector<Rect> rects = drawn_rects(places, sizes);
    const MapGround ground = lay_ground(graph, places, rects, 1);
    for (const MapRegion& region : ground.regions) {
      for (std::size_t i = 0; i < rects.size(); ++i) {
        if (places.homes[i] == region.network) continue;
        EXPECT_FALSE(region.r.inset(1).overlaps(rects[i])) << i;
      }
    }
    for (const MapHub& hub : ground.hubs) {
      if (hub.at_router) continue;
      const Rect own = rect_around(hub.at, 36, 36);
      for (std::size_t i = 0; i < rects.size(); ++i) EXPECT_FALSE(own.overlaps(rects[i])) << i;
    }
  });
}

// Links of the network that run behind a card of a host that is not their end, each by its network's number.
std::vector<std::uint32_t> links_behind_others(const MapGraph& graph, const MapSizes& sizes, Vec2 area) {
  const MapPlaces places = place_hosts(graph, sizes, area, 1);
  MapGeometry geometry{places.detail, drawn_rects(places, sizes), {}, 1, {}};
  geometry.ground = lay_ground(graph, places, geometry.hosts, 1);
  geometry.detours = find_detours(graph, places, geometry, {});
  std::vector<std::uint32_t> behind;
  const auto look = [&](const Path& path, std::uint32_t network, std::uint32_t one, std::uint32_t other) {
    for (std::uint32_t i = 0; i < geometry.hosts.size(); ++i) {
      if (i != one && i != other && passes(path, geometry.hosts[i])) return behind.push_back(network);
    }
  };
  for (std::uint32_t n = 0; n < graph.members.size(); ++n) {
    const auto& members = graph.members[n];
    if (const auto hub = geometry.ground.hub_of(n)) {
      for (const std::uint32_t host : members) {
        std::uint32_t router = host;
        for (const std::uint32_t other : members) {
          if (geometry.hosts[other].contains(*hub)) router = other;
        }
        if (router != host || !geometry.hosts[host].contains(*hub))
          look(stub(geometry, host, n, *hub), n, host, router);
      }
    } else if (members.size() == 2) {
      look(link_between(geometry, members[0], members[1]), n, members[0], members[1]);
    }
  }
  return behind;
}

// Where squares stand so close that no way is left for one of the links: kind, hosts, width.
const std::set<std::tuple<std::string, std::uint32_t, int>> without_a_way = {
    {"routers", 30, 1264}, {"routers", 31, 1264}, {"routers", 36, 940}, {"routers", 37, 940}};

TEST(MapLayoutLaw, no_link_runs_behind_the_card_of_a_host_it_does_not_join) {
  for (const Kind& kind : kinds) {
    for (std::uint32_t count = 2; count <= 40; ++count) {
      const MapGraph graph = kind.make(count);
      // The map at 1024x768 and at 1280x800, with the panel of a packet beside it and without.
      for (const Vec2 area : {Vec2{1008, 332}, Vec2{688, 332}, Vec2{1264, 364}, Vec2{940, 364}}) {
        SCOPED_TRACE(std::string(kind.name) + " of " + std::to_string(count) + ", " +
                     std::to_string(static_cast<int>(area.x)) + " wide");
        const bool no_way = without_a_way.contains({kind.name, count, static_cast<int>(area.x)});
        EXPECT_EQ(links_behind_others(graph, sizes_for(graph), area).size(), no_way ? 1u : 0u);
      }
    }
  }
}

TEST(MapLayoutLaw, the_same_network_looks_the_same) {
  for_all_networks([](const MapGraph& graph, const MapSizes& sizes, Vec2 area) {
    EXPECT_EQ(place_hosts(graph, sizes, area, 1).centers, place_hosts(graph, sizes, area, 1).centers);
  });
}

TEST(MapLayoutLaw, a_host_more_leaves_the_others_in_their_columns_and_order) {
  for (const std::uint32_t count : {16u, 30u, 60u, 120u}) {
    const MapGraph before = core(count);
    MapGraph after = before;
    const std::uint32_t network = before.hosts.front().networks.front();
    const auto added = static_cast<std::uint32_t>(after.hosts.size());
    after.hosts.push_back({MapRole::client, {network}});
    after.members[network].push_back(added);
    const Vec2 area{1100, 640};
    const MapPlaces old = place_hosts(before, sizes_for(before), area, 1);
    const MapPlaces now = place_hosts(after, sizes_for(after), area, 1);
    for (std::uint32_t i = 0; i < added; ++i) {
      EXPECT_EQ(old.columns[i], now.columns[i]) << i;
      for (std::uint32_t j = 0; j < i && old.detail == now.detail; ++j) {
        // Above and below stay so across networks of one column.
        if (old.columns[i] != old.columns[j] || old.homes[i] == old.homes[j]) continue;
        EXPECT_EQ(old.centers[i].y < old.centers[j].y, now.centers[i].y < now.centers[j].y) << i << " and " << j;
      }
    }
  }
}

}  // namespace
}  // namespace fourtuple::viz
