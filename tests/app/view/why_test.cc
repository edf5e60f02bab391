// Asking why and predicting, by keys alone and by mouse.
#include <gtest/gtest.h>

#include "app/view/stage.h"
#include "tests/app/support/places.h"
#include "viz/panels/why/why_panel.h"

namespace fourtuple::app {
namespace {

class WhyByKeys : public testing::Test {
 protected:
  void open(const std::string& file, Time at) {
    auto surface = viz::make_offscreen_surface(1280, 800);
    ASSERT_TRUE(surface);
    auto made = Stage::make(std::move(*surface), {1280, 800});
    ASSERT_TRUE(made);
    stage_ = std::move(*made);
    ASSERT_TRUE(stage_->open(scenarios + file));
    viewer().seek(at);
    stage_->settle();
  }
  void play(const std::string& script) {
    const auto steps = viz::parse_input_script(script, "test");
    ASSERT_TRUE(steps);
    ASSERT_TRUE(stage_->play(*steps));
    stage_->settle();
  }
  void play_until_asked() {
    for (int i = 0; i < 200 && viewer().quiz()->current() == nullptr; ++i) stage_->frame({}, 200'000);
    ASSERT_NE(viewer().quiz()->current(), nullptr);
  }
  viz::Viewer& viewer() { return stage_->viewer(); }
  const replay::CauseChain& chain() { return viewer().panels().why().chain(); }

  std::unique_ptr<Stage> stage_;
};

TEST_F(WhyByKeys, y_tells_why_and_enter_goes_to_the_cause) {
  open("first_run.yaml", Time{} + milliseconds(745));
  play("key Y");
  EXPECT_EQ(viewer().panel(), viz::PanelKind::why);
  EXPECT_EQ(chain().title, "Why was ben refused on port 3000?");
  EXPECT_EQ(chain().error, "ECONNREFUSED");
  ASSERT_GE(chain().causes.size(), 4u);
  EXPECT_FALSE(viewer().playing());
  const Time effect = viewer().now();
  play("key Enter");
  EXPECT_EQ(viewer().now(), chain().causes.back().at);
  EXPECT_LT(viewer().now(), effect);
  EXPECT_EQ(chain().title, "Why was ben refused on port 3000?") << "the chain stays while one walks along it";
  play("key Y");
  EXPECT_EQ(viewer().panel(), viz::PanelKind::map) << "asked again on the chain: back";
}

TEST_F(WhyByKeys, asks_about_the_chosen_packet_and_escape_leaves) {
  open("first_run.yaml", Time{} + milliseconds(600));
  play("key X\nkey Y");
  EXPECT_EQ(chain().title, "Why was this SYN dropped?");
  play("key Escape");
  EXPECT_EQ(viewer().panel(), viz::PanelKind::map);
}

TEST_F(WhyByKeys, up_and_down_walk_along_the_causes) {
  open("first_run.yaml", Time{} + milliseconds(745));
  play("key Y");
  play("key Down");
  EXPECT_EQ(viewer().panels().why().chosen(), 1u);
  EXPECT_EQ(viewer().now(), chain().causes[1].at);
  play("key Down\nkey Down");
  EXPECT_EQ(viewer().panels().why().chosen(), 3u);
  EXPECT_EQ(viewer().now(), chain().causes[3].at);
  play("key Up");
  EXPECT_EQ(viewer().panels().why().chosen(), 2u);
  EXPECT_EQ(chain().title, "Why was ben refused on port 3000?");
}

TEST_F(WhyByKeys, what_a_capture_was_asked_about_stands_out_at_once) {
  open("../tests/captures/resets.pcap", Time{} + milliseconds(13));
  play("key Y");
  ASSERT_GE(chain().causes.size(), 2u);
  EXPECT_NE(viewer().now(), chain().causes.front().at) << "the cursor stands behind it";
  play("key Down");
  EXPECT_EQ(viewer().panels().why().chosen(), 1u);
  EXPECT_EQ(viewer().now(), chain().causes[1].at);
}

TEST_F(WhyByKeys, moments_are_pressed_with_the_mouse) {
  open("first_run.yaml", Time{} + nanoseconds(744'061'440));
  play("key Y");
  const Time effect = viewer().now();
  // The third cause's words.
  play("click 800 290");
  EXPECT_LT(viewer().now(), effect);
  EXPECT_EQ(viewer().panel(), viz::PanelKind::why);
}

TEST_F(WhyByKeys, nothing_to_explain_is_said_at_the_start) {
  open("first_run.yaml", Time{0});
  play("key Home\nkey Y");
  EXPECT_EQ(viewer().panel(), viz::PanelKind::why);
}

class PredictByKeys : public WhyByKeys {};

TEST_F(PredictByKeys, stops_asks_and_grades) {
  open("tuple/lookup_order.yaml", Time{0});
  play("key Q\nkey Space");
  play_until_asked();
  EXPECT_FALSE(viewer().playing());
  const replay::Question question = *viewer().quiz()->current();
  EXPECT_LT(viewer().quiz()->asked(), 1u);
  const std::string key = "key " + std::to_string(question.right + 1);
  play(key);
  EXPECT_EQ(viewer().quiz()->asked(), 1u);
  EXPECT_EQ(viewer().quiz()->right(), 1u);
  EXPECT_EQ(viewer().panel(), viz::PanelKind::host) << "the X-ray shows the answer";
  EXPECT_EQ(viewer().selection().packet, question.packet);
  play("key Space");
  EXPECT_TRUE(viewer().playing());
  EXPECT_EQ(viewer().quiz()->current(), nullptr);
}

TEST_F(PredictByKeys, arrows_choose_and_enter_answers) {
  open("tuple/lookup_order.yaml", Time{0});
  play("key Q\nkey Space");
  play_until_asked();
  const std::size_t right = viewer().quiz()->current()->right;
  play("key Return");
  EXPECT_EQ(viewer().quiz()->asked(), 0u) << "nothing is chosen yet";
  for (std::size_t i = 0; i <= right; ++i) play("key Down");
  play("key Return");
  EXPECT_EQ(viewer().quiz()->right(), 1u);
  play("key Return");
  EXPECT_TRUE(viewer().playing());
}

TEST_F(PredictByKeys, asks_in_presenter_mode_too) {
  open("tuple/lookup_order.yaml", Time{0});
  play("key Q\nkey F5\nkey Space");
  play_until_asked();
  const replay::Question question = *viewer().quiz()->current();
  play("key " + std::to_string(question.right + 1));
  EXPECT_EQ(viewer().quiz()->right(), 1u);
}

TEST_F(PredictByKeys, a_wrong_answer_counts_and_numbers_choose_panels_again_afterwards) {
  open("firewall/rule_by_rule.yaml", Time{0});
  play("key Q\nkey Space");
  play_until_asked();
  const replay::Question question = *viewer().quiz()->current();
  play("key " + std::to_string((question.right + 1) % question.choices.size() + 1));
  EXPECT_EQ(viewer().quiz()->asked(), 1u);
  EXPECT_EQ(viewer().quiz()->right(), 0u);
  play("key Escape\nkey Q\nkey 3");
  EXPECT_FALSE(viewer().quiz()->on());
  EXPECT_EQ(viewer().panel(), viz::PanelKind::ladder);
}

}  // namespace
}  // namespace fourtuple::app
