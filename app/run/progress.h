// A bar on stderr that tells how far a long run, or reading a large file, has come. It shows itself only on a terminal
// and only after half a second, and leaves nothing behind.
#pragma once

#include <chrono>
#include <string>

#include "app/session.h"

namespace fourtuple::app {

class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(const ScenarioRun& run);
  void show(const capture::ImportProgress& reading);
  void clear();

 private:
  bool due();
  void draw(double part, const std::string& words);

  using Clock = std::chrono::steady_clock;
  Clock::time_point next_;  // nothing is drawn before
  bool terminal_;
  bool drawn_ = false;
};

}  // namespace fourtuple::app
