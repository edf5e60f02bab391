// What the window writes: pictures of several kinds and packets, under names of their own.
#include "app/view/save.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "app/view/documents.h"
#include "tests/app/support/keys.h"
#include "tests/app/support/places.h"

namespace fourtuple::app {
namespace {

namespace fs = std::filesystem;

class Saving : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "saving-" + testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    StageOptions options;
    options.width = 800;
    options.height = 600;
    auto surface = viz::make_offscreen_surface(options.width, options.height);
    ASSERT_TRUE(surface) << surface.error().to_string();
    auto stage = Stage::make(std::move(*surface), options);
    ASSERT_TRUE(stage) << stage.error().to_string();
    stage_ = std::move(*stage);
    stage_->save_into(folder_);
    ASSERT_TRUE(stage_->open(first_run));
    stage_->viewer().seek(Time{300'000'000});
    stage_->settle();
  }

  void press(const std::string& chord) {
    app::press(*stage_, chord);
    stage_->frame({}, 16'667);
  }

  std::string text_of(const std::string& name) const {
    std::ifstream in(fs::path(folder_) / name, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

  std::string folder_;
  std::unique_ptr<Stage> stage_;
};

TEST_F(Saving, names_a_picture_by_scenario_panel_and_time_and_never_replaces_one) {
  press("Ctrl+S");
  press("Ctrl+S");
  for (const char* name : {"first_run-map-0.300s.png", "first_run-map-0.300s-2.png"}) {
    const auto picture = viz::load_png((fs::path(folder_) / name).string());
    ASSERT_TRUE(picture) << name;
    EXPECT_EQ(picture->width, 800);
    EXPECT_EQ(picture->height, 600);
  }
}

TEST_F(Saving, writes_the_panel_as_svg_and_leaves_the_window_as_it_was) {
  stage_->viewer().open_panel(viz::PanelKind::ladder);
  stage_->settle();
  const viz::Image before = stage_->surface().read_pixels();
  press("Ctrl+Shift+P");
  const std::string svg = text_of("first_run-ladder-0.300s.svg");
  EXPECT_NE(svg.find("viewBox=\"0 0 800 600\""), std::string::npos);
  EXPECT_NE(svg.find(">server</text>"), std::string::npos);
  stage_->viewer().age_message(60'000'000);
  stage_->settle();
  EXPECT_EQ(viz::compare(before, stage_->surface().read_pixels()).pixels, 0);
}

TEST_F(Saving, writes_the_whole_ladder_from_any_panel) {
  press("Ctrl+Shift+L");
  const std::string svg = text_of("first_run-whole-ladder.svg");
  EXPECT_NE(svg.find(">SYN ACK</text>"), std::string::npos);
  EXPECT_NE(svg.find("FIN"), std::string::npos);
  EXPECT_EQ(stage_->viewer().panel(), viz::PanelKind::map);
}

TEST_F(Saving, writes_what_was_just_played_as_gif_and_stays_at_its_time) {
  const Time now = stage_->viewer().now();
  press("Ctrl+Shift+G");
  EXPECT_EQ(text_of("first_run-map-0.300s.gif").substr(0, 6), "GIF89a");
  EXPECT_EQ(stage_->viewer().now(), now);
}

TEST_F(Saving, writes_a_capture_for_each_interface_into_a_new_folder) {
  press("Ctrl+Shift+E");
  press("Ctrl+Shift+E");
  for (const char* name : {"first_run-packets", "first_run-packets-2"}) {
    EXPECT_TRUE(fs::exists(fs::path(folder_) / name / "router-wan.pcapng")) << name;
  }
  const std::string bytes = text_of("first_run-packets/server-eth0.pcapng");
  EXPECT_NE(bytes.find("to process httpd (pid 812)"), std::string::npos);
}

TEST_F(Saving, says_why_it_cannot) {
  stage_->save_into("/no/such/folder");
  press("Ctrl+Shift+L");
  EXPECT_TRUE(fs::is_empty(folder_));
  EXPECT_GT(stage_->viewer().message_left_s(), 0);
  const auto saved = save(*stage_, viz::SaveKind::picture, "/no/such/folder");
  ASSERT_FALSE(saved);
  EXPECT_NE(saved.error().to_string().find("/no/such/folder/first_run-map-0.300s.png"), std::string::npos);
}

}  // namespace
}  // namespace fourtuple::app
