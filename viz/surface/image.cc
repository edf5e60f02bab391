#include "viz/surface/image.h"

#include <algorithm>
#include <cstdlib>
#include <png.h>

namespace fourtuple::viz {
namespace {

constexpr unsigned max_side = 16384;

std::string png_error(const std::string& path, const char* what, const png_image& png) {
  return "cannot " + std::string(what) + " picture " + path + ": " + png.message;
}

png_image describe(const Image& image) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = PNG_FORMAT_RGBA;
  return png;
}

}  // namespace

Image::Image(int w, int h) : width(w), height(h), rgba(static_cast<std::size_t>(w) * static_cast<std::size_t>(h) * 4) {}

Pixel Image::at(int x, int y) const {
  const std::uint8_t* p =
      rgba.data() + (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) * 4;
  return {p[0], p[1], p[2], p[3]};
}

void Image::set(int x, int y, Pixel value) {
  std::uint8_t* p =
      rgba.data() + (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) * 4;
  p[0] = value.r;
  p[1] = value.g;
  p[2] = value.b;
  p[3] = value.a;
}

std::vector<std::uint8_t> png_bytes(const Image& image) {
  png_image png = describe(image);
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::vector<std::uint8_t> bytes(size);
  if (png_image_write_to_memory(&png, bytes.data(), &size, 0, image.rgba.data(), 0, nullptr) == 0) return {};
  bytes.resize(size);
  return bytes;
}

Outcome<void> save_png(const Image& image, const std::string& path) {
  png_image png = describe(image);
  if (png_image_write_to_file(&png, path.c_str(), 0, image.rgba.data(), 0, nullptr) == 0) {
    return fail(png_error(path, "write", png));
  }
  return {};
}

Outcome<Image> load_png(const std::string& path) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&png, path.c_str()) == 0) {
    return fail(png_error(path, "read", png));
  }
  if (png.width > max_side || png.height > max_side) {
    png_image_free(&png);
    return fail("picture " + path + " is larger than 16384 pixels a side");
  }
  png.format = PNG_FORMAT_RGBA;
  Image image(static_cast<int>(png.width), static_cast<int>(png.height));
  if (png_image_finish_read(&png, nullptr, image.rgba.data(), 0, nullptr) == 0) {
    return fail(png_error(path, "read", png));
  }
  return image;
}

Difference compare(const Image& a, const Image& b, int tolerance) {
  Difference result;
  if (a.width != b.width || a.height != b.height) {
    result.same_size = false;
    result.share = 1;
    result.largest = 255;
    return result;
  }
  for (std::size_t i = 0; i < a.rgba.size(); i += 4) {
    int worst = 0;
    for (std::size_t c = 0; c < 4; ++c) worst = std::max(worst, std::abs(a.rgba[i + c] - b.rgba[i + c]));
    result.largest = std::max(result.largest, worst);
    if (worst > tolerance) ++result.pixels;
  }
  const std::size_t all = a.rgba.size() / 4;
  result.share = all == 0 ? 0 : static_cast<double>(result.pixels) / static_cast<double>(all);
  return result;
}

}  // namespace fourtuple::viz
