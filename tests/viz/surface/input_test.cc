#include <gtest/gtest.h>
#include <imgui.h>

#include "viz/surface/image.h"
#include "viz/surface/input_script.h"
#include "viz/surface/keys.h"
#include "viz/surface/surface.h"

namespace fourtuple::viz {
namespace {

TEST(Chord, reads_back_what_it_writes) {
  for (const char* text : {"Ctrl+P", "Shift+Right", "Alt+Left", "?", "/", "F5", "[", "Space", "Esc"}) {
    const auto chord = parse_chord(text);
    ASSERT_TRUE(chord.has_value()) << text;
    EXPECT_EQ(to_string(*chord), text);
  }
  EXPECT_FALSE(parse_chord("Hyper+P").has_value());
  EXPECT_FALSE(parse_chord("").has_value());
  EXPECT_FALSE(parse_chord("+").has_value());
}

TEST(InputScript, reads_every_kind_of_step) {
  const auto steps = parse_input_script(
      "# comment\nkey Ctrl+P\nclick 400 300\ndrag 1 2 3 4\ntype some text\nwait 200 ms\r\n\ndrop a b.pcap\nshot "
      "out.png\nwheel -3\nsize 1024x768",
      "s");
  ASSERT_TRUE(steps.has_value()) << steps.error().to_string();
  ASSERT_EQ(steps->size(), 9U);
  EXPECT_EQ((*steps)[3].text, "some text");
  EXPECT_EQ((*steps)[4].wait_ms, 200);
  EXPECT_EQ((*steps)[5].text, "a b.pcap");
  EXPECT_EQ((*steps)[7].y, -3);
  EXPECT_EQ((*steps)[8].width, 1024);
  EXPECT_EQ((*steps)[8].height, 768);
}

TEST(InputScript, points_at_the_word_that_is_wrong) {
  const auto bad = parse_input_script("key Space\n  click 400 abc\n", "demo.keys");
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().where.line, 2);
  EXPECT_EQ(bad.error().where.column, 13);
  for (const char* text :
       {"jump", "key Nope", "click 1", "click 1 2 3", "wait 5", "wait 9999999 s", "click nan 1", "type", "\xff\xfe",
        "size 1024", "size 0x768", "size 1024x", "size 1x2x3", "size 9000x9000"}) {
    EXPECT_FALSE(parse_input_script(text, "x").has_value()) << text;
  }
}

TEST(ScriptPlayer, presses_and_releases_in_different_frames) {
  ScriptPlayer player(*parse_input_script("key Space\nclick 4 5", "x"));
  EXPECT_EQ(player.next().events[0].kind, InputKind::key_down);
  EXPECT_EQ(player.next().events[0].kind, InputKind::key_up);
  EXPECT_EQ(player.next().events[0].kind, InputKind::mouse_move);
  EXPECT_EQ(player.next().events[0].kind, InputKind::mouse_down);
  EXPECT_FALSE(player.finished());
  EXPECT_EQ(player.next().events[0].kind, InputKind::mouse_up);
  EXPECT_TRUE(player.finished());
}

TEST(Image, survives_being_saved_and_loaded) {
  Image image(3, 2);
  image.set(2, 1, {1, 2, 3, 255});
  const std::string path = testing::TempDir() + "roundtrip.png";
  ASSERT_TRUE(save_png(image, path).has_value());
  const auto loaded = load_png(path);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(compare(image, *loaded, 0).pixels, 0);
  image.set(0, 0, {200, 0, 0, 0});
  EXPECT_EQ(compare(image, *loaded).pixels, 1);
  EXPECT_FALSE(compare(image, Image(1, 1)).same_size);
  EXPECT_FALSE(load_png("/nonexistent.png").has_value());
  EXPECT_FALSE(save_png(image, "/nonexistent/x.png").has_value());
}

TEST(Surface, refuses_impossible_sizes_with_a_sentence) {
  EXPECT_FALSE(make_offscreen_surface(0, 10).has_value());
  EXPECT_FALSE(make_offscreen_surface(10, 100'000).has_value());
}

TEST(Surface, changes_its_size_while_it_is_open) {
  auto surface = make_offscreen_surface(20, 10);
  ASSERT_TRUE(surface);
  (*surface)->set_clear_color(0, 1, 0);
  for (const PixelSize size : {PixelSize{40, 30}, PixelSize{5, 7}}) {
    ASSERT_TRUE((*surface)->resize(size));
    (*surface)->begin_frame({});
    EXPECT_EQ(ImGui::GetIO().DisplaySize.x, static_cast<float>(size.width));
    (*surface)->end_frame();
    const Image picture = (*surface)->read_pixels();
    EXPECT_EQ(picture.width, size.width);
    EXPECT_EQ(picture.height, size.height);
    EXPECT_EQ(picture.at(size.width - 1, size.height - 1), (Pixel{0, 255, 0, 255}));
  }
  EXPECT_FALSE((*surface)->resize({0, 7}));
  EXPECT_EQ((*surface)->framebuffer_size(), (PixelSize{5, 7}));
}

TEST(Surface, shows_its_clear_colour_and_two_can_live_at_once) {
  auto first = make_offscreen_surface(20, 10);
  auto second = make_offscreen_surface(30, 10);
  ASSERT_TRUE(first && second);
  (*first)->set_clear_color(1, 0, 0);
  for (auto* surface : {first->get(), second->get()}) {
    surface->begin_frame({});
    surface->end_frame();
  }
  EXPECT_EQ((*first)->read_pixels().at(5, 5), (Pixel{255, 0, 0, 255}));
  EXPECT_EQ((*second)->read_pixels().at(25, 5), (Pixel{0, 0, 0, 255}));
}

}  // namespace
}  // namespace fourtuple::viz
