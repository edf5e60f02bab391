#include "viz/theme/palette.h"

#include <algorithm>
#include <array>

namespace fourtuple::viz {
namespace {

constexpr Color ink = rgb(0x0e1217);
constexpr Color white = rgb(0xffffff);
constexpr std::array<Color, named_flow_colors> flows = {rgb(0xE69F00), rgb(0x56B4E9), rgb(0x009E73), rgb(0xF0E442),
                                                        rgb(0x0072B2), rgb(0xD55E00), rgb(0xCC79A7)};
constexpr std::size_t dark_blue_flow = 4;
constexpr Color later_flows = rgb(0x9aa6b5);

// In every look words reach 4.5:1 on every ground (WCAG 2.1, 1.4.3), the faint ones on all but hovered rows.
constexpr Palette dark = {
    .dark = true,
    .background = rgb(0x12161c),
    .region = rgb(0x161b23),
    .surface = rgb(0x1a2029),
    .raised = rgb(0x232b36),
    .hover = rgb(0x2a3340),
    .line = rgb(0x2c3542),
    .link = rgb(0x46535f),
    .grid = rgb(0x1b222b),
    .text = rgb(0xe6eaf0),
    .muted = rgb(0x9aa6b5),
    .faint = rgb(0x8793a1),
    .accent = rgb(0x4cc2ff),
    .accent_ink = rgb(0x0b1218),
    .ok = rgb(0x4bd18b),
    .drop = rgb(0xff6b6b),
    .rewrite = rgb(0xffb454),
    .again = rgb(0xc792ea),
    .outline = white,
};

constexpr Palette light = {
    .dark = false,
    .background = rgb(0xf6f7f9),
    .region = rgb(0xeef1f5),
    .surface = rgb(0xffffff),
    .raised = rgb(0xedf0f4),
    .hover = rgb(0xe3e8ee),
    .line = rgb(0xdde2e9),
    .link = rgb(0xb4bfcb),
    .grid = rgb(0xe6eaef),
    .text = rgb(0x1b2430),
    .muted = rgb(0x505c6a),
    .faint = rgb(0x616d7b),
    .accent = rgb(0x0869a6),
    .accent_ink = white,
    .ok = rgb(0x11713f),
    .drop = rgb(0xc42d2d),
    .rewrite = rgb(0x8f5300),
    .again = rgb(0x7d45b5),
    .outline = rgb(0x1b2430),
};

// Text and signs reach 7:1 on every ground, lines 4.5:1 (WCAG 2.1, 1.4.6 and 1.4.11).
constexpr Palette high_contrast = {
    .dark = true,
    .background = rgb(0x000000),
    .region = rgb(0x0c0c0c),
    .surface = rgb(0x000000),
    .raised = rgb(0x1c1c1c),
    .hover = rgb(0x303030),
    .line = rgb(0x8c8c8c),
    .link = rgb(0xbdbdbd),
    .grid = rgb(0x1a1a1a),
    .text = white,
    .muted = rgb(0xdedede),
    .faint = rgb(0xb4b4b4),
    .accent = rgb(0x5cd2ff),
    .accent_ink = rgb(0x000000),
    .ok = rgb(0x5cf2a0),
    .drop = rgb(0xff8f8f),
    .rewrite = rgb(0xffc266),
    .again = rgb(0xdcb6ff),
    .outline = white,
    .least_fade = 0.65F,
};

// Relative luminance without gamma is enough to choose between two inks.
int brightness(Color color) {
  return (2 * red_of(color) + 5 * green_of(color) + blue_of(color)) / 8;
}

}  // namespace

std::optional<Look> look_named(std::string_view name) {
  const auto* const found = std::find(look_names.begin(), look_names.end(), name);
  if (found == look_names.end()) return std::nullopt;
  return static_cast<Look>(found - look_names.begin());
}

Look look_after(Look look) {
  return static_cast<Look>((static_cast<std::size_t>(look) + 1) % look_names.size());
}

const Palette& palette_of(Look look) {
  switch (look) {
    case Look::dark:
      return dark;
    case Look::light:
      return light;
    case Look::high_contrast:
      return high_contrast;
  }
  return dark;
}

const Palette& dark_palette() {
  return dark;
}
const Palette& light_palette() {
  return light;
}

Color flow_color(std::size_t flow) {
  return flow < flows.size() ? flows[flow] : later_flows;
}
Color flow_ink(std::size_t flow) {
  return flow == dark_blue_flow ? white : ink;
}
Color ink_on(Color fill) {
  return brightness(fill) > 105 ? ink : white;
}

}  // namespace fourtuple::viz
