#include "viz/surface/gif_writer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <gif_lib.h>
#include <unistd.h>
#include <vector>

#include "sim/base/check.h"
#include "viz/surface/reduce_colors.h"

namespace fourtuple::viz {

// The part of a picture that changed, as the file will hold it.
struct GifPatch {
  int x = 0, y = 0, width = 0, height = 0;
  std::vector<Rgb> palette;
  std::vector<GifPixelType> pixels;
  int clear = NO_TRANSPARENT_COLOR;  // the place that means "as before"
  int hundredths = 0;
};

struct CloseGif {
  void operator()(GifFileType* gif) const { EGifCloseFile(gif, nullptr); }
};
struct FreeColors {
  void operator()(ColorMapObject* map) const { GifFreeMapObject(map); }
};
using GifFile = std::unique_ptr<GifFileType, CloseGif>;

namespace {

constexpr std::size_t most_colors = 255;  // one place of 256 stands for "as before"
constexpr int longest_delay = 65535;      // hundredths, what the format can hold

std::vector<Rgb> colors_of(const Image& image) {
  std::vector<Rgb> colors(image.rgba.size() / 4);
  for (std::size_t i = 0; i < colors.size(); ++i) {
    const std::uint8_t* p = &image.rgba[i * 4];
    colors[i] = static_cast<Rgb>(p[0]) << 16 | static_cast<Rgb>(p[1]) << 8 | p[2];
  }
  return colors;
}

// Encloses the pixels that differ; nothing when none does.
void find_change(const std::vector<Rgb>& before, const std::vector<Rgb>& now, int width, GifPatch& patch) {
  int left = width, right = -1, top = -1, bottom = -1;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (before[i] == now[i]) continue;
    const int x = static_cast<int>(i) % width, y = static_cast<int>(i) / width;
    left = std::min(left, x);
    right = std::max(right, x);
    if (top < 0) top = y;
    bottom = y;
  }
  if (top < 0) return;
  patch.x = left;
  patch.y = top;
  patch.width = right - left + 1;
  patch.height = bottom - top + 1;
}

// REQUIRES: the patch has its place. `before` may be empty: then everything counts as changed.
void fill_patch(const std::vector<Rgb>& before, const std::vector<Rgb>& now, int width, GifPatch& patch) {
  std::vector<std::size_t> changed;  // places in the patch
  std::vector<Rgb> colors;
  const auto count = static_cast<std::size_t>(patch.width) * static_cast<std::size_t>(patch.height);
  for (std::size_t n = 0; n < count; ++n) {
    const auto x = n % static_cast<std::size_t>(patch.width), y = n / static_cast<std::size_t>(patch.width);
    const std::size_t i = (y + static_cast<std::size_t>(patch.y)) * static_cast<std::size_t>(width) + x +
                          static_cast<std::size_t>(patch.x);
    if (!before.empty() && before[i] == now[i]) continue;
    changed.push_back(n);
    colors.push_back(now[i]);
  }
  ReducedColors reduced = reduce_colors(colors, most_colors);
  const std::size_t clear = reduced.palette.size();
  patch.palette = std::move(reduced.palette);
  if (changed.size() < count) {
    patch.clear = static_cast<int>(clear);
    patch.palette.push_back(0);
  }
  patch.pixels.assign(count, static_cast<GifPixelType>(clear));
  for (std::size_t c = 0; c < changed.size(); ++c) patch.pixels[changed[c]] = reduced.in_place[c];
}

using GifColors = std::unique_ptr<ColorMapObject, FreeColors>;

GifColors color_map(const std::vector<Rgb>& palette) {
  const std::size_t size = std::max<std::size_t>(std::bit_ceil(palette.size()), 2);
  GifColors map(GifMakeMapObject(static_cast<int>(size), nullptr));
  FT_CHECK(map != nullptr);
  for (std::size_t i = 0; i < palette.size(); ++i) {
    map->Colors[i] = {static_cast<GifByteType>(palette[i] >> 16), static_cast<GifByteType>(palette[i] >> 8),
                      static_cast<GifByteType>(palette[i])};
  }
  return map;
}

// What makes it play over and over, as all programs read it.
bool put_loop(GifFileType* gif) {
  constexpr std::array<GifByteType, 3> for_ever = {1, 0, 0};
  return EGifPutExtensionLeader(gif, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
         EGifPutExtensionBlock(gif, 11, "NETSCAPE2.0") == GIF_OK &&
         EGifPutExtensionBlock(gif, for_ever.size(), for_ever.data()) == GIF_OK &&
         EGifPutExtensionTrailer(gif) == GIF_OK;
}

bool put_patch(GifFileType* gif, GifPatch& patch) {
  GraphicsControlBlock control{};
  control.DisposalMode = DISPOSE_DO_NOT;
  control.DelayTime = patch.hundredths;
  control.TransparentColor = patch.clear;
  std::array<GifByteType, 4> bytes{};
  EGifGCBToExtension(&control, bytes.data());
  const GifColors colors = color_map(patch.palette);
  if (EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, bytes.size(), bytes.data()) != GIF_OK) return false;
  if (EGifPutImageDesc(gif, patch.x, patch.y, patch.width, patch.height, false, colors.get()) != GIF_OK) return false;
  for (int row = 0; row < patch.height; ++row) {
    GifPixelType* line = &patch.pixels[static_cast<std::size_t>(row) * static_cast<std::size_t>(patch.width)];
    if (EGifPutLine(gif, line, patch.width) != GIF_OK) return false;
  }
  return true;
}

}  // namespace

