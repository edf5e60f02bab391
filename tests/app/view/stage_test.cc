// The window driven offscreen: real scenarios and captures, scripted keys, pictures.
#include "app/view/stage.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <set>

#include "app/view/documents.h"
#include "app/view/gallery_list.h"
#include "tests/app/support/keys.h"
#include "tests/app/support/places.h"

namespace fourtuple::app {
namespace {

std::unique_ptr<Stage> make_stage(StageOptions options = {}) {
  auto surface = viz::make_offscreen_surface(options.width, options.height);
  if (!surface) {
    ADD_FAILURE() << surface.error().to_string();
    return nullptr;
  }
  auto stage = Stage::make(std::move(*surface), options);
  if (!stage) {
    ADD_FAILURE() << stage.error().to_string();
    return nullptr;
  }
  return std::move(*stage);
}

std::unique_ptr<Stage> stage_with(const std::string& path, StageOptions options = {}) {
  auto stage = make_stage(options);
  if (stage && !stage->open(path)) {
    ADD_FAILURE() << path << " cannot be shown";
    return nullptr;
  }
  if (stage) stage->settle();
  return stage;
}

void press_and_settle(Stage& stage, const std::string& chord) {
  press(stage, chord);
  stage.settle();
}

void click(Stage& stage, viz::Vec2 at) {
  stage.frame({viz::mouse_event(viz::InputKind::mouse_move, at.x, at.y)}, 16'667);
  stage.frame({viz::mouse_event(viz::InputKind::mouse_down, at.x, at.y)}, 16'667);
  stage.frame({viz::mouse_event(viz::InputKind::mouse_up, at.x, at.y)}, 16'667);
  stage.settle();
}

std::string write_file(const std::string& name, const std::string& bytes) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

std::size_t colors_in(const viz::Image& picture) {
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i + 3 < picture.rgba.size(); i += 4) {
    seen.insert(static_cast<std::uint32_t>(picture.rgba[i]) << 16 |
                static_cast<std::uint32_t>(picture.rgba[i + 1]) << 8 | picture.rgba[i + 2]);
  }
  return seen.size();
}

TEST(View, draws_a_packet_in_the_colour_of_its_flow_where_the_map_puts_it) {
  const auto stage = stage_with(first_run);
  ASSERT_TRUE(stage);
  stage->viewer().seek_interesting();
  stage->settle();
  const viz::Image picture = stage->surface().read_pixels();
  const auto& capsules = stage->viewer().panels().map().traffic().capsules;
  ASSERT_FALSE(capsules.empty());
  const viz::MapCapsule& capsule = capsules.back();
  const viz::Color color = viz::flow_color(capsule.look.flow);
  // Above the text there is only fill.
  const viz::Pixel pixel = picture.at(static_cast<int>(capsule.at.x), static_cast<int>(capsule.at.y) - 10);
  EXPECT_NEAR(pixel.r, viz::red_of(color), 3);
  EXPECT_NEAR(pixel.g, viz::green_of(color), 3);
  EXPECT_NEAR(pixel.b, viz::blue_of(color), 3);
}

TEST(View, draws_every_panel_in_both_themes_and_at_several_sizes) {
  struct Size {
    int width, height;
    float scale;
  };
  for (const Size size : {Size{1440, 900, 1}, Size{1280, 800, 1}, Size{1024, 768, 1}, Size{1920, 1200, 1.5F}}) {
    for (const bool dark : {true, false}) {
      const auto stage = stage_with(
          first_run, {size.width, size.height, size.scale, {.look = dark ? viz::Look::dark : viz::Look::light}});
      ASSERT_TRUE(stage);
      stage->viewer().seek_interesting();
      for (const viz::PanelName& panel : viz::panel_names) {
        stage->viewer().open_panel(panel.kind);
        stage->settle();
        EXPECT_GT(colors_in(stage->surface().read_pixels()), 60u) << panel.title;
      }
    }
  }
}

TEST(View, sends_a_capture_through_rules_that_are_dropped_on_it) {
  const auto stage = stage_with(source_dir + "/tests/captures/nat_inside.pcap");
  ASSERT_TRUE(stage);
  viz::InputEvent drop;
  drop.kind = viz::InputKind::file_drop;
  drop.text = source_dir + "/tests/data/rulesets/01-home-basic.nft";
  stage->frame({drop}, 16'667);
  stage->settle();
  EXPECT_FALSE(stage->viewer().errors_open());
  EXPECT_TRUE(stage->viewer().select_host_named("router")) << "there is one: " << stage->viewer().host_names();
}

TEST(View, presents_one_caption_after_the_other_with_the_arrow_keys) {
  const auto stage = stage_with(first_run, {1024, 768});
  ASSERT_TRUE(stage);
  press_and_settle(*stage, "F5");
  EXPECT_TRUE(stage->viewer().look().presenter);
  press_and_settle(*stage, "Right");
  EXPECT_TRUE(stage->viewer().playing()) << "it plays on to the next caption";
  press_and_settle(*stage, "Right");
  const Time second = stage->viewer().now();
  EXPECT_FALSE(stage->viewer().playing()) << "pressed again it is there at once";
  EXPECT_GT(second, Time{0});
  EXPECT_GT(colors_in(stage->surface().read_pixels()), 60u);
  press_and_settle(*stage, "Left");
  EXPECT_LT(stage->viewer().now(), second);
  press_and_settle(*stage, "Esc");
  EXPECT_FALSE(stage->viewer().look().presenter);
  EXPECT_TRUE(stage->viewer().has_document()) << "Escape left the mode, not the scenario";
}

TEST(View, presents_a_panel_that_needs_more_room_in_smaller_type) {
  const auto stage = stage_with(first_run, {1024, 768});
  ASSERT_TRUE(stage);
  press_and_settle(*stage, "F5");
  EXPECT_EQ(stage->viewer().look().presenter_scale, 2) << "the map";
  for (const char* panel : {"H", "R", "C", "T", "G", "K"}) {
    press_and_settle(*stage, panel);
    EXPECT_LT(stage->viewer().look().presenter_scale, 1.5F) << panel;
    EXPECT_GE(stage->viewer().look().presenter_scale, 1.4F) << panel;
  }
  press_and_settle(*stage, "M");
  EXPECT_EQ(stage->viewer().look().presenter_scale, 2) << "the map again";
}

TEST(View, shows_the_packet_that_the_caption_tells_of_and_what_became_of_it) {
  const auto stage = stage_with(source_dir + "/scenarios/firewall/stateful.yaml", {1024, 768});
  ASSERT_TRUE(stage);
  viz::Viewer& viewer = stage->viewer();
  for (const char* key : {"R", "F5", "Home"}) press_and_settle(*stage, key);
  const trace::Trace& trace = *viewer.document()->trace;
  const auto& captions = trace.tables().captions;
  ASSERT_GT(captions.size(), 3u);
  for (std::size_t i = 1; i <= 2; ++i) {
    press_and_settle(*stage, "Right");
    press_and_settle(*stage, "Right");
    EXPECT_GT(viewer.now(), captions[i].from) << "the rules have judged it";
    EXPECT_LT(viewer.now(), captions[i + 1].from);
    EXPECT_TRUE(viewer.selection().packet.valid()) << captions[i].title;
  }
}

TEST(View, runs_an_action_chosen_by_its_words) {
  const auto stage = stage_with(first_run);
  ASSERT_TRUE(stage);
  press_and_settle(*stage, "Ctrl+P");
  ASSERT_TRUE(stage->viewer().palette_open());
  viz::ScriptStep typed;
  typed.verb = viz::ScriptVerb::type;
  typed.text = "high contrast";
  ASSERT_TRUE(stage->play({typed}));
  press_and_settle(*stage, "Enter");
  EXPECT_FALSE(stage->viewer().palette_open());
  EXPECT_EQ(stage->viewer().look().look, viz::Look::light) << "the next look after dark";
  press_and_settle(*stage, "Ctrl+P");
  press_and_settle(*stage, "Escape");
  EXPECT_FALSE(stage->viewer().palette_open());
  EXPECT_TRUE(stage->viewer().has_document());
}

TEST(View, takes_a_new_key_from_the_sheet_of_keys) {
  const auto stage = stage_with(first_run);
  ASSERT_TRUE(stage);
  stage->viewer().keymap().bind(viz::Command::presenter, *viz::parse_chord("Ctrl+B"));
  press_and_settle(*stage, "F5");
  EXPECT_FALSE(stage->viewer().look().presenter);
  press_and_settle(*stage, "Ctrl+B");
  EXPECT_TRUE(stage->viewer().look().presenter);
}

TEST(View, steps_forward_and_back_over_the_same_instants) {
  const auto stage = stage_with(first_run);
  ASSERT_TRUE(stage);
  std::vector<Time> there;
  for (int i = 0; i < 12; ++i) {
    press_and_settle(*stage, "Right");
    there.push_back(stage->viewer().now());
  }
  EXPECT_TRUE(std::is_sorted(there.begin(), there.end()));
  EXPECT_GT(there.back(), Time{0});
  for (std::size_t i = there.size() - 1; i > 0; --i) {
    press_and_settle(*stage, "Left");
    EXPECT_EQ(stage->viewer().now(), there[i - 1]);
  }
  press_and_settle(*stage, "End");
  EXPECT_GE(stage->viewer().now(), Time{1'000'000'000});
  press_and_settle(*stage, "Home");
  EXPECT_EQ(stage->viewer().now(), Time{0});
}

TEST(View, plays_after_space_and_stops_after_the_next) {
  const auto stage = stage_with(first_run);
  ASSERT_TRUE(stage);
  press_and_settle(*stage, "Space");
  EXPECT_TRUE(stage->viewer().playing());
  for (int i = 0; i < 30; ++i) stage->frame({}, 50'000);
  const Time now = stage->viewer().now();
  EXPECT_GT(now, Time{0});
  press_and_settle(*stage, "Space");
  EXPECT_FALSE(stage->viewer().playing());
  const Time paused = stage->viewer().now();
  stage->frame({}, 1'000'000);
  EXPECT_EQ(stage->viewer().now(), paused);
}

TEST(View, needs_no_frames_when_nothing_moves) {
  const auto stage = stage_with(first_run);
  ASSERT_TRUE(stage);
  EXPECT_FALSE(stage->viewer().animating());
  EXPECT_FALSE(stage->surface().needs_frame());
}

// `view CAPTURE --nft RULESET`: the packets of the capture on a picture with a router between its two sides.
TEST(View, shows_a_capture_on_its_way_through_rules) {
  const std::string capture = source_dir + "/tests/captures/nat_inside.pcap";
  ThroughOptions through;
  through.ruleset = write_file("view_through.nft",
                               "table ip f {\n  chain forward {\n    type filter hook forward priority 0;\n"
                               "    iifname \"lan\" ip protocol icmp drop\n  }\n}\n");
  through.inside = {"10.0.1.0/24"};
  const auto stage = make_stage();
  ASSERT_TRUE(stage);
  ASSERT_TRUE(stage->show(capture, open_through({capture}, through)));
  stage->settle();
  EXPECT_EQ(stage->viewer().host_names(), "inside, router, outside");
  press_and_settle(*stage, "X");
  const auto& drops = stage->viewer().panels().map().traffic().drops;
  ASSERT_EQ(drops.size(), 1u);
  EXPECT_EQ(drops[0].title, "Dropped at router");
  EXPECT_NE(drops[0].reason.find("ip protocol icmp drop"), std::string::npos) << drops[0].reason;
  stage->viewer().open_panel(viz::PanelKind::rules);
  stage->settle();
  EXPECT_GT(colors_in(stage->surface().read_pixels()), 60u);
  through.inside = {};
  EXPECT_FALSE(stage->show(capture, open_through({capture}, through)));
}

TEST(View, jumps_to_the_next_drop_and_shows_it) {
  const auto stage = stage_with(first_run);
  ASSERT_TRUE(stage);
  press_and_settle(*stage, "X");
  EXPECT_TRUE(stage->viewer().selection().packet.valid());
  const auto& drops = stage->viewer().panels().map().traffic().drops;
  ASSERT_EQ(drops.size(), 1u);
  EXPECT_EQ(drops[0].title, "Refused by server");
  EXPECT_NE(drops[0].reason.find("nothing listens"), std::string::npos);
}

TEST(View, selects_the_packet_under_the_pointer_and_follows_it) {
  const auto stage = stage_with(first_run);
  ASSERT_TRUE(stage);
  stage->viewer().seek_interesting();
  stage->settle();
  const viz::MapCapsule capsule = stage->viewer().panels().map().traffic().capsules.back();
  click(*stage, capsule.at);
  EXPECT_EQ(stage->viewer().selection().packet, capsule.packet);
  press_and_settle(*stage, "F");
  press_and_settle(*stage, "Right");
  EXPECT_EQ(stage->viewer().selection().packet, capsule.packet);
  press_and_settle(*stage, "Escape");
  EXPECT_FALSE(stage->viewer().selection().packet.valid());
}

TEST(View, opens_panels_help_and_leaves_with_escape) {
  const auto stage = stage_with(first_run);
  ASSERT_TRUE(stage);
  for (const auto& [key, panel] : {std::pair{"T", viz::PanelKind::sockets}, std::pair{"L", viz::PanelKind::ladder},
                                   std::pair{"G", viz::PanelKind::tcp}, std::pair{"Enter", viz::PanelKind::host},
                                   std::pair{"Backspace", viz::PanelKind::map}, std::pair{"R", viz::PanelKind::rules},
                                   std::pair{"C", viz::PanelKind::conntrack}, std::pair{"8", viz::PanelKind::packet}}) {
    press_and_settle(*stage, key);
    EXPECT_EQ(stage->viewer().panel(), panel) << key;
  }
  press_and_settle(*stage, "?");
  EXPECT_TRUE(stage->viewer().help_open());
  press_and_settle(*stage, "T");
  EXPECT_EQ(stage->viewer().panel(), viz::PanelKind::packet) << "keys do not reach what lies below";
  press_and_settle(*stage, "Escape");
  EXPECT_FALSE(stage->viewer().help_open());
  press_and_settle(*stage, "Escape");
  EXPECT_EQ(stage->viewer().panel(), viz::PanelKind::map);
}

TEST(View, shows_the_faults_of_a_file_and_keeps_what_was_there) {
  const auto stage = stage_with(first_run);
  ASSERT_TRUE(stage);
  const std::string bad = write_file("bad.yaml", "fourtuple: 1\nhosts:\n  a: { interfases: 3 }\n");
  stage->frame({viz::text_event(viz::InputKind::file_drop, bad)}, 16'667);
  stage->settle();
  EXPECT_TRUE(stage->viewer().errors_open());
  EXPECT_TRUE(stage->viewer().has_document());
  press_and_settle(*stage, "Escape");
  EXPECT_FALSE(stage->viewer().errors_open());
  EXPECT_EQ(stage->viewer().title(), "Two programs and one web server");
}

TEST(View, survives_files_that_are_garbage_or_gone) {
  const auto stage = make_stage();
  ASSERT_TRUE(stage);
  std::string noise;
  for (std::uint32_t i = 0, x = 1; i < 5000; ++i, x = x * 1664525u + 1013904223u) noise += static_cast<char>(x >> 24);
  const std::string gone = write_file("gone.yaml", "fourtuple: 1\n");
  std::filesystem::remove(gone);
  for (const std::string& path : {gone, write_file("noise.pcap", noise), write_file("noise.yaml", noise),
                                  write_file("empty.pcap", ""), testing::TempDir()}) {
    stage->frame({viz::text_event(viz::InputKind::file_drop, path)}, 16'667);
    stage->settle();
    EXPECT_TRUE(stage->viewer().errors_open()) << path;
    press_and_settle(*stage, "Escape");
  }
}

TEST(View, draws_a_capture_that_was_cut_off_before_its_first_packet) {
  const auto stage = make_stage();
  ASSERT_TRUE(stage);
  stage->open(write_file("cut.pcapng", std::string("\x0a\x0d\x0d\x0a\xff\xff\xff\xff", 8)));
  for (const viz::PanelName& panel : viz::panel_names) {
    stage->viewer().open_panel(panel.kind);
    stage->settle();
  }
  for (const char* key : {"Right", "Left", "X", "F", "End", "Space"}) press_and_settle(*stage, key);
}

TEST(View, shows_captures_as_inferred) {
  for (const char* name : {"web.pcap", "lossy.pcapng", "ipv6.pcap", "icmp_errors.pcap"}) {
    const auto stage = stage_with(source_dir + "/tests/captures/" + name);
    ASSERT_TRUE(stage) << name;
    stage->viewer().seek_interesting();
    stage->settle();
    for (int i = 0; i < 6; ++i) press_and_settle(*stage, "Shift+Right");
    for (const viz::MapCapsule& capsule : stage->viewer().panels().map().traffic().capsules) {
      EXPECT_TRUE(capsule.inferred);
    }
  }
}

TEST(View, plays_the_gallery_and_opens_a_scenario_from_it) {
  const auto stage = make_stage();
  ASSERT_TRUE(stage);
  const auto entries = list_scenarios(source_dir + "/scenarios");
  ASSERT_FALSE(entries.empty());
  EXPECT_EQ(entries.front().title, "Two laptops behind one address");
  auto preview = open_document(entries.front().path);
  ASSERT_TRUE(preview);
  stage->viewer().set_preview(std::move(*preview));
  stage->viewer().set_gallery(entries);
  stage->settle();
  EXPECT_TRUE(stage->viewer().animating());
  for (int i = 0; i < 20; ++i) stage->frame({}, 50'000);
  EXPECT_GT(stage->viewer().now(), Time{0});
  EXPECT_GT(colors_in(stage->surface().read_pixels()), 60u);
  press_and_settle(*stage, "Enter");
  stage->settle();
  EXPECT_TRUE(stage->viewer().has_document());
}

TEST(View, plays_a_script_of_keys_and_takes_pictures) {
  const auto stage = stage_with(first_run);
  ASSERT_TRUE(stage);
  const std::string shot = testing::TempDir() + "scripted.png";
  auto steps = viz::parse_input_script(
      "key Space\nwait 1500 ms\nkey Space\nkey Right\nkey F5\nshot " + shot + "\nkey F5\n", "script");
  ASSERT_TRUE(steps) << steps.error().to_string();
  const auto done = stage->play(std::move(*steps));
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_GT(stage->viewer().now(), Time{0});
  const auto picture = viz::load_png(shot);
  ASSERT_TRUE(picture);
  EXPECT_GT(colors_in(*picture), 60u);
}

TEST(View, steps_one_packet_through_thirty_rules_and_back_by_keyboard) {
  const auto stage = stage_with(source_dir + "/scenarios/firewall/thirty_rules.yaml");
  ASSERT_TRUE(stage);
  press_and_settle(*stage, "R");
  press_and_settle(*stage, "Alt+Right");
  const PacketId syn = stage->viewer().selection().packet;
  ASSERT_TRUE(syn.valid());
  int rules = 1;
  for (; rules < 60; ++rules) {
    press_and_settle(*stage, "Alt+Right");
    if (stage->viewer().selection().packet != syn) break;
  }
  EXPECT_EQ(rules, 23);
  EXPECT_TRUE(stage->viewer().selection().packet.valid()) << "it goes on with the next packet";
  for (int i = 0; i < rules; ++i) {
    press_and_settle(*stage, "Alt+Left");
    EXPECT_EQ(stage->viewer().selection().packet, syn);
  }
  press_and_settle(*stage, "Alt+Left");
  EXPECT_EQ(stage->viewer().now(), Time{0});
  EXPECT_FALSE(stage->viewer().selection().packet.valid());
}

TEST(View, shows_the_packet_that_a_hook_holds_on_its_host) {
  const auto stage = stage_with(source_dir + "/scenarios/firewall/thirty_rules.yaml");
  ASSERT_TRUE(stage);
  press_and_settle(*stage, "Alt+Right");
  const auto& capsules = stage->viewer().panels().map().traffic().capsules;
  ASSERT_EQ(capsules.size(), 1u) << "not on the links before and behind it as well";
  const viz::Rect& gateway = stage->viewer().panels().map().geometry().hosts[3];
  EXPECT_TRUE(gateway.inset(0, -20).contains(capsules[0].at));
}

}  // namespace
}  // namespace fourtuple::app
