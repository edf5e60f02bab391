#include "viz/kit/controls.h"

#include <gtest/gtest.h>

#include "viz/kit/list.h"
#include "viz/kit/panel.h"
#include "viz/surface/input_script.h"
#include "viz/surface/surface.h"

namespace fourtuple::viz {
namespace {

// Plays a script into one drawing function, frame by frame.
class Controls : public testing::Test {
 protected:
  void SetUp() override {
    auto made = make_offscreen_surface(400, 200);
    ASSERT_TRUE(made.has_value());
    surface_ = std::move(*made);
    ASSERT_TRUE(theme_.apply(*surface_, {}).has_value());
  }
  template <class Draw>
  void play(const char* script, Draw draw) {
    frame({}, draw);
    ScriptPlayer player(*parse_input_script(script, "test"));
    while (!player.finished()) frame(player.next().events, draw);
    frame({}, draw);
  }
  template <class Draw>
  void frame(const InputEvents& events, Draw draw) {
    for (const InputEvent& event : events) focus_.handle(event);
    surface_->begin_frame(events);
    {
      RootPanel root(theme_, focus_);
      draw(root.ui());
    }
    surface_->end_frame();
  }
  std::unique_ptr<Surface> surface_;
  Theme theme_;
  Focus focus_;
};

TEST_F(Controls, a_button_answers_the_mouse_and_the_keyboard) {
  int pressed = 0;
  const auto draw = [&](const Ui& ui) {
    button(ui, "other", {200, 20, 100, 32}, {"Other"});
    if (button(ui, "go", {20, 20, 100, 32}, {"Go", "G"})) ++pressed;
  };
  play("click 60 36", draw);
  EXPECT_EQ(pressed, 1);
  play("click 60 100", draw);
  EXPECT_EQ(pressed, 1);
  play("key Tab\nkey Tab\nkey Enter", draw);
  EXPECT_EQ(pressed, 2);
  play("key Esc\nkey Enter", draw);
  EXPECT_EQ(pressed, 2);
}

TEST_F(Controls, a_disabled_button_stays_quiet) {
  int pressed = 0;
  play("click 60 36\nkey Tab\nkey Enter", [&](const Ui& ui) {
    if (button(ui, "go", {20, 20, 100, 32}, {"Go", "", ButtonLook::normal, false})) ++pressed;
  });
  EXPECT_EQ(pressed, 0);
}

TEST_F(Controls, a_slider_follows_drags_and_arrow_keys) {
  float value = 0;
  const auto draw = [&](const Ui& ui) { value = slider(ui, "speed", {100, 20, 200, 32}, value).value_or(value); };
  play("drag 100 36 200 36", draw);
  EXPECT_NEAR(value, 0.5F, 0.02F);
  play("key Tab\nkey Right\nkey Right\nkey Left", draw);
  EXPECT_NEAR(value, 0.55F, 0.02F);
}

TEST_F(Controls, a_segmented_choice_reports_the_new_part_once) {
  static constexpr std::array<std::string_view, 3> parts = {"event", "packet", "hop"};
  std::size_t chosen = 0;
  int changes = 0;
  play("click 90 50", [&](const Ui& ui) {
    if (const auto now = segmented(ui, "steps", {20, 50}, parts, chosen)) {
      chosen = *now;
      ++changes;
    }
  });
  EXPECT_EQ(chosen, 1U);
  EXPECT_EQ(changes, 1);
}

TEST_F(Controls, typing_goes_into_a_text_input) {
  std::string text;
  play("click 60 36\ntype tcp port 443", [&](const Ui& ui) {
    text_input(ui, "filter", {20, 20, 200, 28}, text, "filter");
  });
  EXPECT_EQ(text, "tcp port 443");
}

TEST_F(Controls, the_keyboard_comes_into_a_text_input_and_leaves_it_again) {
  std::string text;
  int pressed = 0;
  const auto draw = [&](const Ui& ui) {
    if (button(ui, "before", {20, 60, 100, 32}, {"Before"})) ++pressed;
    text_input(ui, "filter", {20, 20, 200, 28}, text, "filter");
    if (button(ui, "after", {20, 100, 100, 32}, {"After"})) ++pressed;
  };
  play("key Tab\nkey Tab\nwait 50 ms\ntype ab", draw);
  EXPECT_EQ(text, "ab");
  play("key Tab\ntype cd\nkey Enter", draw);
  EXPECT_EQ(text, "ab") << "typing ended with the focus";
  EXPECT_EQ(pressed, 1);
}

TEST_F(Controls, a_list_moves_its_cursor_with_all_arrow_keys_and_enter_chooses) {
  ListCursor list;
  std::size_t chosen = 99;
  const auto draw = [&](const Ui& ui) {
    ScrollArea scroll(ui, "rows", {20, 20, 200, 100});
    chosen = list.update(scroll, "keys", 30, 20).value_or(chosen);
    scroll.set_height(600);
  };
  play("key Down\nkey Enter", draw);
  EXPECT_EQ(chosen, 99U) << "not focused";
  play("key Tab\nkey Down\nkey Down\nkey Up\nkey Enter", draw);
  EXPECT_EQ(chosen, 1U);
  play("key PageDown\nkey Enter", draw);
  EXPECT_EQ(chosen, 5U) << "four of the five rows in view further";
  play("key End\nkey Enter", draw);
  EXPECT_EQ(chosen, 29U);
  play("key Home\nkey Up\nkey Enter", draw);
  EXPECT_EQ(chosen, 0U);
  play("key Right\nkey Right\nkey Left", draw);
  EXPECT_EQ(list.at(), 0U);
}

TEST_F(Controls, a_choice_without_room_goes_through_its_parts_with_two_buttons) {
  static constexpr std::array<std::string_view, 3> parts = {"event", "packet", "hop"};
  std::size_t now = 0;
  float used = 0;
  const auto draw = [&](float room) {
    return [&, room](const Ui& ui) {
      const Chosen chosen = choose_in(ui, "grain", {20, 50}, parts, now, room);
      now = chosen.part.value_or(now);
      used = chosen.width;
    };
  };
  play("key Tab\nkey Enter", draw(120));
  EXPECT_EQ(now, 2U) << "back from the first is the last";
  EXPECT_LE(used, 120);
  play("key Tab\nkey Enter\nkey Enter", draw(120));
  EXPECT_EQ(now, 1U);
  play("", draw(400));
  EXPECT_GT(used, 120);
}

}  // namespace
}  // namespace fourtuple::viz
