// The descriptor tables: what processes hold.
#include <fmt/format.h>

#include "app/views/local_rows.h"
#include "app/views/rows.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

std::string_view kind_name(state::DescriptorKind kind) {
  constexpr std::string_view names[] = {"terminal", "file", "socket", "unix", "pipe", "pipe", "epoll"};
  return names[static_cast<std::size_t>(kind)];
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

std::string local_words(const ViewInput& input, const state::Descriptor& descriptor) {
  if (!input.state.locals.alive(descriptor.local().value)) return "";
  const state::Local& local = input.state.locals[descriptor.local().value];
  switch (descriptor.kind) {
    case state::DescriptorKind::unix_socket:
      return "unix " + unix_name(input, local);
    case state::DescriptorKind::pipe_read:
      return fmt::format("pipe:[{}], read end, {} byte{} to read", local.inode, local.receive_queue,
                         local.receive_queue == 1 ? "" : "s");
    case state::DescriptorKind::pipe_write:
      return fmt::format("pipe:[{}], write end", local.inode);
    default:
      return "epoll instance";
  }
}

// "running", "sleeps in recv(3)"
std::string activity_words(const state::Process& process) {
  if (process.activity != state::Activity::blocked) return "running";
  if (process.waiting_in == trace::Call{}) return "sleeps";
  const std::string fd = process.waiting_fd >= 0 ? std::to_string(process.waiting_fd) : "";
  return fmt::format("sleeps in {}({})", trace::name_of(process.waiting_in), fd);
}

std::string parent_words(const ViewInput& input, const state::Process& process) {
  if (!process.parent.valid() || !input.state.processes.alive(process.parent.value)) return "";
  return fmt::format(", child of {}", input.state.processes[process.parent.value].pid);
}

std::string target_words(const ViewInput& input, const state::Descriptor& descriptor) {
  constexpr std::string_view standard[] = {"standard input", "standard output", "standard error"};
  if (descriptor.kind == state::DescriptorKind::socket) return socket_words(input, descriptor.socket);
  if (descriptor.leads_to_local()) return local_words(input, descriptor);
  if (descriptor.kind == state::DescriptorKind::file) return printable(input.tables.strings[descriptor.path()]);
  return descriptor.fd < 0 || descriptor.fd > 2 ? "" : std::string(standard[descriptor.fd]);
}

}  // namespace

std::string descriptor_words(const ViewInput& input, const state::Descriptor& descriptor) {
  return target_words(input, descriptor) + (descriptor.close_on_exec ? ", close-on-exec" : "");
}

std::string fds_text(const ViewInput& input, HostId host) {
  using Align = Columns::Align;
  std::string text;
  for (const ProcessId id : process_rows(input, host)) {
    const state::Process& process = input.state.processes[id.value];
    const std::string user = printable(input.tables.strings[process.user]);
    text +=
        fmt::format("{}{} (pid {}{}{}{}): {} of {} descriptors, {}\n", text.empty() ? "" : "\n",
                    printable(input.tables.strings[process.name]), process.pid, user.empty() ? "" : ", user ", user,
                    parent_words(input, process), process.descriptor_count, process.nofile, activity_words(process));
    Columns columns({Align::right, Align::left, Align::left});
    columns.add({"  FD", "KIND", "WHAT"});
    for (const state::Descriptor& descriptor : descriptors_of(input, id)) {
      columns.add({std::to_string(descriptor.fd), std::string(kind_name(descriptor.kind)),
                   descriptor_words(input, descriptor)});
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
             {"nofile", process.nofile},
             {"activity", activity_words(process)},
             {"descriptors", Json::array()}};
    for (const state::Descriptor& descriptor : descriptors_of(input, id)) {
      Json entry{{"fd", descriptor.fd}, {"kind", kind_name(descriptor.kind)}};
      if (descriptor.kind != state::DescriptorKind::terminal) entry["name"] = target_words(input, descriptor);
      if (descriptor.close_on_exec) entry["close_on_exec"] = true;
      row["descriptors"].push_back(entry);
    }
    rows.push_back(row);
  }
  return rows;
}

}  // namespace fourtuple::app
