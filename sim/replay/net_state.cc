#include "sim/replay/net_state.h"

#include <algorithm>

#include "sim/state/apply.h"

namespace fourtuple::replay {

namespace {

// With more sockets than caches hold, the fold asks for what later records will change.
constexpr std::uint32_t crowd = 1u << 14;
constexpr int records_ahead = 12;

void prefetch(const state::State& state, const trace::Slot& record) {
  switch (record.kind) {
    case trace::Kind::tcp_variables:
      return state.tcp_variables.prefetch(record.subject);
    case trace::Kind::socket_state:
    case trace::Kind::socket_queues:
    case trace::Kind::socket_connected:
    case trace::Kind::socket_owner:
      return state.sockets.prefetch(record.subject);
    default:
      return;
  }
}

// One record; REQUIRES: net.position < trace.published().
void fold_one(NetState& net, const trace::Trace& trace) {
  const trace::Slot* record = trace.at(net.position);
  if (record->kind != trace::Kind::padding) {
    net.time = std::max(net.time, record->at);
    if (!state::apply_record(net.state, record)) ++net.refused;
  }
  net.position = trace.next(net.position);
}

}  // namespace

NetState initial_state(const trace::Trace& trace) {
  NetState net;
  net.state.hosts.resize(trace.tables().topology.hosts.size());
  net.position = trace.first();
  return net;
}

void fold_to(NetState& net, const trace::Trace& trace, std::uint64_t boundary) {
  boundary = std::min(boundary, trace.published());
  while (net.position < boundary && net.state.sockets.end() < crowd) fold_one(net, trace);
  std::uint64_t ahead = net.position;
  for (int i = 0; i < records_ahead && ahead < boundary; ++i) ahead = trace.next(ahead);
  while (net.position < boundary) {
    if (ahead < boundary) {
      prefetch(net.state, *trace.at(ahead));
      ahead = trace.next(ahead);
    }
    fold_one(net, trace);
  }
}

NetState fold(const trace::Trace& trace, std::uint64_t boundary) {
  NetState net = initial_state(trace);
  fold_to(net, trace, boundary);
  return net;
}

}  // namespace fourtuple::replay
