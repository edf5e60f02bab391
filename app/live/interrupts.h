// Ctrl-C and the other ways to ask a program to end, as a flag for a while instead of the program's end.
#pragma once

#include <array>
#include <csignal>

namespace fourtuple::app {

// SIGINT, SIGTERM and, unless nohup has it ignored, SIGHUP end waits and set a flag while this exists; then they do
// what they did before. One at a time.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // "Ctrl-C", "SIGTERM", "SIGHUP"; nullptr: none came.
  const char* came() const;

 private:
  static constexpr std::array<int, 3> signals{SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, 3> before_{};
};

}  // namespace fourtuple::app
