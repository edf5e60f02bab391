#include "app/views/rows.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace fourtuple::app {
namespace {

bool is_listed(const state::Socket& socket) {
  if (socket.protocol == Protocol::tcp) return socket.tcp_state != TcpState::closed;
  return socket.protocol == Protocol::udp && socket.tuple.local_port != 0;
}

// Characters a reader counts: bytes that do not continue a UTF-8 sequence.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::vector<SocketRow> socket_rows(const ViewInput& input, HostId host) {
  std::vector<SocketRow> rows;
  for (std::uint32_t i = 0; i < input.state.sockets.end(); ++i) {
    if (!input.state.sockets.alive(i)) continue;
    SocketRow row;
    row.id = {i};
    row.socket = input.state.sockets[i];
    if (row.socket.host != host || !is_listed(row.socket)) continue;
    const ProcessId owner = row.socket.owner;
    if (owner.valid() && input.state.processes.alive(owner.value)) {
      row.process = &input.state.processes[owner.value];
      row.command = input.tables.strings[row.process->name];
      row.user = input.tables.strings[row.process->user];
    }
    rows.push_back(row);
  }
  const auto order = [&](const SocketRow& row) {
    const FourTuple& t = row.socket.tuple;
    return std::tuple(row.tcp(), !row.listens() && row.connected(), t.local_port, t.local, t.remote, t.remote_port,
                      row.id);
  };
  std::sort(rows.begin(), rows.end(), [&](const SocketRow& a, const SocketRow& b) { return order(a) < order(b); });
  return rows;
}

std::vector<ProcessId> process_rows(const ViewInput& input, HostId host) {
  std::vector<ProcessId> rows;
  const auto& processes = input.state.processes;
  for (std::uint32_t i = 0; i < processes.end(); ++i)
    if (processes.alive(i) && processes[i].host == host) rows.push_back({i});
  std::sort(rows.begin(), rows.end(), [&](ProcessId a, ProcessId b) {
    return std::tuple(processes[a.value].pid, a) < std::tuple(processes[b.value].pid, b);
  });
  return rows;
}

std::string printable(std::string_view text) {
  std::string clean(text);
  for (char& c : clean)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return clean;
}

std::string_view underscore_name(TcpState state) {
  switch (state) {
    case TcpState::established:
      return "ESTABLISHED";
    case TcpState::syn_sent:
      return "SYN_SENT";
    case TcpState::syn_received:
      return "SYN_RECV";
    case TcpState::fin_wait_1:
      return "FIN_WAIT1";
    case TcpState::fin_wait_2:
      return "FIN_WAIT2";
    case TcpState::time_wait:
      return "TIME_WAIT";
    case TcpState::closed:
      return "CLOSE";
    case TcpState::close_wait:
      return "CLOSE_WAIT";
    case TcpState::last_ack:
      return "LAST_ACK";
    case TcpState::listen:
      return "LISTEN";
    case TcpState::closing:
      return "CLOSING";
  }
  return "UNKNOWN";
}

std::string lsof_endpoint(const ViewInput& input, AddressId address, std::uint16_t port) {
  if (address.value >= input.tables.addresses.size()) return fmt::format("?:{}", port);
  const IpAddress& ip = input.tables.addresses[address];
  if (ip.is_wildcard()) return fmt::format("*:{}", port);
  return ip.family == Family::ipv6 ? fmt::format("[{}]:{}", ip.to_string(), port)
                                   : fmt::format("{}:{}", ip.to_string(), port);
}

std::string lsof_name(const ViewInput& input, const SocketRow& row) {
  const FourTuple& tuple = row.socket.tuple;
  std::string name = lsof_endpoint(input, tuple.local, tuple.local_port);
  if (row.connected()) name += "->" + lsof_endpoint(input, tuple.remote, tuple.remote_port);
  if (row.tcp()) name += fmt::format(" ({})", underscore_name(row.socket.tcp_state));
  return name;
}

std::string Columns::text() const {
  std::vector<std::size_t> widths(alignment_.size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - width_of(row[i]), ' ');
      if (i != 0) line += ' ';
      line += alignment_[i] == Align::left ? row[i] + padding : padding + row[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace fourtuple::app
