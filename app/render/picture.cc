#include "app/render/picture.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

#include "app/render/frame_times.h"
#include "viz/kit/svg_tape.h"
#include "viz/surface/gif_writer.h"

namespace fourtuple::app {
namespace {

namespace fs = std::filesystem;
constexpr int last_frame_hundredths = 150;

// Every four pixels as one, so that lines stay even.
viz::Image halved(const viz::Image& image) {
  viz::Image half(image.width / 2, image.height / 2);
  const auto row = static_cast<std::size_t>(image.width) * 4;
  for (int y = 0; y < half.height; ++y) {
    for (int x = 0; x < half.width; ++x) {
      const std::size_t from = static_cast<std::size_t>(y) * 2 * row + static_cast<std::size_t>(x) * 8;
      const std::size_t to =
          (static_cast<std::size_t>(y) * static_cast<std::size_t>(half.width) + static_cast<std::size_t>(x)) * 4;
      for (std::size_t c = 0; c < 4; ++c) {
        const int sum = image.rgba[from + c] + image.rgba[from + 4 + c] + image.rgba[from + row + c] +
                        image.rgba[from + row + 4 + c];
        half.rgba[to + c] = static_cast<std::uint8_t>((sum + 2) / 4);
      }
    }
  }
  return half;
}

viz::Image picture_at(Stage& stage, Time time, int widest) {
  stage.viewer().seek(time);
  stage.frame({}, 0);
  viz::Image image = stage.surface().read_pixels();
  while (image.width > widest) image = halved(image);
  return image;
}

}  // namespace

Outcome<PictureKind> picture_kind(const std::string& path) {
  std::string ending = fs::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (ending == ".png") return PictureKind::png;
  if (ending == ".svg") return PictureKind::svg;
  if (ending == ".gif") return PictureKind::gif;
  return fail({"-o", 0, 0}, "'" + path + "' does not tell which kind of picture to write",
              "a name ending in .png, .svg or .gif");
}

Outcome<void> check_target(const std::string& path) {
  std::error_code problem;
  const fs::path folder = fs::path(path).parent_path();
  if (!folder.empty() && !fs::is_directory(folder, problem))
    return fail({path, 0, 0}, "there is no folder " + folder.string());
  if (fs::is_directory(path, problem)) return fail({path, 0, 0}, "is a folder");
  const std::string where = fs::exists(path, problem) ? path : folder.empty() ? std::string(".") : folder.string();
  if (access(where.c_str(), W_OK) != 0)
    return fail({path, 0, 0}, fmt::format("cannot be written: {}", std::strerror(errno)));
  return {};
}

std::string svg_of(Stage& stage, float width, float height) {
  viz::Viewer& viewer = stage.viewer();
  viz::SvgTape tape(width, height, stage.colors().background, viewer.title());
  stage.record(&tape);
  stage.frame({}, 0);
  stage.record(nullptr);
  return tape.document();
}

Outcome<void> save_text(const std::string& text, const std::string& path) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) return fail({path, 0, 0}, "cannot be written");
  return {};
}

Outcome<void> save_gif(Stage& stage, const GifWish& wish, const std::string& path) {
  const viz::Image first = picture_at(stage, wish.times.front(), wish.widest);
  auto gif = viz::GifWriter::create(path, first.width, first.height);
  if (!gif) return tl::unexpected<Error>(gif.error());
  for (std::size_t i = 0; i < wish.times.size(); ++i) {
    const bool last = i + 1 == wish.times.size();
    const int hundredths = last ? last_frame_hundredths : hundredths_of(i, wish.fps);
    if (auto added = gif->add(picture_at(stage, wish.times[i], wish.widest), hundredths); !added) return added;
  }
  return gif->finish();
}

}  // namespace fourtuple::app
