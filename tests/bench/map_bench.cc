// The window with a dense map while a person scrubs: what a frame of 1920 x 1080 costs with a software OpenGL driver,
// and where the time goes. Without a display (EGL surfaceless).
#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

#include "app/view/documents.h"
#include "viz/kit/panel.h"
#include "viz/panels/sockets/sockets_panel.h"
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
    auto surface = viz::make_offscreen_surface(1920, 1080, viz::Painting::every_frame);
    auto document = open_document(scenario);
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

  // Of the sockets the map of ports.
  void open_panel(viz::PanelKind panel) {
    viewer_.open_panel(panel);
    if (panel == viz::PanelKind::sockets) viewer_.panels().sockets().show_tab(viz::map_tab);
  }
  Time end() const { return trace_->end_time(); }
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

std::string stored(const std::string& scenario) {
  return std::string(FT_SOURCE_DIR "/scenarios/") + scenario;
}

// Eight links with 1,350 datagrams each on their way: all of them sprites, no link has enough for a ribbon.
std::string eight_streams() {
  std::string networks = "fourtuple: 1\nuntil: 1 s\nnetworks:\n", hosts = "hosts:\n", timeline = "timeline:\n";
  for (int i = 0; i < 8; ++i) {
    networks += fmt::format("  n{}: {{ delay: 600 ms, rate: 1 Gbit/s }}\n", i);
    for (const int end : {1, 2})
      hosts += fmt::format(
          "  h{}{}:\n    interfaces: {{ eth0: {{ network: n{}, address: 10.{}.0.{}/24 }} }}\n    processes: {{ p: {{}} "
          "}}\n",
          i, end, i, i, end);
    timeline += fmt::format("  - {{ at: 1 ms, process: h{}1/p, bind: \"udp 0.0.0.0:7\", as: s{} }}\n", i, i);
    timeline += fmt::format(
        "  - {{ at: 2 ms, on: s{}, sendto: {{ to: \"h{}2:9\", bytes: 100 }}, every: 100 us, count: 1350 }}\n", i, i);
  }
  const std::string path = (std::filesystem::temp_directory_path() / "fourtuple_eight_streams.yaml").string();
  std::ofstream(path) << networks << hosts << timeline;
  return path;
}

// The same picture again, as when the pointer moves over other panels: what is drawn without anything to work out.
void rest(benchmark::State& state, const std::string& scenario, std::size_t packets) {
  Scrubber scrubber(scenario);
  scrubber.seek(scrubber.first_with(packets));
  for (int i = 0; i < 4; ++i) scrubber.frame();
  scrubber.draw_ms = scrubber.gl_ms = 0;
  for (auto unused : state) {
    static_cast<void>(unused);
    scrubber.frame();
  }
  const auto frames = static_cast<double>(state.iterations());
  state.counters["draw_ms"] = scrubber.draw_ms / frames;
  state.counters["gl_ms"] = scrubber.gl_ms / frames;
}

// The scenario of a hundred thousand clients with so many of them: each has a socket at both ends.
std::string crowd_of(std::int64_t clients) {
  std::ifstream in(stored("limits/hundred_thousand_clients.yaml"));
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto replace = [&](const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  };
  replace("count: 100000", fmt::format("count: {}", clients));
  replace("nofile: 131072", "nofile: 1048576");
  text.resize(text.find("expect:"));
  const std::string path = (std::filesystem::temp_directory_path() / "fourtuple_crowd.yaml").string();
  std::ofstream(path) << text;
  return path;
}

// A panel while a person scrubs through the last second of a crowd's arrival. OpenGL is left out: it is the map's case.
void scrub_crowd(benchmark::State& state, viz::PanelKind panel, std::int64_t clients) {
  Scrubber scrubber(crowd_of(clients));
  scrubber.open_panel(panel);
  const Time last = std::min(scrubber.end(), Time{0} + milliseconds(10'100));
  double slowest = 0;
  int step = 0;
  for (auto unused : state) {
    static_cast<void>(unused);
    scrubber.seek_ms = scrubber.draw_ms = 0;
    scrubber.seek(last - milliseconds(step++ * 37 % 1000));
    scrubber.frame();
    slowest = std::max(slowest, scrubber.seek_ms + scrubber.draw_ms);
    state.SetIterationTime((scrubber.seek_ms + scrubber.draw_ms) / 1000);
  }
  state.counters["slowest_ms"] = slowest;
}

// Scrubs to and fro in 16 steps from the instant at which so many packets are under way.
void scrub(benchmark::State& state, const std::string& scenario, std::size_t packets, Duration grain) {
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
    scrubber.seek(from + grain * (at < 16 ? at : 31 - at));
    scrubber.frame();
    slowest = std::max(slowest, ms_since(begun));
  }
  const auto frames = static_cast<double>(state.iterations());
  state.counters["seek_ms"] = scrubber.seek_ms / frames;
  state.counters["draw_ms"] = scrubber.draw_ms / frames;
  state.counters["gl_ms"] = scrubber.gl_ms / frames;
  state.counters["slowest_ms"] = slowest;
  state.counters["vertices"] = scrubber.vertices;
  state.counters["sprites"] = static_cast<double>(scrubber.traffic().sprites.size());
  const auto& capsules = scrubber.traffic().capsules;
  state.counters["labels"] =
      static_cast<double>(std::count_if(capsules.begin(), capsules.end(), [](const viz::MapCapsule& capsule) {
        return capsule.form == viz::MapForm::labelled;
      }));
  state.counters["capsules"] = static_cast<double>(scrubber.traffic().capsules.size());
}

BENCHMARK_CAPTURE(scrub_crowd, host_1000000_sockets, viz::PanelKind::host, 500'000)
    ->Unit(benchmark::kMillisecond)
    ->UseManualTime()
    ->Iterations(20);
BENCHMARK_CAPTURE(scrub_crowd, ports_1000000_sockets, viz::PanelKind::sockets, 500'000)
    ->Unit(benchmark::kMillisecond)
    ->UseManualTime()
    ->Iterations(20);
BENCHMARK_CAPTURE(scrub_crowd, map_1000000_sockets, viz::PanelKind::map, 500'000)
    ->Unit(benchmark::kMillisecond)
    ->UseManualTime()
    ->Iterations(20);
BENCHMARK_CAPTURE(rest, labels_1000, stored("limits/sixty_hosts.yaml"), 850)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(rest, sprites_and_ribbons_10000, stored("limits/sixty_hosts.yaml"), 10'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(scrub, first_run, stored("first_run.yaml"), 2, milliseconds(1))
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK_CAPTURE(scrub, labels_1000, stored("limits/sixty_hosts.yaml"), 850, microseconds(250))
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK_CAPTURE(scrub, sprites_and_ribbons_10000, stored("limits/sixty_hosts.yaml"), 10'000, milliseconds(4))
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK_CAPTURE(scrub, sprites_10000, eight_streams(), 10'500, milliseconds(4))
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace fourtuple::app
