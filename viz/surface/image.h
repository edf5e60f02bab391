// A picture in memory: RGBA, 8 bits a channel, rows from the top, no padding.
// Used for screenshots, rendered frames and picture tests. Plain data, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/outcome.h"

namespace fourtuple::viz {

struct Pixel {
  std::uint8_t r = 0, g = 0, b = 0, a = 0;
  bool operator==(const Pixel&) const = default;
};

struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;  // width * height * 4 bytes

  Image() = default;
  Image(int w, int h);

  // REQUIRES: 0 <= x < width, 0 <= y < height.
  Pixel at(int x, int y) const;
  void set(int x, int y, Pixel value);
};

// The picture as a PNG file would hold it; empty for a picture without pixels.
std::vector<std::uint8_t> png_bytes(const Image& image);

// Writes a PNG. The error names the file and the reason.
Outcome<void> save_png(const Image& image, const std::string& path);

// Reads a PNG of at most 16384 pixels a side.
Outcome<Image> load_png(const std::string& path);

struct Difference {
  bool same_size = true;
  std::int64_t pixels = 0;  // pixels whose largest channel difference exceeds the tolerance
  double share = 0;         // pixels / all pixels; 1 when the sizes differ
  int largest = 0;          // largest channel difference seen, 0 to 255
};

// Compares colour and alpha; `tolerance` (0 to 255) absorbs rounding between OpenGL drivers.
Difference compare(const Image& a, const Image& b, int tolerance = 8);

}  // namespace fourtuple::viz
