#include "app/views/proc_fd.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

#include "app/views/rows.h"
#include "capture/export.h"

namespace fourtuple::app {
namespace {

ProcessId process_of(const ViewInput& input, HostId host, std::uint32_t pid) {
  for (const ProcessId id : process_rows(input, host))
    if (input.state.processes[id.value].pid == pid) return id;
  return ProcessId::none();
}

// Where the link of a descriptor leads.
std::string target_of(const ViewInput& input, const state::Descriptor& descriptor) {
  switch (descriptor.kind) {
    case state::DescriptorKind::terminal:
      return "/dev/pts/0";
    case state::DescriptorKind::file: {
      const std::string path = printable(input.tables.strings[descriptor.path()]);
      return path.empty() ? "(a file)" : path;
    }
    case state::DescriptorKind::socket:
      break;
    case state::DescriptorKind::epoll:
      return "anon_inode:[eventpoll]";
    case state::DescriptorKind::unix_socket:
    case state::DescriptorKind::pipe_read:
    case state::DescriptorKind::pipe_write: {
      const LocalId local = descriptor.local();
      const std::uint32_t inode = input.state.locals.alive(local.value) ? input.state.locals[local.value].inode : 0;
      return fmt::format("{}:[{}]", descriptor.kind == state::DescriptorKind::unix_socket ? "socket" : "pipe", inode);
    }
  }
  const SocketId socket = descriptor.socket;
  const bool alive = input.state.sockets.alive(socket.value);
  return fmt::format("socket:[{}]", alive ? input.state.sockets[socket.value].inode : 0);
}

// The link's mode says how the descriptor was opened.
std::string_view mode_of(state::DescriptorKind kind) {
  if (kind == state::DescriptorKind::pipe_read) return "lr-x------";
  return kind == state::DescriptorKind::pipe_write ? "l-wx------" : "lrwx------";
}

// "Jan  1 00:00", in UTC. A simulation begins where the captures it writes begin.
std::string date_of(const ViewInput& input) {
  constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const bool captured = input.tables.source == trace::Source::capture;
  const std::int64_t epoch = captured ? input.tables.epoch_ns : capture::default_epoch_ns;
  const std::int64_t minutes = (epoch / 1'000'000'000 + input.now.ns / 1'000'000'000) / 60;
  const std::chrono::year_month_day day{std::chrono::sys_days{std::chrono::days{minutes / 1440}}};
  return fmt::format("{} {:>2} {:02}:{:02}", months[(static_cast<unsigned>(day.month()) - 1) % 12],
                     static_cast<unsigned>(day.day()), minutes / 60 % 24, minutes % 60);
}

// ls sorts names as texts: 1, 10, 2.
std::vector<state::Descriptor> by_name(const ViewInput& input, ProcessId process) {
  std::vector<state::Descriptor> descriptors = descriptors_of(input, process);
  std::sort(descriptors.begin(), descriptors.end(), [](const state::Descriptor& a, const state::Descriptor& b) {
    return std::to_string(a.fd) < std::to_string(b.fd);
  });
  return descriptors;
}

}  // namespace

std::string proc_fd_text(const ViewInput& input, HostId host, std::uint32_t pid) {
  const ProcessId process = process_of(input, host, pid);
  if (!process.valid()) return fmt::format("ls: cannot access '/proc/{}/fd': No such file or directory\n", pid);
  const std::string user = printable(input.tables.strings[input.state.processes[process.value].user]);
  const std::string owner = user.empty() ? "?" : user;
  std::string text = "total 0\n";
  for (const state::Descriptor& descriptor : by_name(input, process))
    text += fmt::format("{} 1 {} {} 64 {} {} -> {}\n", mode_of(descriptor.kind), owner, owner, date_of(input),
                        descriptor.fd, target_of(input, descriptor));
  return text;
}

Json proc_fd_json(const ViewInput& input, HostId host, std::uint32_t pid) {
  Json rows = Json::array();
  const ProcessId process = process_of(input, host, pid);
  if (!process.valid()) return rows;
  for (const state::Descriptor& descriptor : descriptors_of(input, process))
    rows.push_back({{"fd", descriptor.fd}, {"target", target_of(input, descriptor)}});
  return rows;
}

}  // namespace fourtuple::app
