#include "app/live/capture_loop.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <optional>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/live/live_report.h"
#include "app/session.h"
#include "capture/live/frame_keeper.h"
#include "capture/live/live_capture.h"

namespace fourtuple::app {
namespace {

volatile std::sig_atomic_t stop_wanted = 0;

void stop(int) {
  stop_wanted = 1;
}

std::int64_t steady_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

// How many lines fit the terminal.
std::size_t terminal_lines() {
  winsize size{};
  constexpr std::size_t usual = 24;
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 4 ? size.ws_row : usual;
}

// What is printed while packets come: a table drawn again and again on a terminal, else a line for each conversation.
class Progress {
 public:
  explicit Progress(bool quiet) : quiet_(quiet), terminal_(isatty(STDOUT_FILENO) == 1) {}

  void show(capture::LiveFlows& flows, const LiveCounts& counts, std::int64_t now_ns) {
    if (quiet_) return;
    if (terminal_) {
      constexpr std::int64_t pause_ns = 500'000'000;
      if (now_ns < next_ns_) return;
      next_ns_ = now_ns + pause_ns;
      return redraw(flows, counts);
    }
    while (told_ < flows.flows().size() && flows.settled(told_)) print(flow_line(flows, told_++));
  }
  // The conversations not told yet.
  void finish(capture::LiveFlows& flows) {
    if (quiet_) return;
    if (terminal_) return print("\x1b[H\x1b[J");
    while (told_ < flows.flows().size()) print(flow_line(flows, told_++));
    print("\n");
  }

 private:
  void redraw(capture::LiveFlows& flows, const LiveCounts& counts) const {
    std::string text = "\x1b[H\x1b[J" + counts_text(counts) + processes_text(flows);
    const auto used = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 2;
    const std::size_t lines = terminal_lines();
    const std::size_t all = flows.flows().size(), room = lines > used ? lines - used : 1;
    text += "latest conversations (Ctrl-C ends)\n";
    for (std::size_t i = all > room ? all - room : 0; i < all; ++i)
      text += flow_line(flows, static_cast<std::uint32_t>(i));
    print(text);
  }

  bool quiet_, terminal_;
  std::int64_t next_ns_ = 0;
  std::uint32_t told_ = 0;
};

class Loop {
 public:
  Loop(const LiveOptions& options, capture::LiveCapture capture, capture::LiveFlows& flows,
       std::optional<capture::FrameKeeper> keeper, std::int64_t limit_ns)
      : options_(&options),
        capture_(std::move(capture)),
        flows_(&flows),
        keeper_(std::move(keeper)),
        limit_ns_(limit_ns) {}

  Outcome<void> run();

 private:
  // Whether to go on; if not, counts_.ended says why.
  bool more(std::int64_t now_ns);
  Outcome<void> step(std::int64_t now_ns);

  const LiveOptions* options_;
  capture::LiveCapture capture_;
  capture::LiveFlows* flows_;
  std::optional<capture::FrameKeeper> keeper_;
  std::int64_t limit_ns_, start_ns_ = 0;
  LiveCounts counts_;
};

bool Loop::more(std::int64_t now_ns) {
  counts_.lasted_ns = now_ns - start_ns_;
  if (stop_wanted != 0) {
    counts_.ended = "Ctrl-C";
  } else if (options_->packets && counts_.packets >= *options_->packets) {
    counts_.ended = "--packets";
  } else if (counts_.lasted_ns >= limit_ns_) {
    counts_.ended = "--seconds";
  }
  return counts_.ended.empty();
}

Outcome<void> Loop::step(std::int64_t now_ns) {
  constexpr std::int64_t longest_ms = 20;
  const std::int64_t left_ms = (limit_ns_ - counts_.lasted_ns) / 1'000'000 + 1;
  const std::uint64_t most = options_->packets ? *options_->packets - counts_.packets : UINT64_MAX;
  const auto got =
      capture_.read(static_cast<int>(std::min(longest_ms, left_ms)), most, [&](const capture::Frame& frame) {
        const capture::FrameView& view = flows_->add(frame);
        if (keeper_) keeper_->add(frame, view, *flows_, now_ns);
      });
  if (!got) return tl::unexpected<Error>(got.error());
  counts_.packets += *got;
  const std::int64_t after_ns = steady_ns();
  if (auto looked = flows_->look(after_ns); !looked) return looked;
  if (keeper_) keeper_->release(*flows_, after_ns);
  return {};
}

Outcome<void> Loop::run() {
  counts_.interface = options_->interface;
  counts_.link = name_of(capture_.link());
  counts_.file = options_->file;
  Progress progress(options_->json);
  start_ns_ = steady_ns();
  if (auto looked = flows_->look(start_ns_); !looked) return looked;
  while (more(steady_ns())) {
    if (auto done = step(steady_ns()); !done) {
      counts_.ended = done.error().message;  // the interface went away: what came before is still worth showing
      break;
    }
    counts_.dropped = capture_.dropped();
    progress.show(*flows_, counts_, steady_ns());
  }
  if (keeper_)
    if (auto closed = keeper_->close(*flows_); !closed) return closed;
  progress.finish(*flows_);
  if (options_->json) {
    print(summary_json(*flows_, counts_).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    print(summary_text(*flows_, counts_));
  }
  return {};
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = stop;  // without SA_RESTART: waits end
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
  return stop_wanted != 0;
}

Outcome<std::int64_t> parse_seconds(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
  const auto time = parse_instant(plain ? text + " s" : text, "--seconds");
  if (!time) return tl::unexpected<Error>(time.error());
  return time->ns;
}

Outcome<void> capture_live(const LiveOptions& options, const std::vector<capture::LocalInterface>& interfaces,
                           capture::MachineWatch& watch) {
  std::int64_t limit_ns = INT64_MAX;
  if (!options.seconds.empty()) {
    const auto seconds = parse_seconds(options.seconds);
    if (!seconds) return tl::unexpected<Error>(seconds.error());
    limit_ns = *seconds;
  }
  auto capture = capture::LiveCapture::open({options.interface, options.filter, options.snap_length});
  if (!capture) return tl::unexpected<Error>(capture.error());
  std::optional<capture::FrameKeeper> keeper;
  if (!options.file.empty()) {
    auto made = capture::FrameKeeper::create(options.file, options.interface, capture->link());
    if (!made) return tl::unexpected<Error>(made.error());
    keeper = std::move(*made);
  }
  capture::LiveFlows flows(watch, interfaces);
  return Loop(options, std::move(*capture), flows, std::move(keeper), limit_ns).run();
}

}  // namespace fourtuple::app
