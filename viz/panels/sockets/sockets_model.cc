#include "viz/panels/sockets/sockets_model.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/trace/describe.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

using state::Socket;

// What a descriptor that is no IP socket leads to, in lsof's words.
void fill_other(const PanelContext& context, const state::State& state, const state::Descriptor& descriptor,
                FdRow& row) {
  constexpr std::string_view types[] = {"CHR", "REG", "CHR", "unix", "FIFO", "FIFO", "a_inode"};
  constexpr std::string_view names[] = {"the terminal",  "a file",         "",           "not bound",
                                        "pipe, to read", "pipe, to write", "[eventpoll]"};
  const auto kind = static_cast<std::size_t>(descriptor.kind);
  const trace::Tables& tables = context.trace.tables();
  row.type = types[kind];
  row.name = names[kind];
  if (descriptor.path().valid()) row.name = tables.strings[descriptor.path()];
  if (descriptor.kind != state::DescriptorKind::unix_socket) return;
  if (!state.locals.alive(descriptor.local().value)) return;
  const state::Local& local = state.locals[descriptor.local().value];
  constexpr std::string_view states[] = {"unconnected", "listening", "connected"};
  row.name = local.path.valid() ? fmt::format("{} ", tables.strings[local.path]) : std::string();
  row.name += states[static_cast<std::size_t>(local.state)];
}

FdRow fd_row(const PanelContext& context, const state::State& state, const state::Descriptor& descriptor) {
  const trace::Tables& tables = context.trace.tables();
  FdRow row;
  row.fd = fmt::format("{}u", descriptor.fd);
  row.socket = descriptor.socket;
  const Socket* socket =
      descriptor.kind == state::DescriptorKind::socket ? find_socket(state, descriptor.socket) : nullptr;
  if (socket == nullptr) {
    fill_other(context, state, descriptor, row);
    return row;
  }
  row.type = socket->family == Family::ipv6 ? "IPv6" : "IPv4";
  row.node = socket->protocol == Protocol::udp ? "UDP" : "TCP";
  row.name = trace::endpoint_text(tables, socket->tuple.local, socket->tuple.local_port, true);
  if (socket->tuple.remote_port != 0) {
    row.name += "->" + trace::endpoint_text(tables, socket->tuple.remote, socket->tuple.remote_port);
  }
  if (socket->protocol == Protocol::tcp) row.name += fmt::format(" ({})", name_of(socket->tcp_state));
  return row;
}

// Those a reader looks at first: the ones with low numbers, in order. A server may hold a million.
std::vector<const state::Descriptor*> low_descriptors(const state::State& state, ProcessId process) {
  constexpr std::int32_t end = 4096;
  std::vector<const state::Descriptor*> open;
  for (std::int32_t fd = 0; fd < end && open.size() < state.processes[process.value].descriptor_count; ++fd)
    if (const state::Descriptor* descriptor = state::find_descriptor(state, process, fd)) open.push_back(descriptor);
  return open;
}

bool same_target(const state::Descriptor& a, const state::Descriptor& b) {
  return a.kind == b.kind && a.socket == b.socket && a.object == b.object;
}

ProcessTable make_process(const PanelContext& context, const state::State& before, ProcessId id) {
  const state::State& state = context.cursor.state();
  const state::Process& process = state.processes[id.value];
  ProcessTable table;
  table.process = id;
  table.name = process_name(context.trace, state, id);
  table.pid = process.pid != 0 ? fmt::format("pid {}", process.pid) : "";
  table.guessed = process.guessed;
  table.note = fmt::format("the next open gets fd {}", state::lowest_free_fd(state, id));
  const std::vector<const state::Descriptor*> open = low_descriptors(state, id);
  if (open.size() < process.descriptor_count)
    table.note += fmt::format("; {} of {} are listed", open.size(), process.descriptor_count);
  const std::int32_t last = open.empty() ? 2 : open.back()->fd + 2;
  for (std::int32_t fd = 0; fd <= last && table.cells.size() < fd_cells; ++fd)
    table.cells.push_back({fd, false, false, false, false, {}, {}});
  for (const state::Descriptor* descriptor : open) {
    FdRow row = fd_row(context, state, *descriptor);
    const state::Descriptor* old = state::find_descriptor(before, id, descriptor->fd);
    const bool added = find_process(before, id) != nullptr && (old == nullptr || !same_target(*old, *descriptor));
    if (added) row.change = RowChange::added;
    table.rows.push_back(std::move(row));
    if (static_cast<std::size_t>(descriptor->fd) >= table.cells.size()) continue;
    FdCell& cell = table.cells[static_cast<std::size_t>(descriptor->fd)];
    cell.open = true;
    cell.added = added;
    const Socket* socket = find_socket(state, descriptor->socket);
    if (descriptor->kind != state::DescriptorKind::socket || socket == nullptr) continue;
    cell.is_socket = true;
    cell.socket = descriptor->socket;
    cell.listening = socket->tuple.remote_port == 0;
    const std::uint32_t flow = context.indexes.flows().find(socket->protocol, socket->tuple);
    if (!cell.listening && flow != replay::FlowTable::none) cell.flow = flow_slot(flow);
    if (cell.flow && !table.flow) table.flow = cell.flow;
  }
  return table;
}

}  // namespace

std::uint64_t boundary_of_last_step(const PanelContext& context) {
  const std::uint64_t last = context.cursor.last_record();
  if (last == trace::Index::none) return context.cursor.position();
  return std::min(context.cursor.index().boundary_before(context.trace.at(last)->at), context.cursor.position());
}

SocketsModel build_sockets(const PanelContext& context, HostId host, const state::State& before) {
  SocketsModel model;
  const trace::Tables& tables = context.trace.tables();
  const state::State& state = context.cursor.state();
  std::vector<bool> has(tables.topology.hosts.size(), false);
  for (std::uint32_t at = 0; at < state.sockets.end(); ++at) {
    if (state.sockets.alive(at) && state.sockets[at].host.value < has.size()) has[state.sockets[at].host.value] = true;
  }
  for (std::uint32_t i = 0; i < has.size(); ++i) {
    if (tables.topology.hosts[i].kind == trace::HostKind::router && !has[i] && HostId{i} != host) continue;
    if (host == HostId{i}) model.host = model.hosts.size();
    model.hosts.push_back({i});
    model.host_names.emplace_back(trace::host_name(tables, {i}));
  }
  if (host.value >= has.size()) return model;
  for (std::uint32_t at = 0; at < state.processes.end(); ++at) {
    if (state.processes.alive(at) && state.processes[at].host == host) {
      model.processes.push_back(make_process(context, before, {at}));
    }
  }
  std::stable_sort(model.processes.begin(), model.processes.end(),
                   [](const ProcessTable& a, const ProcessTable& b) { return a.rows.size() > b.rows.size(); });
  return model;
}

}  // namespace fourtuple::viz
