#include "viz/surface/gif_writer.h"

#include <filesystem>
#include <gif_lib.h>
#include <gtest/gtest.h>

namespace fourtuple::viz {
namespace {

Image plain(int width, int height, Pixel color) {
  Image image(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) image.set(x, y, color);
  return image;
}

struct ReadGif {
  struct Frame {
    int x = 0, y = 0, width = 0, height = 0, hundredths = 0;
  };
  std::vector<Frame> frames;
  std::vector<Image> pictures;  // as a viewer shows them one after the other
};

ReadGif read(const std::string& path) {
  ReadGif result;
  GifFileType* gif = DGifOpenFileName(path.c_str(), nullptr);
  if (gif == nullptr || DGifSlurp(gif) != GIF_OK) {
    ADD_FAILURE() << path << " is no GIF";
    return result;
  }
  Image canvas(gif->SWidth, gif->SHeight);
  for (int i = 0; i < gif->ImageCount; ++i) {
    const SavedImage& saved = gif->SavedImages[i];
    const GifImageDesc& place = saved.ImageDesc;
    GraphicsControlBlock control{};
    DGifSavedExtensionToGCB(gif, i, &control);
    result.frames.push_back({place.Left, place.Top, place.Width, place.Height, control.DelayTime});
    for (int n = 0; n < place.Width * place.Height; ++n) {
      if (saved.RasterBits[n] == control.TransparentColor) continue;
      const GifColorType c = place.ColorMap->Colors[saved.RasterBits[n]];
      canvas.set(place.Left + n % place.Width, place.Top + n / place.Width, {c.Red, c.Green, c.Blue, 255});
    }
    result.pictures.push_back(canvas);
  }
  DGifCloseFile(gif, nullptr);
  return result;
}

TEST(GifWriter, holds_only_what_changed_and_shows_every_picture_again) {
  const std::string path = testing::TempDir() + "changes.gif";
  Image first = plain(40, 30, {20, 30, 40, 255});
  Image second = first;
  second.set(10, 5, {255, 0, 0, 255});
  second.set(12, 9, {0, 255, 0, 255});
  auto gif = GifWriter::create(path, 40, 30);
  ASSERT_TRUE(gif) << gif.error().to_string();
  ASSERT_TRUE(gif->add(first, 5));
  ASSERT_TRUE(gif->add(first, 5));  // nothing new: the first is shown longer
  ASSERT_TRUE(gif->add(second, 7));
  ASSERT_TRUE(gif->finish());
  const ReadGif back = read(path);
  ASSERT_EQ(back.frames.size(), 2u);
  EXPECT_EQ(back.frames[0].hundredths, 10);
  EXPECT_EQ(back.frames[1].x, 10);
  EXPECT_EQ(back.frames[1].y, 5);
  EXPECT_EQ(back.frames[1].width, 3);
  EXPECT_EQ(back.frames[1].height, 5);
  EXPECT_EQ(back.frames[1].hundredths, 7);
  EXPECT_EQ(compare(back.pictures[0], first, 0).pixels, 0);
  EXPECT_EQ(compare(back.pictures[1], second, 0).pixels, 0);
}

TEST(GifWriter, fits_a_picture_of_many_colours_into_its_palette) {
  const std::string path = testing::TempDir() + "gradient.gif";
  Image image(64, 64);
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 64; ++x)
      image.set(x, y, {static_cast<std::uint8_t>(x * 4), static_cast<std::uint8_t>(y * 4), 128, 255});
  auto gif = GifWriter::create(path, 64, 64);
  ASSERT_TRUE(gif);
  ASSERT_TRUE(gif->add(image, 10));
  ASSERT_TRUE(gif->finish());
  const ReadGif back = read(path);
  ASSERT_EQ(back.pictures.size(), 1u);
  EXPECT_EQ(compare(back.pictures[0], image, 64).pixels, 0);
}

TEST(GifWriter, says_which_file_it_cannot_create) {
  const auto gif = GifWriter::create("/no/such/folder/x.gif", 4, 4);
  ASSERT_FALSE(gif);
  EXPECT_NE(gif.error().to_string().find("/no/such/folder/x.gif"), std::string::npos);
}

}  // namespace
}  // namespace fourtuple::viz
