// The named colours of each look: dark, light, high contrast. Two kinds never mix: a flow colour only fills capsules,
// ribbons and squares; a meaning colour (ok, drop, rewrite, again) only outlines, marks or writes a word.
// Plain data, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "viz/theme/color.h"

namespace fourtuple::viz {

enum class Look : std::uint8_t { dark, light, high_contrast };
// As people choose them, in the order of Look.
constexpr std::array<std::string_view, 3> look_names = {"dark", "light", "high-contrast"};
std::optional<Look> look_named(std::string_view name);
// The next one, around.
Look look_after(Look look);

struct Palette {
  bool dark = true;  // the ground is darker than the text
  Color background, region, surface, raised, hover, line, link, grid;
  Color text, muted, faint;  // faint: not tried, placeholder, unknown flow
  Color accent, accent_ink;  // accent_ink is written on accent
  Color ok, drop, rewrite, again;
  Color outline;         // selection outline on top of everything
  float least_fade = 0;  // of what is faded, such as what is still to come
};

const Palette& palette_of(Look look);
const Palette& dark_palette();
const Palette& light_palette();

// Okabe-Ito in order for the first seven flows, grey from the eighth on.
Color flow_color(std::size_t flow);
// What is written on that flow's colour.
Color flow_ink(std::size_t flow);
constexpr std::size_t named_flow_colors = 7;

// Readable ink for text on any fill: dark or white, whichever contrasts more.
Color ink_on(Color fill);

}  // namespace fourtuple::viz
