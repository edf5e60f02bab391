// The packets of a ladder as hops between hosts and as ends on the host that made them, and which hosts get a column.
// Steps of build_ladder; pure.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/replay/lanes.h"
#include "viz/panel/context.h"

namespace fourtuple::viz {

constexpr std::size_t most_ladder_hosts = 8;

struct LadderHop {
  replay::Transit transit;
  HostId from, to;
  bool first = false;  // of its packet
};

// A packet that was dropped by its own sender: by a rule, for want of a route, at a full queue.
struct LadderStub {
  PacketId packet;
  HostId host;
  std::uint64_t record = 0;  // its packet_dropped
  Time at;
};

struct LadderWays {
  std::vector<LadderHop> hops;  // by departure
  std::vector<LadderStub> stubs;
  std::vector<HostId> hosts;     // from left to right, neighbours side by side
  std::size_t hidden_hosts = 0;  // that have no column: too many take part
};

// Of more hosts than have room those stay whose packets travel nearest to `middle`, each with the whole way of its
// packet; what goes between others is left out.
LadderWays collect_ways(const PanelContext& context, const std::vector<PacketId>& packets, Time middle);

}  // namespace fourtuple::viz
