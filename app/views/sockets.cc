// ss and netstat: one line for each socket.
#include <algorithm>
#include <fmt/format.h>

#include "app/views/rows.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

// An address and a port as `ss` writes them, the port apart so that columns line up at the colon.
struct SsEnd {
  std::string address;  // with the colon
  std::string port;
};

// A socket of both families shows "*" for its wildcard and IPv4 peers as mapped addresses.
SsEnd ss_end(const ViewInput& input, const state::Socket& socket, AddressId id, std::uint16_t port) {
  const IpAddress& ip = input.tables.addresses[id];
  const bool dual = socket.family == Family::ipv6 && !socket.has(state::SocketFlag::v6_only);
  std::string address = ip.to_string();
  if (ip.is_wildcard() && dual) {
    address = "*";
  } else if (ip.family == Family::ipv6) {
    address = "[" + address + "]";
  } else if (socket.family == Family::ipv6) {
    address = "[::ffff:" + address + "]";
  }
  return {address + ":", port == 0 ? "*" : std::to_string(port)};
}

std::string users(const SocketRow& row) {
  if (row.process == nullptr) return "";
  return fmt::format("users:((\"{}\",pid={},fd={}))", printable(row.command), row.process->pid, row.socket.fd);
}

std::string_view netid(const SocketRow& row) {
  return row.tcp() ? "tcp" : "udp";
}

// /proc/net/tcp tells the accept queue of a listener, but not its limit.
std::uint32_t netstat_send_queue(const SocketRow& row) {
  return row.listens() ? 0 : row.socket.send_queue;
}

std::string netstat_end(const ViewInput& input, const state::Socket& socket, AddressId id, std::uint16_t port) {
  const IpAddress& ip = input.tables.addresses[id];
  const std::string address = ip.is_wildcard() && socket.family == Family::ipv6 ? "::" : ip.to_string();
  return fmt::format("{}:{}", address, port == 0 ? "*" : std::to_string(port));
}

std::string netstat_protocol(const SocketRow& row) {
  return fmt::format("{}{}", netid(row), row.socket.family == Family::ipv6 ? "6" : "");
}

std::string_view netstat_state(const SocketRow& row) {
  if (row.tcp()) return underscore_name(row.socket.tcp_state);
  return row.connected() ? "ESTABLISHED" : "";
}

Json end_json(const ViewInput& input, AddressId address, std::uint16_t port) {
  return {{"address", input.tables.addresses[address].to_string()}, {"port", port}};
}

}  // namespace

std::string ss_text(const ViewInput& input, HostId host) {
  using Align = Columns::Align;
  Columns columns({Align::left, Align::left, Align::left, Align::left, Align::left, Align::left, Align::left});
  // Addresses end at the colon, ports begin there: pad by hand.
  std::vector<SsEnd> locals{{"Local Address:", "Port"}}, peers{{"Peer Address:", "Port"}};
  const auto rows = socket_rows(input, host);
  for (const SocketRow& row : rows) {
    const FourTuple& tuple = row.socket.tuple;
    locals.push_back(ss_end(input, row.socket, tuple.local, tuple.local_port));
    peers.push_back(ss_end(input, row.socket, tuple.remote, tuple.remote_port));
  }
  const auto joined = [](const std::vector<SsEnd>& ends) {
    std::size_t width = 0;
    for (const SsEnd& end : ends) width = std::max(width, end.address.size());
    std::vector<std::string> cells;
    for (const SsEnd& end : ends)
      cells.push_back(std::string(width - end.address.size(), ' ') + end.address + end.port);
    return cells;
  };
  const auto local = joined(locals), peer = joined(peers);
  columns.add({"Netid", "State", "Recv-Q", "Send-Q", local[0], peer[0], "Process"});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const state::Socket& socket = rows[i].socket;
    columns.add({std::string(netid(rows[i])), std::string(ss_name_of(socket.tcp_state)),
                 std::to_string(socket.receive_queue), std::to_string(socket.send_queue), local[i + 1], peer[i + 1],
                 users(rows[i])});
  }
  return columns.text();
}

Json ss_json(const ViewInput& input, HostId host) {
  Json rows = Json::array();
  for (const SocketRow& row : socket_rows(input, host)) {
    const FourTuple& tuple = row.socket.tuple;
    Json json{{"protocol", netid(row)},
              {"family", row.socket.family == Family::ipv6 ? 6 : 4},
              {"state", ss_name_of(row.socket.tcp_state)},
              {"recv_q", row.socket.receive_queue},
              {"send_q", row.socket.send_queue},
              {"local", end_json(input, tuple.local, tuple.local_port)},
              {"peer", end_json(input, tuple.remote, tuple.remote_port)},
              {"inode", row.socket.inode}};
    if (row.process != nullptr)
      json["process"] = {{"name", row.command}, {"pid", row.process->pid}, {"fd", row.socket.fd}};
    if (row.process != nullptr && row.process->guessed) json["process"]["guessed"] = true;
    if (row.socket.error != state::Errno::ok) json["error"] = state::name_of(row.socket.error);
    rows.push_back(json);
  }
  return rows;
}

std::string netstat_text(const ViewInput& input, HostId host) {
  const auto line = [](std::string_view protocol, std::string_view receive, std::string_view send,
                       std::string_view local, std::string_view remote, std::string_view state) {
    std::string text = fmt::format("{:<5} {:>6} {:>6} {:<23} {:<23} {}", protocol, receive, send, local, remote, state);
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
  };
  std::string text = "Active Internet connections (servers and established)\n";
  text += line("Proto", "Recv-Q", "Send-Q", "Local Address", "Foreign Address", "State");
  // netstat lists TCP first.
  for (const bool tcp : {true, false}) {
    for (const SocketRow& row : socket_rows(input, host)) {
      if (row.tcp() != tcp) continue;
      const FourTuple& tuple = row.socket.tuple;
      text +=
          line(netstat_protocol(row), std::to_string(row.socket.receive_queue), std::to_string(netstat_send_queue(row)),
               netstat_end(input, row.socket, tuple.local, tuple.local_port),
               netstat_end(input, row.socket, tuple.remote, tuple.remote_port), netstat_state(row));
    }
  }
  return text;
}

Json netstat_json(const ViewInput& input, HostId host) {
  Json rows = Json::array();
  for (const SocketRow& row : socket_rows(input, host)) {
    const FourTuple& tuple = row.socket.tuple;
    rows.push_back({{"protocol", netstat_protocol(row)},
                    {"recv_q", row.socket.receive_queue},
                    {"send_q", netstat_send_queue(row)},
                    {"local", end_json(input, tuple.local, tuple.local_port)},
                    {"foreign", end_json(input, tuple.remote, tuple.remote_port)},
                    {"state", netstat_state(row)}});
  }
  return rows;
}

}  // namespace fourtuple::app