struct GifWriter::State {
  std::string path;
  GifFile gif;
  int width = 0, height = 0;
  std::vector<Rgb> shown;  // the picture as the file has it so far
  GifPatch waiting;        // its time is not known until the next change

  Outcome<void> flush() {
    if (waiting.pixels.empty()) return {};
    if (!put_patch(gif.get(), waiting)) return fail("cannot write picture " + path + ": the disk may be full");
    waiting = {};
    return {};
  }
};

GifWriter::GifWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
GifWriter::~GifWriter() = default;
GifWriter::GifWriter(GifWriter&& other) noexcept = default;
GifWriter& GifWriter::operator=(GifWriter&& other) noexcept = default;

Outcome<GifWriter> GifWriter::create(const std::string& path, int width, int height) {
  FT_CHECK(width > 0 && height > 0 && width <= 65535 && height <= 65535);
  auto state = std::make_unique<State>();
  state->path = path;
  state->width = width;
  state->height = height;
  // The library would keep the file from everyone else; this leaves that to the umask, as for other pictures.
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return fail("cannot write picture " + path + ": " + std::strerror(errno));
  state->gif.reset(EGifOpenFileHandle(file, nullptr));
  if (!state->gif) {
    close(file);
    return fail("cannot write picture " + path);
  }
  EGifSetGifVersion(state->gif.get(), true);
  if (EGifPutScreenDesc(state->gif.get(), width, height, 8, 0, nullptr) != GIF_OK || !put_loop(state->gif.get()))
    return fail("cannot write picture " + path);
  return GifWriter(std::move(state));
}

Outcome<void> GifWriter::add(const Image& frame, int hundredths) {
  State& state = *state_;
  FT_CHECK(frame.width == state.width && frame.height == state.height && hundredths >= 1);
  std::vector<Rgb> now = colors_of(frame);
  GifPatch patch{0, 0, 0, 0, {}, {}, NO_TRANSPARENT_COLOR, hundredths};
  if (state.shown.empty()) {
    patch.width = state.width;
    patch.height = state.height;
  } else {
    find_change(state.shown, now, state.width, patch);
  }
  if (patch.width == 0) {
    state.waiting.hundredths = std::min(state.waiting.hundredths + hundredths, longest_delay);
    return {};
  }
  if (auto done = state.flush(); !done) return done;
  fill_patch(state.shown, now, state.width, patch);
  state.waiting = std::move(patch);
  state.shown = std::move(now);
  return {};
}

Outcome<void> GifWriter::finish() {
  if (auto done = state_->flush(); !done) return done;
  if (EGifCloseFile(state_->gif.release(), nullptr) != GIF_OK)
    return fail("cannot write picture " + state_->path + ": the disk may be full");
  return {};
}

}  // namespace fourtuple::viz
