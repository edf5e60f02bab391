#include "app/run/progress.h"

#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

#include "app/text_table.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

constexpr auto patience = std::chrono::milliseconds(500);
constexpr auto between = std::chrono::milliseconds(100);
constexpr int width = 30;

}  // namespace

ProgressBar::ProgressBar() : next_(Clock::now() + patience), terminal_(isatty(STDERR_FILENO) != 0) {}

bool ProgressBar::due() {
  if (!terminal_ || Clock::now() < next_) return false;
  next_ = Clock::now() + between;
  return true;
}

void ProgressBar::draw(double part, const std::string& words) {
  std::string bar;
  for (int i = 0; i < width; ++i) bar += i < static_cast<int>(part * width) ? "█" : "░";
  fmt::print(stderr, "\r{} {}\x1b[K", bar, words);
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::show(const ScenarioRun& run) {
  if (!due()) return;
  const double end = run.end().ns > 0 ? static_cast<double>(run.end().ns) : 1;
  draw(static_cast<double>(run.now().ns) / end,
       fmt::format("{} of {}", trace::time_text(run.now()), trace::time_text(run.end())));
}

void ProgressBar::show(const capture::ImportProgress& reading) {
  if (!due() || reading.size == 0) return;
  draw(static_cast<double>(reading.read) / static_cast<double>(reading.size),
       fmt::format("{} of {}", bytes_text(reading.read), bytes_text(reading.size)));
}

void ProgressBar::clear() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace fourtuple::app
