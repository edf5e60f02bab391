#include "sim/replay/net_state.h"

#include <algorithm>

#include "sim/state/apply.h"

namespace fourtuple::replay {

namespace {

constexpr int records_ahead = 12;

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
      prefetch_changed(net.state, *trace.at(ahead));
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

void assign(NetState& to, const NetState& from) {
  state::assign(to.state, from.state);
  to.position = from.position;
  to.time = from.time;
  to.refused = from.refused;
}

std::uint64_t bytes_beyond(const state::State& state, const state::State& before) {
  return state.hosts.size() * sizeof(state::Counters) + state.processes.bytes_unlike(before.processes) +
         state.sockets.bytes_unlike(before.sockets) + state.locals.bytes_unlike(before.locals) +
         state.descriptors.bytes_unlike(before.descriptors) +
         state.descriptor_index.bytes_unlike(before.descriptor_index) +
         state.tcp_variables.bytes_unlike(before.tcp_variables) + state.rulesets.size() * sizeof(std::uint32_t) +
         state.conntrack.bytes_unlike(before.conntrack) + state.objects.bytes_unlike(before.objects) +
         state.set_elements.bytes_unlike(before.set_elements);
}

void prefetch_changed(const state::State& state, const trace::Slot& record) {
  switch (record.kind) {
    case trace::Kind::tcp_variables:
      state.sockets.prefetch_alive(record.subject);
      return state.tcp_variables.prefetch(record.subject);
    case trace::Kind::socket_state:
    case trace::Kind::socket_queues:
    case trace::Kind::socket_connected:
    case trace::Kind::socket_bound:
    case trace::Kind::socket_error:
    case trace::Kind::socket_closed:
    case trace::Kind::socket_owner:
      return state.sockets.prefetch(record.subject);
    case trace::Kind::conntrack_seen:
    case trace::Kind::conntrack_marked:
    case trace::Kind::conntrack_destroyed:
      return state.conntrack.prefetch(record.subject);
    default:
      return;
  }
}

}  // namespace fourtuple::replay
