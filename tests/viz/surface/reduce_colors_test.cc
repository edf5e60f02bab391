#include "viz/surface/reduce_colors.h"

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>

namespace fourtuple::viz {
namespace {

Rgb shown(const ReducedColors& reduced, std::size_t pixel) {
  return reduced.palette[reduced.in_place[pixel]];
}

int apart(Rgb a, Rgb b) {
  int worst = 0;
  for (const unsigned shift : {16U, 8U, 0U})
    worst = std::max(worst, std::abs(static_cast<int>(a >> shift & 0xFF) - static_cast<int>(b >> shift & 0xFF)));
  return worst;
}

TEST(ReduceColors, keeps_few_colours_as_they_are) {
  const std::vector<Rgb> pixels = {0xff0000, 0x00ff00, 0xff0000, 0x123456};
  const ReducedColors reduced = reduce_colors(pixels, 4);
  EXPECT_EQ(reduced.palette.size(), 3u);
  for (std::size_t i = 0; i < pixels.size(); ++i) EXPECT_EQ(shown(reduced, i), pixels[i]);
}

TEST(ReduceColors, keeps_flat_areas_exact_beside_a_gradient) {
  std::vector<Rgb> pixels;
  for (Rgb i = 0; i < 4096; ++i) pixels.push_back((i % 64 * 4) << 16 | (i / 64 * 4) << 8 | i % 251);
  pixels.insert(pixels.end(), 50'000, 0x12161c);
  pixels.insert(pixels.end(), 20'000, 0x1a2029);
  const ReducedColors reduced = reduce_colors(pixels, 64);
  EXPECT_LE(reduced.palette.size(), 64u);
  EXPECT_EQ(shown(reduced, 5000), 0x12161cU);
  EXPECT_EQ(shown(reduced, pixels.size() - 1), 0x1a2029U);
  for (std::size_t i = 0; i < 4096; ++i) EXPECT_LE(apart(shown(reduced, i), pixels[i]), 160) << i;
}

TEST(ReduceColors, stays_close_where_colours_are_many) {
  std::vector<Rgb> pixels;
  for (Rgb i = 0; i < 1000; ++i) pixels.push_back((i * 255 / 999) * 0x010101);
  const ReducedColors reduced = reduce_colors(pixels, 128);
  for (std::size_t i = 0; i < pixels.size(); ++i) EXPECT_LE(apart(shown(reduced, i), pixels[i]), 4) << i;
}

TEST(ReduceColors, does_not_depend_on_the_order_of_pixels) {
  std::vector<Rgb> pixels;
  for (Rgb i = 0; i < 3000; ++i) pixels.push_back(i * 2654435761U >> 8);
  std::vector<Rgb> turned(pixels.rbegin(), pixels.rend());
  const ReducedColors one = reduce_colors(pixels, 32), other = reduce_colors(turned, 32);
  EXPECT_EQ(one.palette, other.palette);
  EXPECT_EQ(shown(one, 7), shown(other, pixels.size() - 8));
}

}  // namespace
}  // namespace fourtuple::viz
