// The descriptor tables: what processes hold.
#include <fmt/format.h>

#include "app/views/rows.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

std::string_view kind_name(state::DescriptorKind kind) {
  constexpr std::string_view names[] = {"terminal", "file", "socket"};
  return names[static_cast<std::size_t>(kind)];
}

// What a descriptor that is no socket leads to.
std::string plain_words(const ViewInput& input, const state::Descriptor& descriptor) {
  constexpr std::string_view standard[] = {"standard input", "standard output", "standard error"};
  if (descriptor.kind == state::DescriptorKind::file) return printable(input.tables.strings[descriptor.path]);
  if (descriptor.kind != state::DescriptorKind::terminal || descriptor.fd < 0 || descriptor.fd > 2) return "";
  return std::string(standard[descriptor.fd]);
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
                   socket ? socket_words(input, descriptor.socket) : plain_words(input, descriptor)});
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
             {"uid", process.uid},
             {"descriptors", Json::array()}};
    for (const state::Descriptor& descriptor : descriptors_of(input, id)) {
      Json entry{{"fd", descriptor.fd}, {"kind", kind_name(descriptor.kind)}};
      if (descriptor.kind == state::DescriptorKind::socket) entry["name"] = socket_words(input, descriptor.socket);
      if (descriptor.kind == state::DescriptorKind::file) entry["name"] = plain_words(input, descriptor);
      row["descriptors"].push_back(entry);
    }
    rows.push_back(row);
  }
  return rows;
}

}  // namespace fourtuple::app
