#include "app/view/save.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

#include "app/render/frame_times.h"
#include "app/render/picture.h"
#include "capture/export.h"
#include "sim/replay/indexes.h"

namespace fourtuple::app {
namespace {

namespace fs = std::filesystem;
constexpr std::uint32_t gif_fps = 15;
constexpr int widest_gif = 1000;
constexpr std::int64_t loop_us = 5'000'000;

std::string writable_folder(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  std::error_code problem;
  std::string here = fs::current_path(problem).string();
  if (!problem && access(here.c_str(), W_OK) == 0) return here;
  const char* home = std::getenv("HOME");
  return home != nullptr ? home : ".";
}

std::string_view word_of(viz::PanelKind panel) {
  for (const viz::PanelName& name : viz::panel_names) {
    if (name.kind == panel) return name.word;
  }
  return "window";
}

// "first_run-ladder-0.300s"
std::string stem_of(Stage& stage, std::string_view what, bool with_time) {
  const std::string name = fs::path(stage.viewer().document()->path).stem().string();
  const std::int64_t ms = stage.viewer().now().ns / 1'000'000;
  const std::string stem = fmt::format("{}-{}", name.empty() ? "fourtuple" : name, what);
  return with_time ? fmt::format("{}-{}.{:03}s", stem, ms / 1000, ms % 1000) : stem;
}

Outcome<void> save_panel(Stage& stage, const std::string& path) {
  const auto [width, height] = stage.surface().framebuffer_size();
  stage.viewer().draw_only(viz::PictureFrame{});
  stage.settle();
  const std::string text = svg_of(stage, static_cast<float>(width), static_cast<float>(height));
  stage.viewer().draw_only(std::nullopt);
  return save_text(text, path);
}

Outcome<void> save_ladder(Stage& stage, const std::string& path) {
  viz::Viewer& viewer = stage.viewer();
  const viz::PanelKind panel = viewer.panel();
  const viz::LadderExtent extent = viewer.show_whole_ladder(Time{0}, stage.viewer().document()->trace->end_time());
  std::string text;
  if (extent.arrows > 0) {
    const auto width = static_cast<float>(stage.surface().framebuffer_size().width);
    const float height = std::ceil(extent.height * stage.scale());
    viewer.open_panel(viz::PanelKind::ladder);
    viewer.draw_only(viz::PictureFrame{false, viz::Rect{0, 0, width, height}});
    text = svg_of(stage, width, height);
  }
  viewer.draw_only(std::nullopt);
  viewer.open_panel(panel);
  viewer.show_ladder_around_cursor();
  if (extent.arrows == 0) return fail("no packet has been sent between two hosts");
  return save_text(text, path);
}

// The panel alone, while the window shows what is saved.
Outcome<void> save_animation(Stage& stage, const std::string& path) {
  viz::Viewer& viewer = stage.viewer();
  const Time now = viewer.now();
  const viz::Stretch stretch = viewer.last_played();
  if (stretch.to <= stretch.from) return fail("there is nothing to show yet: play first, or set a loop");
  replay::Indexes indexes(*stage.viewer().document()->trace);
  indexes.refresh();
  const Pace pace = stretch.equal_hops ? Pace::hops : Pace::time;
  auto times = frame_times({stretch.from, stretch.to, pace, gif_fps, loop_us}, indexes.lanes());
  if (!times) return tl::unexpected<Error>(times.error());
  viewer.draw_only(viz::PictureFrame{true, {}});
  auto saved = save_gif(stage, {std::move(*times), gif_fps, widest_gif}, path);
  viewer.draw_only(std::nullopt);
  viewer.seek(now);
  return saved;
}

Outcome<void> save_capture(Stage& stage, const std::string& folder) {
  const trace::Trace& trace = *stage.viewer().document()->trace;
  if (trace.tables().source == trace::Source::capture)
    return fail("these packets come from a capture; they are in its file already");
  auto files = capture::export_run(trace, folder);
  if (!files) return tl::unexpected<Error>(files.error());
  return {};
}

Outcome<std::string> told(Outcome<void> done, std::string path) {
  if (!done) return tl::unexpected<Error>(done.error());
  return path;
}

}  // namespace

std::string free_path(const std::string& folder, const std::string& stem, const std::string& ending) {
  std::error_code problem;
  fs::path path = fs::path(folder) / (stem + ending);
  for (int n = 2; fs::exists(path, problem); ++n) path = fs::path(folder) / fmt::format("{}-{}{}", stem, n, ending);
  return path.string();
}

Outcome<std::string> save(Stage& stage, viz::SaveKind kind, const std::string& folder) {
  if (stage.viewer().document() == nullptr) return fail("there is nothing to save yet");
  const std::string where = writable_folder(folder);
  const std::string_view panel = word_of(stage.viewer().panel());
  const auto path = [&](std::string_view what, const char* ending, bool with_time = true) {
    return free_path(where, stem_of(stage, what, with_time), ending);
  };
  std::string file;
  switch (kind) {
    case viz::SaveKind::picture:
      file = path(panel, ".png");
      stage.viewer().age_message(loop_us);
      stage.frame({}, 0);
      return told(viz::save_png(stage.surface().read_pixels(), file), file);
    case viz::SaveKind::panel:
      file = path(panel, ".svg");
      return told(save_panel(stage, file), file);
    case viz::SaveKind::ladder:
      file = path("whole-ladder", ".svg", false);
      return told(save_ladder(stage, file), file);
    case viz::SaveKind::animation:
      file = path(panel, ".gif");
      return told(save_animation(stage, file), file);
    case viz::SaveKind::capture:
      file = path("packets", "", false);
      return told(save_capture(stage, file), file);
  }
  return fail("nothing to save");
}

}  // namespace fourtuple::app
