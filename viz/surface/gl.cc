#include "viz/surface/gl.h"

#include <algorithm>

namespace fourtuple::viz {

Image read_framebuffer(int width, int height) {
  Image image(width, height);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, image.rgba.data());
  const auto row = static_cast<std::ptrdiff_t>(width) * 4;
  // OpenGL counts rows from the bottom.
  for (std::ptrdiff_t top = 0, bottom = height - 1; top < bottom; ++top, --bottom) {
    const auto upper = image.rgba.begin() + top * row;
    std::swap_ranges(upper, upper + row, image.rgba.begin() + bottom * row);
  }
  for (std::size_t i = 3; i < image.rgba.size(); i += 4) image.rgba[i] = 255;
  return image;
}

}  // namespace fourtuple::viz
