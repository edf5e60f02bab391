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

SocketTimer timer_of(const ViewInput& input, SocketId id) {
  SocketTimer timer;
  if (id.value >= input.state.tcp_variables.size()) return timer;
  const state::TcpVariables& variables = input.state.tcp_variables[id.value];
  constexpr SocketTimer::Kind kinds[] = {SocketTimer::Kind::off,       SocketTimer::Kind::retransmission,
                                         SocketTimer::Kind::probe,     SocketTimer::Kind::time_wait,
                                         SocketTimer::Kind::time_wait, SocketTimer::Kind::keep_alive};
  if (variables.timer < std::size(kinds)) timer.kind = kinds[variables.timer];
  if (variables.timer_expires > input.now) timer.left = variables.timer_expires - input.now;
  timer.retransmits = variables.retransmits;
  timer.probes = variables.probes;
  return timer;
}

SocketRow row_of(const ViewInput& input, SocketId id) {
  SocketRow row;
  row.id = id;
  row.socket = input.state.sockets[id.value];
  const ProcessId owner = row.socket.owner;
  if (owner.valid() && input.state.processes.alive(owner.value) && row.socket.tcp_state != TcpState::time_wait) {
    row.process = &input.state.processes[owner.value];
    row.command = input.tables.strings[row.process->name];
    row.user = input.tables.strings[row.process->user];
  }
  if (row.process == nullptr) row.socket.inode = 0;
  if (row.tcp() && !row.listens()) row.timer = timer_of(input, id);
  if (row.tcp() && (row.time_wait() || row.request())) row.socket.receive_queue = row.socket.send_queue = 0;
  if (row.tcp() && row.time_wait()) row.socket.uid = 0;
  return row;
}

}  // namespace

bool SocketRow::orphan() const {
  if (process != nullptr || !tcp() || time_wait()) return false;
  switch (socket.tcp_state) {
    case TcpState::fin_wait_1:
    case TcpState::last_ack:
    case TcpState::closing:
      return true;
    default:
      return false;
  }
}

std::vector<SocketRow> socket_rows(const ViewInput& input, HostId host, std::uint64_t* left_out) {
  std::vector<SocketId> ids[2];  // UDP, TCP
  const auto& sockets = input.state.sockets;
  for (std::uint32_t i = 0; i < sockets.end(); ++i) {
    if (!sockets.alive(i) || sockets[i].host != host || !is_listed(sockets[i])) continue;
    const FourTuple& tuple = sockets[i].tuple;
    if (input.port && tuple.local_port != *input.port && tuple.remote_port != *input.port) continue;
    ids[sockets[i].protocol == Protocol::tcp ? 1 : 0].push_back({i});
  }
  const auto order = [&](SocketId id) {
    const state::Socket& socket = sockets[id.value];
    const FourTuple& t = socket.tuple;
    return std::tuple(socket.tcp_state != TcpState::listen && t.remote_port != 0, t.local_port, t.local, t.remote,
                      t.remote_port, id);
  };
  std::vector<SocketRow> rows;
  for (std::vector<SocketId>& some : ids) {
    const std::size_t kept = std::min<std::size_t>(some.size(), input.most);
    std::partial_sort(some.begin(), some.begin() + static_cast<std::ptrdiff_t>(kept), some.end(),
                      [&](SocketId a, SocketId b) { return order(a) < order(b); });
    if (left_out != nullptr) *left_out += some.size() - kept;
    some.resize(kept);
    for (const SocketId id : some) rows.push_back(row_of(input, id));
  }
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

bool is_v6_only(const ViewInput& input, const state::Socket& socket) {
  if (socket.family != Family::ipv6) return false;
  return socket.has(state::SocketFlag::v6_only) || !input.tables.addresses[socket.tuple.local].is_wildcard();
}

std::string printable(std::string_view text) {
  std::string clean(text);
  for (char& c : clean)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return clean;
}

std::string comm(std::string_view name) {
  return printable(name.substr(0, 15));
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

std::string lsof_name(const ViewInput& input, const SocketRow& row, LsofNaming naming) {
  const auto end = [&](AddressId address, std::uint16_t port) {
    const std::string_view known = naming.ports ? input.services.name_of(row.socket.protocol, port) : "";
    const std::string port_text = known.empty() ? std::to_string(port) : std::string(known);
    if (address.value >= input.tables.addresses.size()) return "?:" + port_text;
    const IpAddress& ip = input.tables.addresses[address];
    std::string text = ip.is_wildcard() ? "*" : ip.to_string();
    if (naming.hosts && address == loopback_v4) text = "localhost";
    if (ip.family == Family::ipv6 && !ip.is_wildcard()) text = "[" + text + "]";
    return text + ":" + port_text;
  };
  const FourTuple& tuple = row.socket.tuple;
  std::string name = end(tuple.local, tuple.local_port);
  if (row.connected()) name += "->" + end(tuple.remote, tuple.remote_port);
  if (row.tcp()) name += fmt::format(" ({})", underscore_name(row.socket.tcp_state));
  return name;
}

Json end_json(const ViewInput& input, AddressId address, std::uint16_t port) {
  return {{"address", input.tables.addresses[address].to_string()}, {"port", port}};
}

Columns::Columns(const replay::ToolTable& table, bool titles) {
  std::vector<std::string> head;
  for (const replay::ToolColumn& column : table.columns) {
    alignment_.push_back(column.right ? Align::right : Align::left);
    least_.push_back(column.width);
    if (!head.empty()) between_.push_back(column.before);
    head.push_back(column.title);
  }
  if (titles) add(std::move(head));
  for (const replay::ToolRow& row : table.rows) add(row.cells);
}

replay::ToolTable table_of_lines(std::string_view meanings, std::string_view text) {
  replay::ToolTable table{meanings, {{""}}, {}, 0};
  std::string line;
  for (const char c : text) {
    if (c == '\n') {
      table.rows.push_back({{std::exchange(line, {})}, {}});
    } else if (c == '\t') {
      line.append(8 - line.size() % 8, ' ');
    } else {
      line += c;
    }
  }
  return table;
}

std::string table_text(const replay::ToolTable& table, bool titles) {
  return Columns(table, titles).text();
}

std::string Columns::text() const {
  std::vector<std::size_t> widths(least_);
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      if (least_[i] == 0) widths[i] = std::max(widths[i], width_of(row[i]));
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - std::min(widths[i], width_of(row[i])), ' ');
      if (i != 0) line += i <= between_.size() ? between_[i - 1] : " ";
      line += alignment_[i] == Align::left ? row[i] + padding : padding + row[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace fourtuple::app
