#include "viz/panels/map/map_layout.h"

#include <gtest/gtest.h>

namespace fourtuple::viz {
namespace {

constexpr Vec2 area{1100, 640};

// `clients` on a network behind a router, `servers` on the other side of it.
MapGraph home_and_internet(std::uint32_t clients, std::uint32_t servers) {
  MapGraph graph;
  graph.members.resize(2);
  const auto add = [&](MapRole role, std::vector<std::uint32_t> networks) {
    const auto id = static_cast<std::uint32_t>(graph.hosts.size());
    for (const std::uint32_t n : networks) graph.members[n].push_back(id);
    graph.hosts.push_back({role, std::move(networks)});
  };
  for (std::uint32_t i = 0; i < clients; ++i) add(MapRole::client, {0});
  add(MapRole::router, {0, 1});
  for (std::uint32_t i = 0; i < servers; ++i) add(MapRole::server, {1});
  return graph;
}

MapSizes sizes_for(std::size_t hosts) {
  MapSizes sizes;
  const Vec2 each[map_details] = {{292, 260}, {216, 96}, {190, 44}, {100, 28}, {24, 18}};
  for (std::size_t d = 0; d < map_details; ++d) sizes[d].assign(hosts, each[d]);
  return sizes;
}

std::vector<Rect> rects_of(const MapPlaces& places, const MapSizes& sizes) {
  std::vector<Rect> rects;
  for (std::size_t i = 0; i < places.centers.size(); ++i) {
    Vec2 size = sizes[static_cast<std::size_t>(places.detail)][i];
    if (places.in_crowd[i]) size = {places.crowd_square, places.crowd_square};
    rects.push_back(rect_around(places.centers[i], size.x, size.y));
  }
  return rects;
}

void expect_no_overlap(const std::vector<Rect>& rects) {
  for (std::size_t i = 0; i < rects.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(rects[i].overlaps(rects[j])) << i << " and " << j;
  }
}

TEST(MapLayout, puts_clients_left_of_routers_left_of_servers) {
  const MapGraph graph = home_and_internet(2, 1);
  const MapPlaces places = place_hosts(graph, sizes_for(4), area, 1);
  EXPECT_EQ(places.detail, MapDetail::full);
  EXPECT_EQ(places.columns, (std::vector<std::uint32_t>{0, 0, 1, 2}));
  EXPECT_LT(places.centers[0].x, places.centers[2].x);
  EXPECT_LT(places.centers[2].x, places.centers[3].x);
  EXPECT_FLOAT_EQ(places.centers[0].x, places.centers[1].x);
}

TEST(MapLayout, never_overlaps_up_to_sixty_hosts) {
  for (std::uint32_t clients = 0; clients <= 40; clients += 5) {
    for (std::uint32_t servers = 0; servers <= 20; servers += 4) {
      const MapGraph graph = home_and_internet(clients, servers);
      const MapSizes sizes = sizes_for(graph.hosts.size());
      const MapPlaces places = place_hosts(graph, sizes, area, 1);
      const std::vector<Rect> rects = rects_of(places, sizes);
      expect_no_overlap(rects);
      for (const Rect& r : rects) EXPECT_TRUE((Rect{0, 0, area.x, area.y}).contains(r));
    }
  }
}

TEST(MapLayout, shows_less_of_each_host_when_there_are_many) {
  const auto detail = [](std::uint32_t clients) {
    const MapGraph graph = home_and_internet(clients, 1);
    return place_hosts(graph, sizes_for(graph.hosts.size()), area, 1).detail;
  };
  EXPECT_EQ(detail(3), MapDetail::full);
  EXPECT_GT(detail(12), MapDetail::full);
  EXPECT_GE(detail(200), detail(12));
}

TEST(MapLayout, is_the_same_every_time) {
  const MapGraph graph = home_and_internet(9, 5);
  const MapSizes sizes = sizes_for(graph.hosts.size());
  EXPECT_EQ(place_hosts(graph, sizes, area, 1).centers, place_hosts(graph, sizes, area, 1).centers);
}

TEST(MapLayout, survives_hosts_without_networks_and_empty_graphs) {
  EXPECT_TRUE(place_hosts({}, {}, area, 1).centers.empty());
  MapGraph lonely;
  lonely.hosts.resize(3);
  const MapSizes sizes = sizes_for(3);
  expect_no_overlap(rects_of(place_hosts(lonely, sizes, area, 1), sizes));
}

TEST(MapLayout, keeps_two_networks_without_a_router_apart) {
  MapGraph graph;
  graph.hosts = {{MapRole::client, {0}}, {MapRole::server, {0}}, {MapRole::client, {1}}, {MapRole::server, {1}}};
  graph.members = {{0, 1}, {2, 3}};
  const MapSizes sizes = sizes_for(4);
  const MapPlaces places = place_hosts(graph, sizes, area, 1);
  expect_no_overlap(rects_of(places, sizes));
  EXPECT_EQ(places.columns, (std::vector<std::uint32_t>{0, 1, 0, 1}));
}

TEST(MapGround, has_a_hub_only_where_three_or_more_meet) {
  const MapGraph graph = home_and_internet(2, 1);
  const MapSizes sizes = sizes_for(4);
  const MapPlaces places = place_hosts(graph, sizes, area, 1);
  const std::vector<Rect> rects = rects_of(places, sizes);
  const MapGround ground = lay_ground(graph, places, rects, 1);
  ASSERT_TRUE(ground.hub_of(0));
  EXPECT_FALSE(ground.hub_of(1));
  EXPECT_GT(ground.hub_of(0)->x, rects[0].right());
  EXPECT_LT(ground.hub_of(0)->x, rects[2].x);
}

TEST(MapGround, regions_hold_the_members_of_their_network) {
  const MapGraph graph = home_and_internet(3, 2);
  const MapSizes sizes = sizes_for(6);
  const MapPlaces places = place_hosts(graph, sizes, area, 1);
  const std::vector<Rect> rects = rects_of(places, sizes);
  const MapGround ground = lay_ground(graph, places, rects, 1);
  ASSERT_EQ(ground.regions.size(), 2u);
  for (std::uint32_t host = 0; host < 3; ++host) EXPECT_TRUE(ground.regions[0].r.contains(rects[host]));
  EXPECT_FALSE(ground.regions[0].r.overlaps(rects[3]));
  EXPECT_FALSE(ground.regions[0].r.overlaps(ground.regions[1].r));
}

TEST(MapLayout, shows_hundreds_of_clients_as_a_crowd_of_small_squares_and_the_servers_as_ever) {
  for (const std::uint32_t clients : {201u, 900u, 4000u}) {
    const MapGraph graph = home_and_internet(clients, 3);
    const MapSizes sizes = sizes_for(clients + 4);
    const MapPlaces places = place_hosts(graph, sizes, area, 1);
    const std::vector<Rect> rects = rects_of(places, sizes);
    EXPECT_TRUE(places.in_crowd.front());
    EXPECT_FALSE(places.in_crowd.back());
    EXPECT_EQ(places.detail == MapDetail::dot, clients > 900) << clients;
    EXPECT_EQ(places.squeeze, 1);
    const MapGround ground = lay_ground(graph, places, rects, 1);
    ASSERT_TRUE(ground.regions.front().crowd);
    const Rect crowd = ground.regions.front().r;
    EXPECT_EQ(ground.crowd_around(0, rects[17].center()), &ground.regions.front().r);
    EXPECT_TRUE((Rect{0, 0, area.x, area.y}.inset(-20).contains(crowd)));
    for (std::uint32_t i = 0; i < clients; ++i) ASSERT_TRUE(crowd.contains(rects[i])) << i;
    for (std::uint32_t i = 1; i < clients; ++i) ASSERT_FALSE(rects[i].overlaps(rects[i - 1])) << i;
    for (std::uint32_t i = clients; i < rects.size(); ++i) EXPECT_FALSE(crowd.overlaps(rects[i])) << i;
  }
}

TEST(MapDetailFor, falls_until_nothing_overlaps) {
  const MapSizes sizes = sizes_for(2);
  EXPECT_EQ(detail_for(sizes, {{0, 0}, {400, 0}}, {false, false}, MapDetail::full, 8), MapDetail::full);
  EXPECT_EQ(detail_for(sizes, {{0, 0}, {0, 60}}, {false, false}, MapDetail::full, 8), MapDetail::header);
  EXPECT_EQ(detail_for(sizes, {{0, 0}, {0, 40}}, {false, false}, MapDetail::full, 8), MapDetail::chip);
  EXPECT_EQ(detail_for(sizes, {{0, 0}, {0, 1}}, {false, false}, MapDetail::full, 8), MapDetail::dot);
}

}  // namespace
}  // namespace fourtuple::viz
