// What the window says about files with little or odd content, and ways into it by mouse: read from the picture's
// words.
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/view/stage.h"
#include "tests/app/support/keys.h"
#include "tests/app/support/places.h"
#include "viz/kit/svg_tape.h"

namespace fourtuple::app {
namespace {

using testing::HasSubstr;
using testing::Not;

class PanelsInTheWindow : public testing::Test {
 protected:
  void open(const std::string& path) {
    auto surface = viz::make_offscreen_surface(1280, 800);
    ASSERT_TRUE(surface);
    StageOptions options;
    options.width = 1280;
    options.height = 800;
    auto made = Stage::make(std::move(*surface), options);
    ASSERT_TRUE(made);
    stage_ = std::move(*made);
    ASSERT_TRUE(stage_->open(path));
    stage_->settle();
  }
  void key(const std::string& chord) {
    press(*stage_, chord);
    stage_->settle();
  }
  void click(viz::Vec2 at) {
    for (const auto kind : {viz::InputKind::mouse_move, viz::InputKind::mouse_down, viz::InputKind::mouse_up})
      stage_->frame({viz::mouse_event(kind, at.x, at.y)}, 16'667);
    stage_->settle();
  }
  // The picture with its words as text.
  std::string picture() {
    viz::SvgTape tape(1280, 800, stage_->colors().background, "test");
    stage_->record(&tape);
    stage_->frame({}, 0);
    stage_->record(nullptr);
    return tape.document();
  }
  viz::Viewer& viewer() { return stage_->viewer(); }

  std::unique_ptr<Stage> stage_;
};

TEST_F(PanelsInTheWindow, say_that_a_capture_is_valid_and_without_packets_and_what_to_do) {
  open(source_dir + "/tests/captures/empty.pcap");
  for (const viz::PanelKind panel : {viz::PanelKind::map, viz::PanelKind::ladder, viz::PanelKind::host}) {
    viewer().open_panel(panel);
    EXPECT_THAT(picture(), HasSubstr("A valid capture without packets"));
    EXPECT_THAT(picture(), HasSubstr("tcpdump -i any -w talk.pcap"));
    EXPECT_THAT(picture(), Not(HasSubstr("0.000000001"))) << "an axis without time has no scale";
  }
  open(source_dir + "/tests/captures/web.pcap");
  EXPECT_THAT(picture(), Not(HasSubstr("without packets")));
}

TEST_F(PanelsInTheWindow, go_to_another_host_from_the_head_of_the_x_ray) {
  open(scenarios + "two_laptops.yaml");
  ASSERT_TRUE(viewer().select_host_named("web-server"));
  key("h");
  click({80, 78});
  EXPECT_EQ(viewer().selection().host, HostId{0});
  EXPECT_THAT(picture(), HasSubstr("no program has a socket open"));
}

TEST_F(PanelsInTheWindow, list_the_skipped_lines_of_a_script) {
  const std::string script = testing::TempDir() + "skipped_lines.pkt";
  std::ofstream(script) << "0   socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
                           "+0    `ip tcp_metrics flush all`\n"
                           "+0    bind(3, ..., ...) = 0\n"
                           "+0    `sleep 1`\n"
                           "+0    listen(3, 1) = 0\n";
  open(script);
  key("Ctrl+N");
  ASSERT_TRUE(viewer().notes_open());
  EXPECT_THAT(picture(), HasSubstr("line 2"));
  EXPECT_THAT(picture(), HasSubstr("line 4"));
  key("Escape");
  EXPECT_FALSE(viewer().notes_open());
}

}  // namespace
}  // namespace fourtuple::app
