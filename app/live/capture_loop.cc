#include "app/live/capture_loop.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <unistd.h>

#include "app/live/interrupts.h"
#include "app/live/live_report.h"
#include "app/live/screen.h"
#include "app/output.h"
#include "app/session.h"
#include "capture/live/frame_keeper.h"
#include "capture/live/live_capture.h"
#include "capture/machine/steady_clock.h"

namespace fourtuple::app {
namespace {

using capture::steady_ns;

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
    if (terminal_) return print(screen_of(""));
    while (told_ < flows.flows().size()) print(flow_line(flows, told_++));
    print("\n");
  }

 private:
  // The processes get half of the lines at most, the latest conversations the rest.
  static void redraw(capture::LiveFlows& flows, const LiveCounts& counts) {
    const ScreenSize size = terminal_size();
    constexpr std::size_t least = 3, fixed = 3;  // the counts, a heading, the line of the cursor
    const std::size_t room = std::max(size.lines, fixed + 2 * least) - fixed;
    std::string text = fitted(counts_text(counts), 1, size.columns);
    const std::string processes = fitted(processes_text(flows), room / 2, size.columns);
    const std::size_t all = flows.flows().size(), left = std::min(all, room - count_lines(processes));
    const std::string earlier = left < all ? fmt::format("; {} earlier", all - left) : "";
    text += processes + fitted(fmt::format("latest conversations (Ctrl-C ends){}", earlier), 1, size.columns);
    std::string lines;
    for (std::size_t i = all - left; i < all; ++i) lines += flow_line(flows, static_cast<std::uint32_t>(i));
    print(screen_of(text + fitted(lines, std::max(left, std::size_t{1}), size.columns)));
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
  // Addresses come and go: a lease, a VPN, a container's bridge.
  void renew_addresses(std::int64_t now_ns);
  // Takes frames until it is told to stop or something fails.
  Outcome<void> capture();
  void report();

  const LiveOptions* options_;
  Interrupts interrupts_;
  capture::LiveCapture capture_;
  capture::LiveFlows* flows_;
  std::optional<capture::FrameKeeper> keeper_;
  std::int64_t limit_ns_, start_ns_ = 0, next_addresses_ns_ = 0;
  LiveCounts counts_;
};

bool Loop::more(std::int64_t now_ns) {
  counts_.lasted_ns = now_ns - start_ns_;
  if (const char* signal = interrupts_.came(); signal != nullptr) {
    counts_.ended = signal;
  } else if (options_->packets && counts_.packets >= *options_->packets) {
    counts_.ended = "--packets";
  } else if (counts_.lasted_ns >= limit_ns_) {
    counts_.ended = "--seconds";
  } else if (output_failed() || (keeper_ && keeper_->failed())) {
    counts_.ended = "an error";
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
  if (!got) return fail({options_->interface, 0, 0}, got.error().message);
  counts_.packets += *got;
  const std::int64_t after_ns = steady_ns();
  if (auto looked = flows_->look(after_ns); !looked) return looked;
  if (keeper_) keeper_->release(*flows_, after_ns);
  return {};
}

void Loop::renew_addresses(std::int64_t now_ns) {
  constexpr std::int64_t pause_ns = 1'000'000'000;
  if (now_ns < next_addresses_ns_) return;
  next_addresses_ns_ = now_ns + pause_ns;
  if (const auto interfaces = capture::local_interfaces()) flows_->set_interfaces(*interfaces);
}

Outcome<void> Loop::capture() {
  Progress progress(options_->json);
  if (auto looked = flows_->look(start_ns_); !looked) return looked;
  Outcome<void> done;
  while (done && more(steady_ns())) {
    renew_addresses(steady_ns());
    done = step(steady_ns());
    counts_.dropped = capture_.dropped();
    progress.show(*flows_, counts_, steady_ns());
  }
  if (auto looked = flows_->finish(); done && !looked) done = looked;
  progress.finish(*flows_);
  return done;
}

void Loop::report() {
  if (options_->json) {
    print(summary_json(*flows_, counts_).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    print(summary_text(*flows_, counts_));
  }
}

Outcome<void> Loop::run() {
  counts_.interface = options_->interface;
  counts_.link = name_of(capture_.link());
  if (!options_->temporary) counts_.file = options_->file;
  start_ns_ = steady_ns();
  Outcome<void> done = capture();
  if (keeper_)
    if (auto closed = keeper_->close(*flows_); done && !closed) done = closed;
  // What came before a failure is still worth showing.
  if (!done) counts_.ended = "an error";
  if (!done) counts_.error = done.error().to_string();
  report();
  return done;
}

}  // namespace

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
