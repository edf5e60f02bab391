#include "app/run/progress.h"

#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

constexpr auto patience = std::chrono::milliseconds(500);
constexpr auto between = std::chrono::milliseconds(100);
constexpr int width = 30;

}  // namespace

ProgressBar::ProgressBar() : next_(Clock::now() + patience), terminal_(isatty(STDERR_FILENO) != 0) {}

void ProgressBar::show(const ScenarioRun& run) {
  if (!terminal_ || Clock::now() < next_) return;
  next_ = Clock::now() + between;
  const std::int64_t end = run.end().ns > 0 ? run.end().ns : 1;
  const int filled = static_cast<int>(run.now().ns / (end / width + 1));
  std::string bar;
  for (int i = 0; i < width; ++i) bar += i < filled ? "█" : "░";
  fmt::print(stderr, "\r{} {} of {}\x1b[K", bar, trace::time_text(run.now()), trace::time_text(run.end()));
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::clear() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace fourtuple::app
