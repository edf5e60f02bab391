#include "app/live/interrupts.h"

namespace fourtuple::app {
namespace {

volatile std::sig_atomic_t last_signal = 0;

void keep(int signal) {
  last_signal = signal;
}

}  // namespace

Interrupts::Interrupts() {
  last_signal = 0;
  struct sigaction action {};
  action.sa_handler = keep;  // without SA_RESTART: waits end
  for (std::size_t i = 0; i < signals.size(); ++i) {
    sigaction(signals[i], nullptr, &before_[i]);
    if (signals[i] != SIGHUP || before_[i].sa_handler != SIG_IGN) sigaction(signals[i], &action, nullptr);
  }
}

Interrupts::~Interrupts() {
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before_[i], nullptr);
}

const char* Interrupts::came() const {
  switch (last_signal) {
    case 0:
      return nullptr;
    case SIGTERM:
      return "SIGTERM";
    case SIGHUP:
      return "SIGHUP";
    default:
      return "Ctrl-C";
  }
}

}  // namespace fourtuple::app
