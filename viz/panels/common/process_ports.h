// What each process of a state holds: the ports that say most about it, and the conversation whose colour it has
// everywhere in the window. Pure; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "viz/panel/context.h"

namespace fourtuple::viz {

struct ProcessPorts {
  std::uint16_t best = 0;  // the first listener's port if there is one, else the last socket's
  int rank = 0;            // 3 listens or receives, 2 connected
  int more = 0;            // other listening ports
  bool loopback_only = true;
  std::uint32_t flow = replay::FlowTable::none;  // of its newest connection
};

// By ProcessId, at the cursor. Looks at every socket once.
std::vector<ProcessPorts> ports_by_process(const PanelContext& context);

}  // namespace fourtuple::viz
