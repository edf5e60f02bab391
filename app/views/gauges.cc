// The limits a host meets before it meets 65,536: descriptors, kernel memory, packets to handle.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "app/views/rows.h"

namespace fourtuple::app {
namespace {

// Bytes the kernel keeps for each socket, without what waits in queues: sizes of the caches in /proc/slabinfo of
// Linux 6.18 on x86-64. A socket a process holds has an inode, a directory entry and an open file besides.
constexpr std::uint64_t tcp_bytes = 2368, udp_bytes = 1344, time_wait_bytes = 256, request_bytes = 320;
constexpr std::uint64_t inode_bytes = 832, dentry_bytes = 192, file_bytes = 192;

struct Gauges {
  std::uint64_t held = 0, orphans = 0, time_wait = 0, requests = 0, udp = 0;
  std::uint64_t memory = 0, queued = 0;
};

std::uint64_t memory_of(const state::Socket& socket) {
  if (socket.protocol == Protocol::udp) return udp_bytes + inode_bytes + dentry_bytes + file_bytes;
  if (socket.tcp_state == TcpState::time_wait) return time_wait_bytes;
  if (socket.tcp_state == TcpState::syn_received) return request_bytes;
  return tcp_bytes + (socket.owner.valid() ? inode_bytes + dentry_bytes + file_bytes : 0);
}

Gauges gauges_of(const ViewInput& input, HostId host) {
  Gauges gauges;
  for (std::uint32_t i = 0; i < input.state.sockets.end(); ++i) {
    if (!input.state.sockets.alive(i) || input.state.sockets[i].host != host) continue;
    const state::Socket& socket = input.state.sockets[i];
    gauges.memory += memory_of(socket);
    if (socket.protocol == Protocol::udp)
      ++gauges.udp;
    else if (socket.tcp_state == TcpState::time_wait)
      ++gauges.time_wait;
    else if (socket.tcp_state == TcpState::syn_received)
      ++gauges.requests;
    else
      ++(socket.owner.valid() ? gauges.held : gauges.orphans);
    if (socket.tcp_state != TcpState::listen) gauges.queued += socket.receive_queue + socket.send_queue;
  }
  return gauges;
}

std::string size_words(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 4> units = {"bytes", "KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  std::uint64_t tenths = bytes * 10;
  for (; tenths >= 10240 && unit + 1 < units.size(); ++unit) tenths /= 1024;
  return unit == 0 ? fmt::format("{} bytes", bytes) : fmt::format("{}.{} {}", tenths / 10, tenths % 10, units[unit]);
}

}  // namespace

std::string gauges_text(const ViewInput& input, HostId host) {
  using Align = Columns::Align;
  const Gauges gauges = gauges_of(input, host);
  const state::Counters& packets = input.state.hosts[host.value];
  std::string text;
  text +=
      fmt::format("TCP sockets    {} held by processes, {} held by the kernel alone, {} half open, {} in TIME-WAIT\n",
                  gauges.held, gauges.orphans, gauges.requests, gauges.time_wait);
  text += fmt::format("UDP sockets    {}\n", gauges.udp);
  text += fmt::format("kernel memory  {} of sockets, and {} in their queues\n", size_words(gauges.memory),
                      size_words(gauges.queued));
  text += fmt::format("packets        {} sent, {} delivered to sockets, {} dropped so far\n", packets.sent,
                      packets.delivered, packets.dropped);
  Columns columns({Align::left, Align::right, Align::right, Align::right, Align::right});
  columns.add({"PROCESS", "PID", "DESCRIPTORS", "LIMIT", "USED"});
  bool any = false;
  for (const ProcessId id : process_rows(input, host)) {
    const state::Process& process = input.state.processes[id.value];
    columns.add({printable(input.tables.strings[process.name]), std::to_string(process.pid),
                 std::to_string(process.descriptor_count), std::to_string(process.nofile),
                 fmt::format("{}%", std::uint64_t{process.descriptor_count} * 100 / std::max(process.nofile, 1u))});
    any = true;
  }
  return any ? text + columns.text() : text;
}

Json gauges_json(const ViewInput& input, HostId host) {
  const Gauges gauges = gauges_of(input, host);
  const state::Counters& packets = input.state.hosts[host.value];
  Json row{{"tcp",
            {{"held", gauges.held},
             {"kernel_alone", gauges.orphans},
             {"half_open", gauges.requests},
             {"time_wait", gauges.time_wait}}},
           {"udp", gauges.udp},
           {"socket_memory_bytes", gauges.memory},
           {"queued_bytes", gauges.queued},
           {"packets", {{"sent", packets.sent}, {"delivered", packets.delivered}, {"dropped", packets.dropped}}},
           {"processes", Json::array()}};
  for (const ProcessId id : process_rows(input, host)) {
    const state::Process& process = input.state.processes[id.value];
    row["processes"].push_back({{"name", input.tables.strings[process.name]},
                                {"pid", process.pid},
                                {"descriptors", process.descriptor_count},
                                {"nofile", process.nofile}});
  }
  return Json::array({row});
}

}  // namespace fourtuple::app
