// What if, in the window: the lesson with the rule that drops, by keyboard and by mouse; and a file that changes while
// it is on show.
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/view/documents.h"
#include "app/view/stage.h"
#include "tests/app/support/keys.h"
#include "tests/app/support/places.h"
#include "tests/support/temporary_folder.h"
#include "viz/fork/choices.h"

namespace fourtuple::app {
namespace {

using testing::HasSubstr;

const std::string lesson = source_dir + "/scenarios/firewall/drop_reject_reset.yaml";

class WhatIfInTheWindow : public testing::Test {
 protected:
  void SetUp() override {
    auto surface = viz::make_offscreen_surface(1440, 900);
    ASSERT_TRUE(surface);
    StageOptions options;
    auto stage = Stage::make(std::move(*surface), options);
    ASSERT_TRUE(stage);
    stage_ = std::move(*stage);
  }
  void open(const std::string& path) {
    ASSERT_TRUE(stage_->open(path));
    stage_->settle();
  }
  viz::Viewer& viewer() { return stage_->viewer(); }
  void press(const std::string& chord) {
    app::press(*stage_, chord);
    stage_->settle();
  }
  void type(const std::string& text) {
    stage_->frame({viz::text_event(viz::InputKind::text, text)}, 16'667);
    stage_->settle();
  }
  void click(float x, float y) {
    stage_->frame({viz::mouse_event(viz::InputKind::mouse_move, x, y)}, 16'667);
    stage_->frame({viz::mouse_event(viz::InputKind::mouse_down, x, y)}, 16'667);
    stage_->frame({viz::mouse_event(viz::InputKind::mouse_up, x, y)}, 16'667);
    stage_->settle();
  }
  // Frames until the changed run is there.
  void wait() {
    for (int i = 0; i < 2000 && !viewer().comparing() && viewer().what_if_error().empty(); ++i)
      stage_->frame({}, 16'667);
    stage_->settle();
  }

  // What if, in words, up to both runs or what is wrong with them.
  void ask(const std::string& change) {
    press("E");
    type(change);
    press("Enter");
    wait();
  }

  std::unique_ptr<Stage> stage_;
};

TEST_F(WhatIfInTheWindow, removes_the_rule_that_dropped_the_packet_by_keyboard_alone) {
  open(lesson);
  for (int drop = 0; drop < 4; ++drop) press("X");
  press("E");
  ASSERT_TRUE(viewer().asking_what_if());
  press("Enter");
  wait();
  ASSERT_TRUE(viewer().comparing());
  ASSERT_TRUE(viewer().first_difference());
  EXPECT_EQ(viewer().first_difference()->time.ns, 1'020'023'680);
  EXPECT_EQ(viewer().now().ns, 1'020'023'680);
  EXPECT_THAT(viewer().first_difference()->a, HasSubstr("dropped by a rule"));
  EXPECT_THAT(viewer().first_difference()->b, HasSubstr("delivered to httpd"));
  press("End");
  EXPECT_EQ(viewer().now().ns, 140'000'000'000);
  EXPECT_TRUE(viewer().comparing());
  press("Escape");
  EXPECT_FALSE(viewer().comparing());
}

TEST_F(WhatIfInTheWindow, removes_a_rule_by_mouse_alone) {
  open(lesson);
  viewer().seek(Time{milliseconds(500).ns});
  stage_->settle();
  click(237, 742);  // the fork beside the step buttons
  ASSERT_TRUE(viewer().asking_what_if());
  click(600, 378);  // the fourth choice: remove rule 4
  wait();
  ASSERT_TRUE(viewer().comparing());
  EXPECT_EQ(viewer().first_difference()->time.ns, 1'020'023'680);
  click(712, 388);  // the box of the first difference
  EXPECT_EQ(viewer().now().ns, 1'020'023'680);
  click(1364, 76);  // Close
  EXPECT_FALSE(viewer().comparing());
}

TEST_F(WhatIfInTheWindow, runs_a_change_in_words_and_tells_what_is_wrong_with_it) {
  open(lesson);
  viewer().seek(Time{milliseconds(500).ns});
  ask("server: remove rule 9 of inet filter input");
  EXPECT_FALSE(viewer().comparing());
  EXPECT_THAT(viewer().what_if_error(), HasSubstr("expected a rule from 1 to 4"));
  press("Escape");
  EXPECT_FALSE(viewer().asking_what_if());
  ask("internet: delay 5 ms");
  EXPECT_TRUE(viewer().comparing());
}

TEST_F(WhatIfInTheWindow, keeps_the_keyboard_in_its_field_behind_an_error) {
  open(lesson);
  viewer().seek(Time{milliseconds(500).ns});
  ask("server: replace rule 1 of inet filter input: tcp dport 22 accepq");
  EXPECT_THAT(viewer().what_if_error(), HasSubstr("unknown word 'accepq'"));
  type("z");  // typed text takes the error away
  EXPECT_EQ(viewer().what_if_error(), "");
  press("Backspace");
  press("Backspace");
  type("t");
  press("Enter");
  wait();
  EXPECT_TRUE(viewer().comparing()) << viewer().what_if_error();
}

TEST_F(WhatIfInTheWindow, says_that_words_are_neither_a_choice_nor_a_change) {
  open(lesson);
  viewer().seek(Time{milliseconds(500).ns});
  press("E");
  type("blah");
  press("Enter");
  EXPECT_THAT(viewer().what_if_error(), HasSubstr("Nothing of this moment has 'blah' in it"));
  EXPECT_THAT(viewer().what_if_error(), HasSubstr(": kill ")) << "an example of this scenario";
}

TEST_F(WhatIfInTheWindow, sets_the_comparison_aside_for_another_panel_and_brings_it_back) {
  open(lesson);
  viewer().seek(Time{milliseconds(500).ns});
  ask("server: flush rules");
  ASSERT_TRUE(viewer().comparing());
  for (const char* key : {"M", "L"}) {
    press(key);
    EXPECT_FALSE(viewer().comparing());
    EXPECT_GE(viewer().message_left_s(), 0);
    press("End");
    const Time end = viewer().now();
    press("E");
    EXPECT_TRUE(viewer().comparing()) << key;
    EXPECT_EQ(viewer().now(), end);
  }
  EXPECT_EQ(viewer().panel(), viz::PanelKind::ladder);
  press("Escape");
  EXPECT_FALSE(viewer().comparing());
  press("E");
  EXPECT_TRUE(viewer().asking_what_if()) << "what was closed does not come back";
}

TEST_F(WhatIfInTheWindow, outlives_a_visit_home) {
  open(lesson);
  viewer().seek(Time{milliseconds(500).ns});
  ask("server: flush rules");
  ASSERT_TRUE(viewer().comparing());
  stage_->set_gallery_lister([this](bool) { viewer().set_gallery({{"lesson", lesson, "firewall"}}); });
  for (const char* key : {"Ctrl+G", "Space", "Right", "E", "M", "Escape"}) press(key);
  if (!viewer().has_document()) press("Escape");  // M is the first large choice there
  ASSERT_TRUE(viewer().has_document());
  EXPECT_FALSE(viewer().comparing());
  press("E");
  EXPECT_TRUE(viewer().comparing());
}

TEST_F(WhatIfInTheWindow, keeps_the_changed_run_when_asked) {
  open(lesson);
  viewer().seek(Time{milliseconds(500).ns});
  ask("server: flush rules");
  ASSERT_TRUE(viewer().comparing());
  viewer().keep_changed_run();
  stage_->settle();
  EXPECT_FALSE(viewer().comparing());
  EXPECT_THAT(viewer().title(), HasSubstr(", changed"));
  // It can be changed further, and is compared with itself then.
  ask("server: kill httpd");
  ASSERT_TRUE(viewer().comparing());
  EXPECT_THAT(viewer().first_difference()->b, HasSubstr("httpd"));
}

TEST_F(WhatIfInTheWindow, says_why_a_capture_cannot_be_run_again) {
  open(source_dir + "/tests/captures/nat_inside.pcap");
  press("E");
  EXPECT_FALSE(viewer().asking_what_if());
  EXPECT_GE(viewer().message_left_s(), 0);
}

class FileOnShow : public WhatIfInTheWindow {
 protected:
  void write(const std::string& text) { std::ofstream(folder_.file("s.yaml"), std::ios::binary) << text; }
  static std::string scenario(const std::string& delay) {
    return "fourtuple: 1\nseed: 1\nuntil: 2 s\nnetworks: { wan: { delay: " + delay +
           " } }\nhosts:\n"
           "  anna:\n    interfaces: { eth0: { network: wan, address: 10.0.0.1/24 } }\n"
           "    processes: { browser: { user: anna } }\n"
           "  server:\n    interfaces: { eth0: { network: wan, address: 10.0.0.2/24 } }\n"
           "    processes: { httpd: { user: root, listen: \"tcp 0.0.0.0:80\", program: http } }\n"
           "timeline:\n  - { at: 100 ms, process: anna/browser, connect: \"server:80\", from: 50432, as: a }\n";
  }
  // Half a second of looking at the files.
  bool looked() {
    bool changed = false;
    for (int i = 0; i < 10; ++i) changed = stage_->look_at_files(now_us_ += 50'000) || changed;
    stage_->settle();
    return changed;
  }
  TemporaryFolder folder_;
  std::int64_t now_us_ = 0;
};

TEST_F(FileOnShow, is_run_again_and_time_and_choice_stay) {
  write(scenario("10 ms"));
  open(folder_.file("s.yaml"));
  viewer().seek(Time{milliseconds(150).ns});
  ASSERT_TRUE(viewer().select_host_named("server"));
  viewer().open_panel(viz::PanelKind::host);
  EXPECT_FALSE(looked());
  write(scenario("200 ms"));
  EXPECT_TRUE(looked());
  EXPECT_EQ(viewer().now().ns, milliseconds(150).ns);
  EXPECT_EQ(viewer().selection().host.value, 1u);
  EXPECT_EQ(viewer().panel(), viz::PanelKind::host);
  EXPECT_TRUE(viewer().reload_errors().empty());
}

TEST_F(FileOnShow, keeps_the_last_good_version_while_the_file_has_faults) {
  write(scenario("10 ms"));
  open(folder_.file("s.yaml"));
  viewer().seek(Time{milliseconds(150).ns});
  write(scenario("often"));
  EXPECT_TRUE(looked());
  ASSERT_EQ(viewer().reload_errors().size(), 1u);
  EXPECT_EQ(viewer().reload_errors().front().where.line, 4);
  EXPECT_FALSE(viewer().errors_open());
  EXPECT_EQ(viewer().now().ns, milliseconds(150).ns);
  press("Left");
  EXPECT_LT(viewer().now().ns, milliseconds(150).ns);
  write(scenario("20 ms"));
  EXPECT_TRUE(looked());
  EXPECT_TRUE(viewer().reload_errors().empty());
}

TEST_F(FileOnShow, may_vanish) {
  write(scenario("10 ms"));
  open(folder_.file("s.yaml"));
  std::filesystem::remove(folder_.file("s.yaml"));
  EXPECT_FALSE(looked());
  looked();
  EXPECT_TRUE(looked() || !viewer().reload_errors().empty());
  EXPECT_TRUE(viewer().has_document());
}

}  // namespace
}  // namespace fourtuple::app
