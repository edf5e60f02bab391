// lsof and the descriptor tables: what processes hold.
#include <algorithm>
#include <fmt/format.h>
#include <tuple>

#include "app/views/rows.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

// lsof lists by process, then by descriptor; sockets nobody holds are not listed.
std::vector<SocketRow> held_sockets(const ViewInput& input, HostId host) {
  std::vector<SocketRow> rows = socket_rows(input, host);
  std::erase_if(rows, [](const SocketRow& row) { return row.process == nullptr || row.socket.fd < 0; });
  std::sort(rows.begin(), rows.end(), [](const SocketRow& a, const SocketRow& b) {
    return std::tuple(a.process->pid, a.socket.fd, a.id) < std::tuple(b.process->pid, b.socket.fd, b.id);
  });
  return rows;
}

std::string_view type_of(const SocketRow& row) {
  return row.socket.family == Family::ipv6 ? "IPv6" : "IPv4";
}

std::string_view node_of(const SocketRow& row) {
  return row.tcp() ? "TCP" : "UDP";
}

std::vector<state::Descriptor> descriptors_of(const ViewInput& input, ProcessId process) {
  std::vector<state::Descriptor> descriptors;
  const auto& all = input.state.descriptors;
  for (std::uint32_t i = input.state.processes[process.value].first_descriptor; i < all.end(); i = all[i].next) {
    descriptors.push_back(all[i]);
    if (descriptors.size() > all.live()) break;
  }
  std::sort(descriptors.begin(), descriptors.end(),
            [](const state::Descriptor& a, const state::Descriptor& b) { return a.fd < b.fd; });
  return descriptors;
}

std::string_view kind_name(state::DescriptorKind kind) {
  constexpr std::string_view names[] = {"terminal", "file", "socket"};
  return names[static_cast<std::size_t>(kind)];
}

// What a descriptor that is no socket leads to.
std::string_view plain_words(const state::Descriptor& descriptor) {
  constexpr std::string_view standard[] = {"standard input", "standard output", "standard error"};
  if (descriptor.kind != state::DescriptorKind::terminal || descriptor.fd < 0 || descriptor.fd > 2) return "";
  return standard[descriptor.fd];
}

// What a socket descriptor leads to; also one no tool lists, such as a socket not yet bound.
std::string socket_words(const ViewInput& input, SocketId id) {
  if (!input.state.sockets.alive(id.value)) return "";
  SocketRow row;
  row.id = id;
  row.socket = input.state.sockets[id.value];
  std::string name(trace::protocol_name(row.socket.protocol));
  const bool idle = row.tcp() && row.socket.tcp_state == TcpState::closed;
  if (row.socket.tuple.local_port == 0) return name + (idle ? " (not connected)" : " (not bound)");
  return name + " " + lsof_name(input, row);
}

}  // namespace

std::string lsof_text(const ViewInput& input, HostId host) {
  using Align = Columns::Align;
  Columns columns({Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::right,
                   Align::right, Align::left});
  columns.add({"COMMAND", "PID", "USER", "  FD  ", "TYPE", "DEVICE", "SIZE/OFF", "NODE", "NAME"});
  for (const SocketRow& row : held_sockets(input, host)) {
    // lsof cuts commands to nine characters unless told otherwise (+c).
    columns.add({printable(row.command.substr(0, 9)), std::to_string(row.process->pid), printable(row.user),
                 fmt::format("{:>4}u ", row.socket.fd), std::string(type_of(row)), std::to_string(row.socket.inode),
                 "0t0", std::string(node_of(row)), lsof_name(input, row)});
  }
  return columns.text();
}

Json lsof_json(const ViewInput& input, HostId host) {
  Json rows = Json::array();
  for (const SocketRow& row : held_sockets(input, host))
    rows.push_back({{"command", row.command},
                    {"pid", row.process->pid},
                    {"user", row.user},
                    {"fd", row.socket.fd},
                    {"type", type_of(row)},
                    {"device", row.socket.inode},
                    {"node", node_of(row)},
                    {"name", lsof_name(input, row)}});
  return rows;
}

std::string fds_text(const ViewInput& input, HostId host) {
  using Align = Columns::Align;
  std::string text;
  for (const ProcessId id : process_rows(input, host)) {
    const state::Process& process = input.state.processes[id.value];
    const std::string user = printable(input.tables.strings[process.user]);
    text += fmt::format("{}{} (pid {}{}{})\n", text.empty() ? "" : "\n", printable(input.tables.strings[process.name]),
                        process.pid, user.empty() ? "" : ", user ", user);
    Columns columns({Align::right, Align::left, Align::left});
    columns.add({"  FD", "KIND", "WHAT"});
    for (const state::Descriptor& descriptor : descriptors_of(input, id)) {
      const bool socket = descriptor.kind == state::DescriptorKind::socket;
      columns.add({std::to_string(descriptor.fd), std::string(kind_name(descriptor.kind)),
                   socket ? socket_words(input, descriptor.socket) : std::string(plain_words(descriptor))});
    }
    text += columns.text();
  }
  return text.empty() ? "no process runs\n" : text;
}

Json fds_json(const ViewInput& input, HostId host) {
  Json rows = Json::array();
  for (const ProcessId id : process_rows(input, host)) {
    const state::Process& process = input.state.processes[id.value];
    Json row{{"process", input.tables.strings[process.name]},
             {"pid", process.pid},
             {"user", input.tables.strings[process.user]},
             {"descriptors", Json::array()}};
    for (const state::Descriptor& descriptor : descriptors_of(input, id)) {
      Json entry{{"fd", descriptor.fd}, {"kind", kind_name(descriptor.kind)}};
      if (descriptor.kind == state::DescriptorKind::socket) entry["name"] = socket_words(input, descriptor.socket);
      row["descriptors"].push_back(entry);
    }
    rows.push_back(row);
  }
  return rows;
}

}  // namespace fourtuple::app
