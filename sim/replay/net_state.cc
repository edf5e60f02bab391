#include "sim/replay/net_state.h"

#include <algorithm>

#include "sim/state/apply.h"

namespace fourtuple::replay {

NetState initial_state(const trace::Trace& trace) {
  NetState net;
  net.state.hosts.resize(trace.tables().topology.hosts.size());
  net.position = trace.first();
  return net;
}

void fold_to(NetState& net, const trace::Trace& trace, std::uint64_t boundary) {
  boundary = std::min(boundary, trace.published());
  while (net.position < boundary) {
    const trace::Slot* record = trace.at(net.position);
    if (record->kind != trace::Kind::padding) {
      net.time = std::max(net.time, record->at);
      if (!state::apply_record(net.state, record)) ++net.refused;
    }
    net.position = trace.next(net.position);
  }
}

NetState fold(const trace::Trace& trace, std::uint64_t boundary) {
  NetState net = initial_state(trace);
  fold_to(net, trace, boundary);
  return net;
}

}  // namespace fourtuple::replay
