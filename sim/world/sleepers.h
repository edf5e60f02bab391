// Processes that sleep in a system call, as `ps` shows them: in which call, on which descriptor, and what woke them.
// A call that comes from several threads of a process sleeps several times; the process shows the latest.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/stack/context.h"

namespace fourtuple::world {

struct Sleeper {
  ProcessId process;
  trace::Call call{};
  std::int32_t fd = -1;
};

class Sleepers {
 public:
  // The call would block: the process sleeps. `fd` -1: on several descriptors.
  void begin(stack::Context& c, ProcessId process, trace::Call call, std::int32_t fd);
  // It returns. Nothing happens when it did not sleep.
  void end(stack::Context& c, ProcessId process, trace::Call call, std::int32_t fd);
  // Every call of the process that sleeps on `fd` ends.
  void end_all(stack::Context& c, ProcessId process, std::int32_t fd);
  // Every call but the wait of a server for all its sockets, which the program takes up again.
  void end_threads(stack::Context& c, ProcessId process);
  // The process is gone.
  void forget(ProcessId process);

 private:
  template <class Ends>
  void end_where(stack::Context& c, ProcessId process, Ends ends);

  std::vector<Sleeper> sleeping_;  // in the order in which they fell asleep
};

}  // namespace fourtuple::world
