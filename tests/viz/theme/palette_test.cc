// Words can be read in every look: 4.5:1 (WCAG 2.1, 1.4.3), also where they are faded.
#include "viz/theme/palette.h"

#include <gtest/gtest.h>

#include "viz/kit/canvas.h"
#include "viz/surface/surface.h"
#include "viz/theme/contrast.h"

namespace fourtuple::viz {
namespace {

constexpr Look looks[] = {Look::dark, Look::light, Look::high_contrast};

std::vector<std::pair<const char*, Color>> inks_of(const Palette& p) {
  return {{"text", p.text}, {"muted", p.muted},     {"accent", p.accent}, {"ok", p.ok},
          {"drop", p.drop}, {"rewrite", p.rewrite}, {"again", p.again}};
}

TEST(Contrast, is_that_of_wcag) {
  EXPECT_NEAR(contrast(rgb(0xffffff), rgb(0x000000)), 21, 0.01);
  EXPECT_NEAR(contrast(rgb(0x777777), rgb(0xffffff)), 4.48, 0.01);
  EXPECT_EQ(contrast(rgb(0x123456), rgb(0x123456)), 1);
}

TEST(Contrast, tells_how_far_a_colour_may_fade) {
  const float least = least_alpha(rgb(0xffffff), rgb(0x000000), 4.5F);
  EXPECT_GE(contrast(mix(rgb(0x000000), rgb(0xffffff), least), rgb(0x000000)), 4.5F);
  EXPECT_LT(contrast(mix(rgb(0x000000), rgb(0xffffff), least - 0.02F), rgb(0x000000)), 4.5F);
  EXPECT_EQ(least_alpha(rgb(0x333333), rgb(0x000000), 4.5F), 1) << "it never gets there";
}

TEST(Palette, has_words_that_can_be_read_on_every_ground) {
  for (const Look look : looks) {
    const Palette& p = palette_of(look);
    const std::pair<const char*, Color> grounds[] = {{"background", p.background},
                                                     {"region", p.region},
                                                     {"surface", p.surface},
                                                     {"raised", p.raised},
                                                     {"hover", p.hover}};
    for (const auto& [ground_name, ground] : grounds) {
      for (const auto& [ink_name, ink] : inks_of(p)) {
        EXPECT_GE(contrast(ink, ground), least_text_contrast)
            << look_names[static_cast<std::size_t>(look)] << ": " << ink_name << " on " << ground_name;
      }
      if (ground == p.hover) continue;
      EXPECT_GE(contrast(p.faint, ground), least_text_contrast) << ground_name;
    }
    EXPECT_GE(contrast(p.accent_ink, p.accent), least_text_contrast);
  }
  for (std::size_t flow = 0; flow <= named_flow_colors; ++flow)
    EXPECT_GE(contrast(flow_ink(flow), flow_color(flow)), least_text_contrast) << flow;
}

// What is still to come, and rows that are gone, are faded; their words are not lost.
TEST(Palette, has_words_that_can_be_read_when_they_are_faded) {
  auto surface = make_offscreen_surface(8, 8);
  ASSERT_TRUE(surface);
  Theme theme;
  for (const Look look : looks) {
    ASSERT_TRUE(theme.apply(**surface, {.look = look}));
    const Palette& p = palette_of(look);
    const Canvas canvas{nullptr, &theme, 1};
    for (const auto& [name, ink] : inks_of(p)) {
      const float alpha = static_cast<float>(canvas.faded(0.35F).ink(ink) >> 24) / 255;
      for (const Color ground : {p.background, p.surface})
        EXPECT_GE(contrast(mix(ground, ink, alpha), ground), least_text_contrast - 0.05F)
            << look_names[static_cast<std::size_t>(look)] << ": " << name;
    }
    EXPECT_GE(canvas.faded(0.35F).alpha, p.least_fade);
    EXPECT_LT(static_cast<float>(canvas.disabled().ink(p.text) >> 24) / 255, 0.5F);
  }
}

// In high contrast signs and lines that are faded stay at 3:1 (WCAG 2.1, 1.4.11).
TEST(Palette, of_high_contrast_keeps_faded_signs_visible) {
  const Palette& p = palette_of(Look::high_contrast);
  for (const auto& [name, ink] : inks_of(p))
    EXPECT_GE(contrast(mix(p.background, ink, p.least_fade), p.background), 3) << name;
}

}  // namespace
}  // namespace fourtuple::viz
