// The map driven as a person does: dragging hosts, going from one to the next, and what must never cover what.
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "app/view/documents.h"
#include "app/view/gallery_list.h"
#include "app/view/layout_file.h"
#include "app/view/stage.h"
#include "sim/trace/describe.h"
#include "tests/app/support/places.h"
#include "viz/panels/common/names.h"
#include "viz/panels/map/map_detours.h"
#include "viz/panels/map/map_scene.h"

namespace fourtuple::app {
namespace {

std::unique_ptr<Stage> stage_with(const std::string& path, StageOptions options = {}) {
  auto surface = viz::make_offscreen_surface(options.width, options.height);
  if (!surface) {
    ADD_FAILURE() << surface.error().to_string();
    return nullptr;
  }
  options.remember = true;
  auto stage = Stage::make(std::move(*surface), options);
  if (!stage || !(*stage)->open(path)) {
    ADD_FAILURE() << path << " cannot be shown";
    return nullptr;
  }
  (*stage)->settle();
  return std::move(*stage);
}

// A copy that may get a layout beside it.
std::string copy_of(const std::string& scenario, const std::string& name) {
  const std::string path = testing::TempDir() + name;
  std::filesystem::copy_file(scenario, path, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove(layout_path(path));
  return path;
}

void play(Stage& stage, const std::string& script) {
  auto steps = viz::parse_input_script(script, "script");
  ASSERT_TRUE(steps) << steps.error().to_string();
  ASSERT_TRUE(stage.play(std::move(*steps)));
  stage.settle();
}

const std::vector<viz::Rect>& hosts(Stage& stage) {
  return stage.viewer().panels().map().geometry().hosts;
}

std::string drag(viz::Vec2 from, viz::Vec2 by) {
  const auto whole = [](float v) { return std::to_string(static_cast<int>(v)); };
  return "drag " + whole(from.x) + " " + whole(from.y) + " " + whole(from.x + by.x) + " " + whole(from.y + by.y);
}

TEST(Map, remembers_beside_the_scenario_where_a_host_was_dragged_to) {
  const std::string path = copy_of(first_run, "dragged.yaml");
  viz::Rect moved;
  {
    const auto stage = stage_with(path);
    ASSERT_TRUE(stage);
    const viz::Rect before = hosts(*stage)[0], other = hosts(*stage)[1];
    play(*stage, drag(before.center() + viz::Vec2{0, -30}, {80, 60}));
    moved = hosts(*stage)[0];
    EXPECT_NEAR(moved.x, before.x + 80, 3);
    EXPECT_NEAR(moved.y, before.y + 60, 3);
    EXPECT_EQ(hosts(*stage)[1], other);
    EXPECT_EQ(read_layout(path)->positions.size(), 1u);
  }
  const auto again = stage_with(path);
  ASSERT_TRUE(again);
  EXPECT_NEAR(hosts(*again)[0].x, moved.x, 1);
  EXPECT_NEAR(hosts(*again)[0].y, moved.y, 1);
  play(*again, "key Ctrl+Shift+0");
  EXPECT_FALSE(std::filesystem::exists(layout_path(path)));
}

TEST(Map, moves_the_chosen_host_by_keys_and_puts_it_back) {
  const std::string path = copy_of(first_run, "nudged.yaml");
  const auto stage = stage_with(path);
  ASSERT_TRUE(stage);
  play(*stage, "key j");
  const std::uint32_t host = stage->viewer().selection().host.value;
  ASSERT_LT(host, hosts(*stage).size());
  const viz::Rect before = hosts(*stage)[host];
  play(*stage, "key Ctrl+Shift+Right\nkey Ctrl+Shift+Down");
  EXPECT_GT(hosts(*stage)[host].x, before.x + 5);
  EXPECT_GT(hosts(*stage)[host].y, before.y + 5);
  play(*stage, "key Ctrl+Shift+0");
  EXPECT_EQ(hosts(*stage)[host], before);
}

TEST(Map, ignores_hosts_in_a_layout_that_the_scenario_does_not_have) {
  const std::string path = copy_of(first_run, "unknown.yaml");
  ASSERT_TRUE(write_layout(path, {{{"nobody", {0.5F, 0.5F}}}, {}}));
  const auto stage = stage_with(path), plain = stage_with(first_run);
  ASSERT_TRUE(stage && plain);
  EXPECT_EQ(hosts(*stage), hosts(*plain));
}

TEST(Map, goes_through_all_hosts_and_through_packets_under_way_by_keys) {
  const auto stage = stage_with(first_run);
  ASSERT_TRUE(stage);
  stage->viewer().seek_interesting();
  stage->settle();
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i < hosts(*stage).size(); ++i) {
    play(*stage, "key j");
    seen.insert(stage->viewer().selection().host.value);
  }
  EXPECT_EQ(seen.size(), hosts(*stage).size());
  play(*stage, "key u");
  const PacketId first = stage->viewer().selection().packet;
  EXPECT_TRUE(first.valid());
  play(*stage, "key u\nkey Shift+U");
  EXPECT_EQ(stage->viewer().selection().packet, first);
}

TEST(Map, opens_a_host_that_is_zoomed_into_and_comes_back_to_the_same_place) {
  const auto stage = stage_with(first_run);
  ASSERT_TRUE(stage);
  const viz::Vec2 at = hosts(*stage)[0].center();
  const std::string move =
      "move " + std::to_string(static_cast<int>(at.x)) + " " + std::to_string(static_cast<int>(at.y));
  play(*stage, move + "\nwheel 6\nwait 100 ms");
  EXPECT_EQ(stage->viewer().panels().map().geometry().detail, viz::MapDetail::rich);
  play(*stage, "wheel 3\nwait 100 ms");
  ASSERT_EQ(stage->viewer().panel(), viz::PanelKind::map);
  const std::vector<viz::Rect> before = hosts(*stage);
  play(*stage, "wheel 1\nwait 600 ms");
  EXPECT_EQ(stage->viewer().panel(), viz::PanelKind::host);
  EXPECT_EQ(stage->viewer().selection().host.value, 0u);
  play(*stage, "key Backspace\nwait 100 ms");
  EXPECT_EQ(stage->viewer().panel(), viz::PanelKind::map);
  EXPECT_EQ(hosts(*stage), before);
}

// Every scenario at a busy instant, on a projector or on a desk.
TEST(Map, never_covers_words_with_packets_nor_hosts_with_hosts) {
  const std::unique_ptr<Stage> stages[] = {stage_with(first_run, {1440, 900}), stage_with(first_run, {1024, 768})};
  for (const viz::GalleryEntry& entry : list_scenarios(source_dir + "/scenarios")) {
    if (entry.path.find("hundred_thousand") != std::string::npos) continue;
    SCOPED_TRACE(entry.path);
    const auto& stage = stages[entry.path.size() % 2];  // half of them at each size
    ASSERT_TRUE(stage && stage->open(entry.path));
    stage->viewer().seek_interesting();
    stage->settle();
    viz::MapPanel& map = stage->viewer().panels().map();
    for (std::size_t i = 0; i < hosts(*stage).size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(hosts(*stage)[i].overlaps(hosts(*stage)[j])) << i << " " << j;
    }
    for (const viz::MapLabel& label : map.labels()) {
      for (const viz::Rect& host : hosts(*stage)) EXPECT_FALSE(label.r.overlaps(host)) << label.words;
      for (const viz::MapCapsule& capsule : map.traffic().capsules) {
        if (capsule.form != viz::MapForm::labelled || capsule.selected) continue;
        EXPECT_FALSE(label.r.overlaps(viz::rect_around(capsule.at, 60, 20))) << label.words << capsule.look.text;
      }
    }
  }
}

// Links behind the card of a host that is not their end, as "network: host".
std::vector<std::string> links_behind_others(Stage& stage) {
  const viz::MapGeometry& geometry = stage.viewer().panels().map().geometry();
  const trace::Tables& tables = stage.viewer().document()->trace->tables();
  std::vector<std::string> found;
  for (std::uint32_t n = 0; n < tables.topology.networks.size(); ++n) {
    for (const InterfaceId from : tables.topology.networks[n].interfaces) {
      for (const InterfaceId to : tables.topology.networks[n].interfaces) {
        const auto route = viz::route_between(tables.topology, geometry, from, to);
        const HostId ends[] = {viz::host_of(tables, from), viz::host_of(tables, to)};
        if (!route || ends[0] == ends[1]) continue;
        for (std::uint32_t h = 0; h < geometry.hosts.size(); ++h) {
          const viz::Rect& card = geometry.hosts[h];
          if (HostId{h} == ends[0] || HostId{h} == ends[1] || geometry.ground.crowd_around(n, card.center())) continue;
          // A router that is the network's hub has all of its links.
          if (const auto hub = geometry.ground.hub_of(n); hub && card.contains(*hub)) continue;
          if (viz::passes(route->first, card) || (route->bent && viz::passes(route->second, card)))
            found.push_back(std::string(trace::network_name(tables, {n})) + ": " +
                            std::string(trace::host_name(tables, {h})));
        }
      }
    }
  }
  return found;
}

TEST(Map, never_leads_a_link_behind_a_host_it_does_not_join) {
  const std::unique_ptr<Stage> stages[] = {stage_with(first_run, {1280, 800}), stage_with(first_run, {1024, 768})};
  for (const viz::GalleryEntry& entry : list_scenarios(source_dir + "/scenarios")) {
    if (entry.path.find("hundred_thousand") != std::string::npos) continue;
    for (const auto& stage : stages) {
      SCOPED_TRACE(entry.path);
      ASSERT_TRUE(stage && stage->open(entry.path));
      stage->viewer().seek_interesting();
      stage->settle();
      EXPECT_THAT(links_behind_others(*stage), testing::IsEmpty());
      // With the sheet of a packet beside the map.
      stage->viewer().select_packet(PacketId{0});
      stage->settle();
      EXPECT_THAT(links_behind_others(*stage), testing::IsEmpty());
    }
  }
}

TEST(Map, draws_a_crowd_as_sprites_and_ribbons_and_names_what_is_below_the_pointer) {
  const auto stage = stage_with(source_dir + "/scenarios/limits/sixty_hosts.yaml");
  ASSERT_TRUE(stage);
  stage->viewer().seek(Time{0} + milliseconds(1300));
  stage->settle();
  const viz::MapPanel& map = stage->viewer().panels().map();
  const viz::MapTraffic& traffic = map.traffic();
  EXPECT_GT(traffic.in_flight, 10'000u);
  EXPECT_EQ(traffic.in_flight, traffic.sprites.size() + traffic.ribboned + traffic.capsules.size());
  EXPECT_GE(traffic.crowds.size(), 2u);
  EXPECT_FALSE(map.lens());
  const viz::Vec2 at = traffic.sprites[traffic.sprites.size() / 2].at;
  stage->frame({viz::mouse_event(viz::InputKind::mouse_move, at.x, at.y)}, 16'667);
  stage->settle();
  ASSERT_TRUE(map.lens());
  EXPECT_FALSE(map.lens()->nearest.empty());
  EXPECT_LE(map.lens()->nearest.size(), viz::lens_labels);
  EXPECT_FALSE(map.lens()->place.empty());
}

TEST(Map, labels_hundreds_of_packets_without_overlap_and_lets_the_others_be_chosen) {
  const auto stage = stage_with(source_dir + "/scenarios/limits/sixty_hosts.yaml", {1920, 1080});
  ASSERT_TRUE(stage);
  stage->viewer().seek(Time{0} + milliseconds(645));
  stage->settle();
  const viz::MapPanel& map = stage->viewer().panels().map();
  ASSERT_GT(map.traffic().in_flight, 300u);
  ASSERT_LE(map.traffic().in_flight, viz::most_labels);
  std::vector<viz::Rect> labels;
  std::optional<viz::MapCapsule> sign;
  for (const viz::MapCapsule& capsule : map.traffic().capsules) {
    if (capsule.form == viz::MapForm::labelled)
      labels.push_back(viz::rect_around(capsule.at, 76, 20));
    else
      sign = capsule;
  }
  EXPECT_GT(labels.size(), 50u);
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(labels[i].overlaps(labels[j])) << i << " " << j;
  ASSERT_TRUE(sign);
  const auto at = [](viz::InputKind kind, viz::Vec2 place) { return viz::mouse_event(kind, place.x, place.y); };
  for (const auto kind : {viz::InputKind::mouse_move, viz::InputKind::mouse_down, viz::InputKind::mouse_up})
    stage->frame({at(kind, sign->on_route)}, 16'667);
  stage->settle();
  EXPECT_TRUE(stage->viewer().selection().packet.valid()) << "what has no label is told and chosen below the pointer";
}

TEST(Map, works_nothing_out_again_while_nothing_changes) {
  const auto stage = stage_with(first_run, {1440, 900});
  ASSERT_TRUE(stage);
  const viz::MapPanel& map = stage->viewer().panels().map();
  stage->viewer().seek(Time{0} + milliseconds(300));
  stage->settle();
  const std::uint64_t version = map.traffic_version();
  for (int i = 0; i < 5; ++i) stage->frame({viz::mouse_event(viz::InputKind::mouse_move, 700 + i, 40)}, 16'667);
  EXPECT_EQ(map.traffic_version(), version);
  stage->viewer().seek(Time{0} + milliseconds(301));
  stage->settle();
  EXPECT_NE(map.traffic_version(), version) << "another instant";
  const std::uint64_t later = map.traffic_version();
  play(*stage, "key J");
  EXPECT_EQ(map.traffic_version(), later) << "a chosen host moves no packet";
  play(*stage, "key =");
  EXPECT_NE(map.traffic_version(), later) << "hosts stand elsewhere";
}

TEST(Map, tells_of_a_link_on_a_click_and_asks_what_if_it_were_different) {
  const auto stage = stage_with(first_run, {1440, 900});
  ASSERT_TRUE(stage);
  stage->viewer().seek(Time{0} + milliseconds(350));
  stage->settle();
  const viz::MapPanel& map = stage->viewer().panels().map();
  ASSERT_EQ(map.geometry().ground.hubs.size(), 1u);
  const viz::MapHub hub = map.geometry().ground.hubs.front();
  const auto press_at = [&](viz::Vec2 at) {
    for (const auto kind : {viz::InputKind::mouse_move, viz::InputKind::mouse_down, viz::InputKind::mouse_up})
      stage->frame({viz::mouse_event(kind, at.x, at.y)}, 16'667);
    stage->settle();
  };
  press_at(hub.at);
  EXPECT_EQ(map.open_link(), NetworkId{hub.network});
  play(*stage, "key Escape");
  EXPECT_FALSE(map.open_link().valid());
  press_at(hub.at);
  play(*stage, "key E");
  EXPECT_TRUE(stage->viewer().asking_what_if());
  EXPECT_FALSE(map.open_link().valid());
}

TEST(MapIcons, are_chosen_by_the_role_of_a_host) {
  const auto icons = [](const char* scenario) {
    auto document = open_document(source_dir + "/scenarios/" + scenario);
    EXPECT_TRUE(document);
    replay::Indexes indexes(*document->trace);
    indexes.refresh();
    std::map<std::string, viz::Icon> found;
    for (const viz::MapHost& host : viz::build_scene(*document->trace, indexes.flows()).hosts)
      found[host.name] = host.icon;
    return found;
  };
  auto first = icons("first_run.yaml");
  EXPECT_EQ(first["anna"], viz::Icon::laptop);
  EXPECT_EQ(first["router"], viz::Icon::router);
  EXPECT_EQ(first["server"], viz::Icon::server);
  EXPECT_EQ(icons("firewall/scan.yaml")["scanner"], viz::Icon::magnifier);
}

}  // namespace
}  // namespace fourtuple::app
