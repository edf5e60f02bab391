// The frame around the panels: the home page by keyboard, the end of a lesson, what a caption says to press, messages
// that cover nothing, bookmarks that stay.
#include <filesystem>
#include <gtest/gtest.h>

#include "app/view/documents.h"
#include "app/view/gallery_list.h"
#include "app/view/layout_file.h"
#include "app/view/stage.h"
#include "tests/app/support/keys.h"
#include "tests/app/support/places.h"

namespace fourtuple::app {
namespace {

std::unique_ptr<Stage> window_of(const StageOptions& options) {
  auto surface = viz::make_offscreen_surface(options.width, options.height);
  if (!surface) return nullptr;
  auto stage = Stage::make(std::move(*surface), options);
  return stage ? std::move(*stage) : nullptr;
}

std::unique_ptr<Stage> home_page(int width, int height) {
  auto stage = window_of({width, height});
  if (!stage) return nullptr;
  stage->viewer().set_gallery(list_scenarios(source_dir + "/scenarios"));
  stage->settle();
  return stage;
}

void press_each(Stage& stage, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    press(stage, key);
    stage.settle();
  }
}

void type_text(Stage& stage, const std::string& text) {
  stage.frame({viz::text_event(viz::InputKind::text, text)}, 16'667);
  stage.settle();
}

void click_at(Stage& stage, float x, float y) {
  for (const auto kind : {viz::InputKind::mouse_move, viz::InputKind::mouse_down, viz::InputKind::mouse_up})
    stage.frame({viz::mouse_event(kind, x, y)}, 16'667);
  stage.settle();
}

TEST(HomeByKeys, arrow_keys_go_where_the_eye_sees_the_next_thing) {
  for (const auto& [width, height] : {std::pair{1024, 768}, std::pair{1920, 1080}}) {
    const auto stage = home_page(width, height);
    ASSERT_TRUE(stage);
    press_each(*stage, {"Down", "Enter"});
    EXPECT_TRUE(stage->viewer().open_dialog_open()) << "the first of the large choices";
    press_each(*stage, {"Esc", "Down", "Down", "Down"});
    EXPECT_FALSE(stage->viewer().has_document());
    // The topics lie between the choices and the cards.
    press_each(*stage, {"Down", "Down", "Enter"});
    EXPECT_TRUE(stage->viewer().has_document()) << width;
  }
}

TEST(HomeByKeys, every_card_is_reached_and_left_again) {
  const auto stage = home_page(1024, 768);
  ASSERT_TRUE(stage);
  press_each(*stage, {"Down", "Down", "Down", "Down", "Down"});
  for (int i = 0; i < 60; ++i) press(*stage, "Down");
  stage->settle();
  for (int i = 0; i < 80; ++i) press(*stage, "Up");
  stage->settle();
  // Above everything stands the top bar.
  press_each(*stage, {"Right", "Right", "Right", "Right", "Right", "Enter"});
  EXPECT_TRUE(stage->viewer().help_open());
}

TEST(HomeByKeys, what_is_searched_for_opens_with_enter) {
  const auto stage = home_page(1024, 768);
  ASSERT_TRUE(stage);
  press_each(*stage, {"/"});
  type_text(*stage, "hairpin");
  press_each(*stage, {"Enter"});
  ASSERT_TRUE(stage->viewer().has_document());
  EXPECT_TRUE(stage->viewer().path().ends_with("/nat/hairpin.yaml")) << stage->viewer().path();
}

TEST(HomeByKeys, files_opened_lately_are_found_by_searching) {
  const auto stage = home_page(1280, 800);
  ASSERT_TRUE(stage);
  const std::string capture = source_dir + "/tests/captures/web.pcap";
  stage->viewer().set_recent({capture});
  press_each(*stage, {"/"});
  type_text(*stage, "tests/captures/web.pcap");
  press_each(*stage, {"Down", "Enter"});
  EXPECT_EQ(stage->viewer().path(), capture);
}

TEST(HomeByKeys, escape_goes_home_and_back_to_the_same_moment) {
  const auto stage = home_page(1024, 768);
  ASSERT_TRUE(stage);
  ASSERT_TRUE(stage->open(first_run));
  stage->viewer().seek(Time{} + milliseconds(300));
  press_each(*stage, {"Esc"});
  EXPECT_FALSE(stage->viewer().has_document());
  press_each(*stage, {"Esc"});
  ASSERT_TRUE(stage->viewer().has_document());
  EXPECT_EQ(stage->viewer().now(), Time{} + milliseconds(300));
  EXPECT_FALSE(stage->viewer().title().empty());
}

TEST(HomeByKeys, home_asks_for_its_network_when_it_has_none) {
  const auto stage = home_page(1024, 768);
  ASSERT_TRUE(stage);
  int asked = 0;
  stage->set_gallery_lister([&](bool) { ++asked; });
  ASSERT_TRUE(stage->open(first_run));
  press_each(*stage, {"Esc"});
  EXPECT_EQ(asked, 1);
}

TEST(DialogsByKeys, keep_the_caret_when_enter_finds_nothing) {
  const auto stage = home_page(1024, 768);
  ASSERT_TRUE(stage);
  press_each(*stage, {"Ctrl+P"});
  type_text(*stage, "no such action");
  press_each(*stage, {"Enter"});
  ASSERT_TRUE(stage->viewer().palette_open());
  press_each(*stage, {"Esc", "Ctrl+O"});
  type_text(*stage, "nothing.pcap");
  press_each(*stage, {"Enter"});
  ASSERT_TRUE(stage->viewer().open_dialog_open());
  type_text(*stage, "/");
  press_each(*stage, {"Enter"});
  EXPECT_TRUE(stage->viewer().open_dialog_open()) << "what is typed on goes into the same field";
  press_each(*stage, {"Esc", "Ctrl+O"});
  type_text(*stage, source_dir + "/tests/captures/we");
  press_each(*stage, {"Enter"});
  EXPECT_EQ(stage->viewer().path(), source_dir + "/tests/captures/web.pcap") << "the one file that begins so";
}

TEST(DialogsByKeys, one_page_stands_above_the_other) {
  const auto stage = home_page(1024, 768);
  ASSERT_TRUE(stage);
  EXPECT_FALSE(stage->open("/no/such/file.pcap"));
  press_each(*stage, {"?"});
  EXPECT_TRUE(stage->viewer().help_open());
  press_each(*stage, {"PageDown", "Tab", "Esc"});
  EXPECT_FALSE(stage->viewer().help_open()) << "one key leaves it, wherever the focus is";
  EXPECT_TRUE(stage->viewer().errors_open());
  press_each(*stage, {"Esc"});
  EXPECT_FALSE(stage->viewer().errors_open());
}

std::unique_ptr<Stage> lesson_at_its_end() {
  auto stage = home_page(1280, 800);
  if (!stage || !stage->open(first_run)) return nullptr;
  press_each(*stage, {"End"});
  return stage;
}

// Where the first button of the story stands in a window of 1280 x 800.
constexpr float story_button_x = 70, story_button_y = 570;

TEST(Story, leads_on_to_the_next_lesson) {
  const auto stage = lesson_at_its_end();
  ASSERT_TRUE(stage);
  const auto entries = list_scenarios(source_dir + "/scenarios");
  click_at(*stage, story_button_x, story_button_y);
  EXPECT_NE(stage->viewer().path(), first_run);
  const auto next =
      std::find_if(entries.begin(), entries.end(), [](const auto& entry) { return entry.topic == "firewall"; });
  ASSERT_NE(next, entries.end());
  EXPECT_EQ(stage->viewer().path(), next->path) << "captures are no lessons";
}

TEST(Story, plays_its_last_step_to_the_end_of_the_run) {
  const auto stage = lesson_at_its_end();
  ASSERT_TRUE(stage);
  const Time end = stage->viewer().now();
  press_each(*stage, {"Home", "X"});  // in the middle of the last step
  click_at(*stage, story_button_x, story_button_y);
  EXPECT_TRUE(stage->viewer().playing());
  click_at(*stage, story_button_x, story_button_y);
  EXPECT_EQ(stage->viewer().now(), end) << "pressed again it is there at once";
  EXPECT_EQ(stage->viewer().path(), first_run);
}

TEST(Message, covers_nothing_of_the_picture) {
  const auto stage = window_of({1024, 768});
  ASSERT_TRUE(stage);
  ASSERT_TRUE(stage->open(first_run));
  press_each(*stage, {"X", "Y"});
  stage->viewer().say("something to be told");
  stage->settle();
  const viz::Image with = stage->surface().read_pixels();
  stage->viewer().age_message(10'000'000);
  stage->settle();
  const viz::Image without = stage->surface().read_pixels();
  int changed_above = 0, changed = 0;
  for (int y = 0; y < with.height; ++y) {
    for (int x = 0; x < with.width; ++x) {
      const bool differs = with.at(x, y) != without.at(x, y);
      changed += differs ? 1 : 0;
      changed_above += differs && y < with.height - 28 ? 1 : 0;
    }
  }
  EXPECT_EQ(changed_above, 0);
  EXPECT_GT(changed, 200);
}

TEST(Bookmarks, stay_with_the_names_they_are_given) {
  const std::string path = testing::TempDir() + "bookmarked.yaml";
  std::filesystem::copy_file(first_run, path, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove(layout_path(path));
  {
    const auto stage = window_of({.remember = true});
    ASSERT_TRUE(stage && stage->open(path));
    press_each(*stage, {"X", "Shift+B"});
    // The field begins with what happened, as a name to be replaced.
    press_each(*stage, {"Ctrl+A"});
    type_text(*stage, "refused");
    press_each(*stage, {"Enter"});
    press_each(*stage, {"Home", "B"});
    ASSERT_EQ(stage->viewer().bookmarks()->marks.size(), 2u);
  }
  const auto kept = read_layout(path);
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->bookmarks.size(), 2u);
  EXPECT_EQ(kept->bookmarks[1].name, "refused");
  const auto stage = window_of({.remember = true});
  ASSERT_TRUE(stage && stage->open(path));
  ASSERT_EQ(stage->viewer().bookmarks()->marks, kept->bookmarks);
  press_each(*stage, {"B", "PageDown", "B"});
  EXPECT_FALSE(std::filesystem::exists(layout_path(path))) << "none is left";
}

}  // namespace
}  // namespace fourtuple::app
