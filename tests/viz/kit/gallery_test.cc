#include "tests/viz/kit/gallery.h"

#include <cstdlib>
#include <gtest/gtest.h>

#include "viz/kit/capsule.h"
#include "viz/kit/panel.h"
#include "viz/kit/text.h"
#include "viz/surface/surface.h"

namespace fourtuple::viz {

// The list of tests must not show the bytes of a parameter, which change from run to run.
static void PrintTo(const ThemeChoice& choice, std::ostream* out) {
  *out << look_names[static_cast<std::size_t>(choice.look)] << " " << choice.scale;
}

namespace {

struct Stage {
  std::unique_ptr<Surface> surface;
  Theme theme;
  Focus focus;
};

std::unique_ptr<Stage> make_stage(int width, int height, ThemeChoice choice) {
  auto stage = std::make_unique<Stage>();
  auto made = make_offscreen_surface(width, height);
  if (!made) {
    ADD_FAILURE() << made.error().to_string();
    return nullptr;
  }
  stage->surface = std::move(*made);
  if (auto applied = stage->theme.apply(*stage->surface, choice); !applied) {
    ADD_FAILURE() << applied.error().to_string();
    return nullptr;
  }
  return stage;
}

template <class Draw>
Image draw_frame(Stage& stage, Draw draw) {
  for (int pass = 0; pass < 2; ++pass) {
    stage.surface->begin_frame({});
    {
      RootPanel root(stage.theme, stage.focus);
      draw(root.ui(), root.area());
    }
    stage.surface->end_frame();
    if (!stage.theme.refresh(*stage.surface).value_or(false)) break;
  }
  return stage.surface->read_pixels();
}

Pixel pixel_of(Color color) {
  return {static_cast<std::uint8_t>(red_of(color)), static_cast<std::uint8_t>(green_of(color)),
          static_cast<std::uint8_t>(blue_of(color)), 255};
}

std::string picture_path(const std::string& name) {
  const char* folder = std::getenv("BUILD_DIR");
  return (folder != nullptr ? std::string(folder) + "/" : testing::TempDir()) + name;
}

class Gallery : public testing::TestWithParam<ThemeChoice> {};

TEST_P(Gallery, draws_every_component_on_its_background) {
  const ThemeChoice choice = GetParam();
  const auto stage = make_stage(static_cast<int>(1440 * choice.scale), static_cast<int>(900 * choice.scale), choice);
  ASSERT_TRUE(stage);
  const Image picture = draw_frame(*stage, draw_gallery);
  const std::string name = std::string("kit-") + std::string(look_names[static_cast<std::size_t>(choice.look)]) + "-" +
                           std::to_string(static_cast<int>(choice.scale * 100)) + ".png";
  ASSERT_TRUE(save_png(picture, picture_path(name)).has_value());
  RecordProperty("font_ms", static_cast<int>(stage->theme.load_ms()));
  const Palette& colors = stage->theme.colors();
  EXPECT_EQ(picture.at(picture.width / 2 - 10, static_cast<int>(58 * choice.scale)), pixel_of(colors.background));
  EXPECT_EQ(picture.at(static_cast<int>(1430 * choice.scale), static_cast<int>(400 * choice.scale)),
            pixel_of(colors.surface));
}

std::string look_word(const ThemeChoice& choice) {
  std::string word(look_names[static_cast<std::size_t>(choice.look)]);
  std::replace(word.begin(), word.end(), '-', '_');
  return word;
}

INSTANTIATE_TEST_SUITE_P(looks, Gallery,
                         testing::Values(ThemeChoice{Look::dark, 1}, ThemeChoice{Look::light, 1},
                                         ThemeChoice{Look::high_contrast, 1}, ThemeChoice{Look::dark, 1.5F},
                                         ThemeChoice{Look::dark, 2}),
                         [](const auto& look) {
                           return look_word(look.param) + "_" +
                                  std::to_string(static_cast<int>(look.param.scale * 100)) + "_percent";
                         });

TEST(Capsule, fills_with_the_flow_colour_and_contains_its_text) {
  const auto stage = make_stage(300, 100, {});
  ASSERT_TRUE(stage);
  Rect body;
  float width = 0;
  const Image picture = draw_frame(*stage, [&](const Ui& ui, const Rect&) {
    body = draw_capsule(ui.canvas, {150, 50}, {PacketShape::tcp, 1, "23817→443", 'S'});
    width = text_width(ui.canvas, style::number_strong, "23817→443");
  });
  EXPECT_EQ(picture.at(static_cast<int>(body.right()) - 5, 50), pixel_of(flow_color(1)));
  EXPECT_NEAR(body.w, 99.8F, 1.5F);
  EXPECT_LT(width + 2 * 8, body.w);
}

TEST(Capsule, is_hollow_when_inferred) {
  const auto stage = make_stage(300, 100, {});
  ASSERT_TRUE(stage);
  CapsuleLook look{PacketShape::tcp, 1, "1→2"};
  look.inferred = true;
  Rect body;
  const Image picture = draw_frame(*stage, [&](const Ui& ui, const Rect&) {
    body = draw_capsule(ui.canvas, {150, 50}, look);
  });
  EXPECT_EQ(picture.at(static_cast<int>(body.right()) - 5, 50), pixel_of(dark_palette().background));
}

TEST(Text, fits_into_the_width_it_is_given) {
  const auto stage = make_stage(300, 100, {});
  ASSERT_TRUE(stage);
  draw_frame(*stage, [&](const Ui& ui, const Rect&) {
    const std::string cut = fit_text(ui.canvas, style::label, "a sentence that is far too long", 80);
    EXPECT_LE(text_width(ui.canvas, style::label, cut), 80);
    EXPECT_EQ(cut.substr(cut.size() - 3), "…");
    for (const std::string_view line : wrap_text(ui.canvas, style::body, "words and 日本語の文章が続く行", 90)) {
      EXPECT_LE(text_width(ui.canvas, style::body, line), 90);
    }
  });
}

TEST(Text, loads_japanese_letters_when_they_are_first_drawn) {
  const auto stage = make_stage(300, 100, {});
  ASSERT_TRUE(stage);
  EXPECT_FALSE(stage->theme.fonts().wants_reload());
  stage->surface->begin_frame({});
  {
    RootPanel root(stage->theme, stage->focus);
    draw_text(root.ui().canvas, {10, 40}, style::body, dark_palette().text, "鍵");
  }
  stage->surface->end_frame();
  EXPECT_TRUE(stage->theme.fonts().wants_reload());
  EXPECT_TRUE(stage->theme.refresh(*stage->surface).value_or(false));
  EXPECT_FALSE(stage->theme.fonts().wants_reload());
}

}  // namespace
}  // namespace fourtuple::viz
