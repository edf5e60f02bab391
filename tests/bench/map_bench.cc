// The window with a dense map while a person scrubs: what a frame of 1920 x 1080 costs with a software OpenGL driver,
// and where the time goes. Without a display (EGL surfaceless).
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>

#include "app/view/documents.h"
#include "viz/kit/panel.h"
#include "viz/surface/surface.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::app {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point from) {
  return std::chrono::duration<double, std::milli>(Clock::now() - from).count();
}

// A window over one scenario, whose frames are measured in parts.
class Scrubber {
 public:
  explicit Scrubber(const std::string& scenario) : viewer_({}) {
    auto surface = viz::make_offscreen_surface(1920, 1080);
    auto document = open_document(std::string(FT_SOURCE_DIR "/scenarios/") + scenario);
    if (!surface || !document) std::abort();
    surface_ = std::move(*surface);
    if (!theme_.apply(*surface_, {})) std::abort();
    trace_ = document->trace;
    viewer_.show(std::move(*document));
    for (int i = 0; i < 4; ++i) frame();
  }

  // The first instant with that many packets under way.
  Time first_with(std::size_t packets) const {
    replay::Indexes indexes(*trace_);
    indexes.refresh();
    std::vector<replay::Transit> transits;
    for (Time at{0}; at < trace_->end_time(); at = at + milliseconds(1)) {
      indexes.lanes().in_flight(at, transits);
      if (transits.size() >= packets) return at;
    }
    std::abort();
  }

  void seek(Time at) {
    const auto begun = Clock::now();
    viewer_.seek(at);
    seek_ms += ms_since(begun);
  }

  void frame() {
    surface_->begin_frame({});
    const auto begun = Clock::now();
    {
      viz::RootPanel root(theme_, focus_);
      viz::Ui ui = root.ui();
      viewer_.draw(ui, root.area(), 16'667);
    }
    draw_ms += ms_since(begun);
    const auto drawn = Clock::now();
    surface_->end_frame();
    vertices = ImGui::GetDrawData()->TotalVtxCount;
    static_cast<void>(theme_.refresh(*surface_));
    gl_ms += ms_since(drawn);
  }

  const viz::MapTraffic& traffic() { return viewer_.panels().map().traffic(); }

  double seek_ms = 0, draw_ms = 0, gl_ms = 0;
  int vertices = 0;  // of the last frame

 private:
  const trace::Trace* trace_ = nullptr;
  std::unique_ptr<viz::Surface> surface_;
  viz::Theme theme_;
  viz::Focus focus_;
  viz::Viewer viewer_;
};

// Scrubs to and fro over 64 ms from the instant at which so many packets are under way.
void scrub(benchmark::State& state, const std::string& scenario, std::size_t packets) {
  Scrubber scrubber(scenario);
  const Time from = scrubber.first_with(packets);
  for (int i = 0; i < 4; ++i) {
    scrubber.seek(from);
    scrubber.frame();
  }
  scrubber.seek_ms = scrubber.draw_ms = scrubber.gl_ms = 0;
  int step = 0;
  double slowest = 0;
  for (auto unused : state) {
    static_cast<void>(unused);
    const auto begun = Clock::now();
    const int at = step++ % 32;
    scrubber.seek(from + milliseconds(4 * (at < 16 ? at : 31 - at)));
    scrubber.frame();
    slowest = std::max(slowest, ms_since(begun));
  }
  const auto frames = static_cast<double>(state.iterations());
  state.counters["seek_ms"] = scrubber.seek_ms / frames;
  state.counters["draw_ms"] = scrubber.draw_ms / frames;
  state.counters["gl_ms"] = scrubber.gl_ms / frames;
  state.counters["slowest_ms"] = slowest;
  state.counters["vertices"] = scrubber.vertices;
  state.counters["capsules"] = static_cast<double>(scrubber.traffic().capsules.size());
}

BENCHMARK_CAPTURE(scrub, sixty_hosts_few, "limits/sixty_hosts.yaml", 1)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK_CAPTURE(scrub, sixty_hosts_1000, "limits/sixty_hosts.yaml", 1'000)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK_CAPTURE(scrub, sixty_hosts_10000, "limits/sixty_hosts.yaml", 10'000)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK_CAPTURE(scrub, first_run, "first_run.yaml", 2)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace fourtuple::app
