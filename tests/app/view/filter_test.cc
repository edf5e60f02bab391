// The filter of the window, by keys and by mouse.
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/view/stage.h"
#include "tests/app/support/places.h"

namespace fourtuple::app {
namespace {

using ::testing::HasSubstr;

class FilterByKeys : public ::testing::Test {
 protected:
  void open(const std::string& file) {
    auto surface = viz::make_offscreen_surface(1440, 900);
    ASSERT_TRUE(surface) << surface.error().to_string();
    auto stage = Stage::make(std::move(*surface), {});
    ASSERT_TRUE(stage) << stage.error().to_string();
    stage_ = std::move(*stage);
    ASSERT_TRUE(stage_->open(source_dir + "/" + file));
    stage_->settle();
  }
  void play(const std::string& script) {
    const auto steps = viz::parse_input_script(script, "test");
    ASSERT_TRUE(steps) << steps.error().to_string();
    ASSERT_TRUE(stage_->play(*steps));
    stage_->settle();
  }
  viz::Viewer& viewer() { return stage_->viewer(); }
  std::size_t matches() { return viewer().filter() == nullptr ? 0 : viewer().filter()->positions().size(); }

  std::unique_ptr<Stage> stage_;
};

TEST_F(FilterByKeys, applies_what_was_typed_and_is_taken_away_by_escape) {
  open("scenarios/first_run.yaml");
  play("key /\nwait 50 ms\ntype tcp port 80 and state:SYN-SENT\nwait 50 ms");
  EXPECT_EQ(viewer().filter_bar().text(), "tcp port 80 and state:SYN-SENT");
  EXPECT_EQ(viewer().filter_bar().error(), std::nullopt);
  EXPECT_EQ(viewer().filter(), nullptr) << "not before Enter";
  play("key Enter\nwait 50 ms");
  ASSERT_NE(viewer().filter(), nullptr);
  EXPECT_FALSE(viewer().filter_bar().typing());
  EXPECT_EQ(matches(), 4u) << "SYN and SYN ACK of two connections";
  EXPECT_EQ(viewer().panel(), viz::PanelKind::map);
  play("key m\nkey Escape");
  EXPECT_EQ(viewer().filter(), nullptr);
}

TEST_F(FilterByKeys, letters_typed_into_the_box_are_no_commands) {
  open("scenarios/first_run.yaml");
  play("key /\nkey h\nkey d\nkey Space");
  EXPECT_EQ(viewer().panel(), viz::PanelKind::map);
  EXPECT_EQ(viewer().look().look, viz::Look::dark);
  EXPECT_FALSE(viewer().playing());
  play("wait 50 ms\nkey Escape\nkey h");
  EXPECT_EQ(viewer().panel(), viz::PanelKind::host) << "Escape leaves the box";
}

TEST_F(FilterByKeys, completes_words_and_names_with_tab_and_goes_on_behind_them) {
  open("scenarios/first_run.yaml");
  play("key /\nwait 50 ms\ntype dropp\nwait 50 ms\nkey Tab\nwait 50 ms");
  EXPECT_EQ(viewer().filter_bar().text(), "dropped");
  play("type &&host:se\nwait 50 ms\nkey Tab\nwait 50 ms");
  EXPECT_EQ(viewer().filter_bar().text(), "dropped&&host:server");
  play("key Ctrl+A\ntype state:syn\nwait 50 ms\nkey Tab\nwait 50 ms\nkey Tab\nwait 50 ms");
  EXPECT_THAT(viewer().filter_bar().text(), HasSubstr("state:SYN-RECEIVED")) << "Tab again: the next one";
}

TEST_F(FilterByKeys, says_what_is_wrong_and_stays) {
  open("scenarios/first_run.yaml");
  play("key /\nwait 50 ms\ntype host:sevrer\nwait 50 ms\nkey Enter\nwait 100 ms");
  EXPECT_EQ(viewer().filter(), nullptr);
  EXPECT_TRUE(viewer().filter_bar().typing());
  ASSERT_TRUE(viewer().filter_bar().error());
  EXPECT_EQ(viewer().filter_bar().error()->suggestion, "host:server");
  play("type ,anna\nwait 50 ms");
  EXPECT_EQ(viewer().filter_bar().text(), "host:sevrer,anna") << "the caret stands behind the text";
}

TEST_F(FilterByKeys, remembers_the_filters_of_before) {
  open("scenarios/first_run.yaml");
  play("key /\nwait 50 ms\ntype dropped\nkey Enter\nwait 50 ms\nkey Ctrl+Shift+F");
  EXPECT_EQ(viewer().filter(), nullptr);
  play("key /\nwait 50 ms\ntype reset\nkey Enter\nwait 50 ms\nkey Ctrl+Shift+F\nkey /\nwait 50 ms");
  play("key Up\nwait 50 ms");
  EXPECT_EQ(viewer().filter_bar().text(), "reset");
  play("key Up\nwait 50 ms\nkey Up\nwait 50 ms");
  EXPECT_EQ(viewer().filter_bar().text(), "dropped");
  play("key Down\nkey Down\nwait 50 ms");
  EXPECT_EQ(viewer().filter_bar().text(), "");
}

TEST_F(FilterByKeys, leads_steps_to_packets_that_fit) {
  open("scenarios/first_run.yaml");
  play("key Shift+N");
  EXPECT_FALSE(viewer().selection().packet.valid()) << "there is no filter yet";
  ASSERT_TRUE(viewer().set_filter("reset or dropped"));
  stage_->settle();
  ASSERT_EQ(matches(), 2u);
  play("key Shift+N");
  const viz::Selection first = viewer().selection();
  ASSERT_TRUE(viewer().filter()->matches(first.packet));
  play("key Shift+N");
  EXPECT_TRUE(viewer().filter()->matches(viewer().selection().packet));
  EXPECT_NE(viewer().selection().packet, first.packet);
  play("key Shift+P");
  EXPECT_EQ(viewer().selection().packet, first.packet);
  play("key Ctrl+F");
  EXPECT_THAT(viewer().filter()->expression().text(), HasSubstr("flow:"));
  EXPECT_EQ(matches(), 2u) << "the refused connection";
}

TEST_F(FilterByKeys, is_set_and_cleared_with_the_mouse) {
  open("scenarios/first_run.yaml");
  ASSERT_TRUE(viewer().set_filter("dropped"));
  stage_->settle();
  ASSERT_NE(viewer().filter(), nullptr);
  const viz::Rect box = viewer().filter_bar().box();
  const auto click = [&](float x) {
    play("click " + std::to_string(static_cast<int>(x)) + " " + std::to_string(static_cast<int>(box.center().y)) +
         "\nwait 100 ms");
  };
  click(box.right() - 12);
  EXPECT_EQ(viewer().filter(), nullptr) << "the cross";
  click(viewer().filter_bar().box().center().x);
  EXPECT_TRUE(viewer().filter_bar().typing());
  const viz::Rect list = viewer().filter_bar().list();
  const viz::PanelKind panel = viewer().panel();
  play("type rese\nwait 50 ms");
  play("click " + std::to_string(static_cast<int>(list.x + 40)) + " " +
       std::to_string(static_cast<int>(viewer().filter_bar().list().bottom() - 18)) + "\nwait 100 ms");
  EXPECT_EQ(viewer().filter_bar().text(), "reset");
  EXPECT_TRUE(viewer().filter_bar().typing()) << "the list gives the caret back";
  EXPECT_EQ(viewer().panel(), panel);
  EXPECT_FALSE(viewer().selection().host.valid()) << "what lies below the list is not pressed";
  play("type ||again\nwait 50 ms\nkey Enter\nwait 50 ms");
  ASSERT_NE(viewer().filter(), nullptr);
  EXPECT_EQ(viewer().filter()->expression().text(), "reset||again");
}

TEST_F(FilterByKeys, sees_the_frames_of_a_capture) {
  open("tests/captures/web.pcap");
  ASSERT_TRUE(viewer().set_filter("tcp[tcpflags] & tcp-syn != 0 and tcp[tcpflags] & tcp-ack == 0"));
  stage_->settle();
  const std::size_t syns = matches();
  EXPECT_GT(syns, 0u);
  EXPECT_LT(syns, viewer().filter()->packets());
  ASSERT_TRUE(viewer().set_filter("not (tcp[tcpflags] & tcp-syn != 0 and tcp[tcpflags] & tcp-ack == 0)"));
  stage_->settle();
  EXPECT_EQ(matches() + syns, viewer().filter()->packets());
}

}  // namespace
}  // namespace fourtuple::app
