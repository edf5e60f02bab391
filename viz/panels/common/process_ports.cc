#include "viz/panels/common/process_ports.h"

#include <algorithm>

#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

bool takes_new(const state::Socket& socket) {
  if (socket.protocol == Protocol::tcp) return socket.tcp_state == TcpState::listen;
  return socket.tuple.remote_port == 0;
}

}  // namespace

std::vector<ProcessPorts> ports_by_process(const PanelContext& context) {
  const state::State& state = context.cursor.state();
  const trace::Tables& tables = context.trace.tables();
  std::vector<ProcessPorts> all(state.processes.end());
  // From the last one, whose flow says most: a program's other sockets, maybe a million, need not be looked up.
  for (std::uint32_t i = state.sockets.end(); i-- > 0;) {
    if (!state.sockets.alive(i)) continue;
    const state::Socket& socket = state.sockets[i];
    if (socket.tuple.local_port == 0) continue;
    ProcessId owner = socket.owner;
    if (!owner.valid()) {
      // Not yet accepted: it shows at the program that listens.
      const state::Socket* listener = find_socket(state, socket.listener);
      if (listener == nullptr) continue;
      owner = listener->owner;
    }
    if (owner.value >= all.size()) continue;
    ProcessPorts& ports = all[owner.value];
    const int rank = takes_new(socket) ? 3 : 2;
    if (rank == 3 && ports.rank == 3) ++ports.more;
    if (rank > ports.rank || (rank == ports.rank && rank == 3)) ports.best = socket.tuple.local_port;
    ports.rank = std::max(ports.rank, rank);
    ports.loopback_only = ports.loopback_only && is_loopback(tables, socket.tuple.local);
    if (socket.tuple.remote_port != 0 && ports.flow == replay::FlowTable::none)
      ports.flow = context.indexes.flows().find(socket.protocol, socket.tuple);
  }
  return all;
}

}  // namespace fourtuple::viz
