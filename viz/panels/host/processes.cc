// The host's processes with their descriptor tables, the one that gets the packet first.
#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "sim/trace/describe.h"
#include "viz/panels/common/process_ports.h"
#include "viz/panels/host/host_model.h"

namespace fourtuple::viz {
namespace {

constexpr std::size_t winner_lines = 9, other_lines = 2;

std::vector<const state::Descriptor*> descriptors_of(const state::State& state, const state::Process& process) {
  std::vector<const state::Descriptor*> found;
  for (std::uint32_t at = process.first_descriptor; at != 0xffffffffu; at = state.descriptors[at].next) {
    found.push_back(&state.descriptors[at]);
    if (found.size() > 4096) break;
  }
  std::sort(found.begin(), found.end(),
            [](const state::Descriptor* a, const state::Descriptor* b) { return a->fd < b->fd; });
  return found;
}

std::string remote_name(const trace::Tables& tables, AddressId address) {
  const HostId host = host_with(tables, address);
  return host.valid() ? std::string(trace::host_name(tables, host)) : std::string();
}

DescriptorLine socket_line(const PanelContext& context, const state::Socket& socket, SocketId id, std::int32_t fd) {
  const trace::Tables& tables = context.trace.tables();
  DescriptorLine line;
  line.fd = fd >= 0 ? std::to_string(fd) : "";
  line.socket = id;
  const bool remote = socket.tuple.remote_port != 0;
  line.listening = !remote;
  if (remote) {
    line.text = endpoint_words(tables, socket.tuple.remote, socket.tuple.remote_port);
    const std::uint32_t flow = context.indexes.flows().find(socket.protocol, socket.tuple);
    if (flow != replay::FlowTable::none) line.flow = flow_slot(flow);
    line.queued = socket.receive_queue;
    line.remark = socket.tcp_state == TcpState::established ? remote_name(tables, socket.tuple.remote)
                                                            : std::string(ss_name_of(socket.tcp_state));
  } else {
    line.text = socket.tuple.local_port == 0 ? "not bound"
                                             : endpoint_words(tables, socket.tuple.local, socket.tuple.local_port);
    const bool tcp = socket.protocol == Protocol::tcp;
    line.remark = tcp ? (socket.tcp_state == TcpState::listen ? "listening" : "unused") : "UDP";
    if (!tcp) line.queued = socket.receive_queue;
  }
  return line;
}

std::string place_words(const PanelContext& context, const state::State& state,
                        const std::vector<const state::Descriptor*>& descriptors) {
  const trace::Tables& tables = context.trace.tables();
  bool any = false, loopback = true, one = true;
  for (const state::Descriptor* descriptor : descriptors) {
    const state::Socket* socket = find_socket(state, descriptor->socket);
    if (descriptor->kind != state::DescriptorKind::socket || socket == nullptr || socket->tuple.local_port == 0)
      continue;
    if (socket->tuple.remote_port != 0) {
      loopback = loopback && is_loopback(tables, socket->tuple.local);
      one = false;
      any = true;
      continue;
    }
    any = true;
    loopback = loopback && is_loopback(tables, socket->tuple.local);
    one = one && !is_wildcard(tables, socket->tuple.local);
  }
  // A capture seldom tells descriptors.
  if (!any) return context.trace.tables().source == trace::Source::capture ? "" : "no sockets";
  return loopback ? "loopback only" : one ? "this address only" : "";
}

// `owned`: sockets of which no descriptor is known.
ProcessCard make_card(const PanelContext& context, const state::State& state, ProcessId id, SocketId winner,
                      std::size_t all_sockets, const std::vector<SocketId>& owned) {
  const state::Process& process = state.processes[id.value];
  const std::vector<const state::Descriptor*> descriptors = descriptors_of(state, process);
  ProcessCard card;
  card.process = id;
  card.name = process_name(context.trace, state, id);
  card.pid = process.pid != 0 ? fmt::format("pid {}", process.pid) : "";
  card.guessed = process.guessed;
  std::size_t sockets = 0;
  const auto add = [&](const state::Socket& socket, SocketId at, std::int32_t fd) {
    ++sockets;
    DescriptorLine line = socket_line(context, socket, at, fd);
    line.winner = at == winner;
    const std::size_t limit = card.winner ? winner_lines : other_lines;
    if (card.lines.size() < limit || line.winner) {
      card.lines.push_back(std::move(line));
    } else {
      ++card.hidden;
    }
  };
  for (const state::Descriptor* descriptor : descriptors) {
    card.winner = card.winner || (winner.valid() && descriptor->socket == winner);
  }
  card.winner = card.winner || (winner.valid() && std::find(owned.begin(), owned.end(), winner) != owned.end());
  for (const state::Descriptor* descriptor : descriptors) {
    const state::Socket* socket = find_socket(state, descriptor->socket);
    if (descriptor->kind != state::DescriptorKind::socket || socket == nullptr) continue;
    add(*socket, descriptor->socket, descriptor->fd);
  }
  for (const SocketId at : owned) add(state.sockets[at.value], at, -1);
  // The winner is woken by the packet on show, and has its sockets counted in that place.
  if (!card.winner && process.activity == state::Activity::blocked && process.waiting_in != trace::Call{})
    card.pid += fmt::format("{}sleeps in {}", card.pid.empty() ? "" : ", ", trace::name_of(process.waiting_in));
  card.summary =
      card.winner ? fmt::format("{} of {} sockets", sockets, all_sockets) : place_words(context, state, descriptors);
  return card;
}

// A capture seldom tells descriptors: there sockets are those of the process that is said to own them.
std::map<std::uint32_t, std::vector<SocketId>> owned_without_descriptor(const PanelContext& context, HostId host) {
  std::map<std::uint32_t, std::vector<SocketId>> owned;
  if (context.trace.tables().source != trace::Source::capture) return owned;
  const state::State& state = context.cursor.state();
  for (std::uint32_t at = 0; at < state.sockets.end(); ++at) {
    if (!state.sockets.alive(at)) continue;
    const state::Socket& socket = state.sockets[at];
    if (socket.host == host && socket.owner.valid() && socket.fd < 0) owned[socket.owner.value].push_back({at});
  }
  return owned;
}

}  // namespace

std::vector<ProcessCard> build_processes(const PanelContext& context, HostId host, SocketId winner) {
  const state::State& state = context.cursor.state();
  std::size_t all_sockets = 0;
  for (std::uint32_t at = 0; at < state.sockets.end(); ++at) {
    if (state.sockets.alive(at) && state.sockets[at].host == host) ++all_sockets;
  }
  const std::vector<ProcessPorts> ports = ports_by_process(context);
  const std::map<std::uint32_t, std::vector<SocketId>> owned = owned_without_descriptor(context, host);
  static const std::vector<SocketId> none;
  std::vector<ProcessCard> cards;
  for (std::uint32_t at = 0; at < state.processes.end(); ++at) {
    if (!state.processes.alive(at) || state.processes[at].host != host) continue;
    if (state.processes[at].activity == state::Activity::exited) continue;
    const auto own = owned.find(at);
    cards.push_back(make_card(context, state, {at}, winner, all_sockets, own == owned.end() ? none : own->second));
    if (ports[at].flow != replay::FlowTable::none) cards.back().flow = flow_slot(ports[at].flow);
  }
  std::stable_sort(cards.begin(), cards.end(), [](const ProcessCard& a, const ProcessCard& b) {
    if (a.winner != b.winner) return a.winner;
    return !a.lines.empty() && b.lines.empty();
  });
  return cards;
}

}  // namespace fourtuple::viz
