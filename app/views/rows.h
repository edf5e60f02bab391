// The sockets of a host as rows, and how the tools write addresses and states.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/views/views.h"

namespace fourtuple::app {

// The timer a tool shows for a socket.
struct SocketTimer {
  enum class Kind : std::uint8_t { off, retransmission, time_wait, probe, keep_alive };
  Kind kind = Kind::off;
  Duration left;
  std::uint8_t retransmits = 0, probes = 0;
};

struct SocketRow {
  SocketId id;
  state::Socket socket;                     // as tools see it: TIME-WAIT has no inode, user or queue left
  const state::Process* process = nullptr;  // null: the kernel alone holds it
  std::string_view command, user;
  SocketTimer timer;

  bool tcp() const { return socket.protocol == Protocol::tcp; }
  bool listens() const { return tcp() && socket.tcp_state == TcpState::listen; }
  bool connected() const { return socket.tuple.remote_port != 0; }
  bool ipv6() const { return socket.family == Family::ipv6; }
  // In TIME-WAIT, or closed and in FIN-WAIT-2: Linux keeps only a small tcp_timewait_sock of both.
  bool time_wait() const {
    return socket.tcp_state == TcpState::time_wait || (socket.tcp_state == TcpState::fin_wait_2 && process == nullptr);
  }
  // A SYN has come, its handshake is not over: Linux keeps only a request sock.
  bool request() const { return socket.tcp_state == TcpState::syn_received; }
  // Closed by its process, not yet over.
  bool orphan() const;
};

// Sockets a kernel lists: TCP unless closed, UDP once bound. UDP before TCP, listeners first, then by port and peer.
// Of each protocol at most input.most, the first in this order; `left_out` gets the number of the others.
std::vector<SocketRow> socket_rows(const ViewInput& input, HostId host, std::uint64_t* left_out = nullptr);

// Live processes of a host by pid.
std::vector<ProcessId> process_rows(const ViewInput& input, HostId host);
// The descriptors of a process by number.
std::vector<state::Descriptor> descriptors_of(const ViewInput& input, ProcessId process);

// IPV6_V6ONLY. Linux sets it, too, when a socket is bound to one address of IPv6.
bool is_v6_only(const ViewInput& input, const state::Socket& socket);

// A command or user with everything a terminal might obey replaced.
std::string printable(std::string_view text);
// What the kernel keeps of a process's name: 15 bytes (TASK_COMM_LEN).
std::string comm(std::string_view name);

// "FIN_WAIT1", "SYN_RECV": as netstat and lsof write them.
std::string_view underscore_name(TcpState state);

// How lsof writes ends of sockets: "*:80", "[::1]:80"; with names "localhost:http".
struct LsofNaming {
  bool hosts = false;  // names for addresses: only 127.0.0.1 has one
  bool ports = false;
};
// "TCP *:80 (LISTEN)" without the protocol.
std::string lsof_name(const ViewInput& input, const SocketRow& row, LsofNaming naming = {});

// {"address": …, "port": …}
Json end_json(const ViewInput& input, AddressId address, std::uint16_t port);

// A listing that is no table: one column without a title, a row for each line, tabs as spaces.
replay::ToolTable table_of_lines(std::string_view meanings, std::string_view text);
// A table as the tool prints it.
std::string table_text(const replay::ToolTable& table, bool titles = true);

// Text cells in columns.
class Columns {
 public:
  enum class Align : std::uint8_t { left, right };
  // `between` stands before each column but the first.
  explicit Columns(std::vector<Align> alignment, std::vector<std::string_view> between = {})
      : alignment_(std::move(alignment)), between_(std::move(between)), least_(alignment_.size()) {}
  // The columns of a tool's table, with its titles as the first line if asked for, and its rows.
  Columns(const replay::ToolTable& table, bool titles);
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // One space between columns unless said otherwise; no spaces at the end of a line.
  std::string text() const;

 private:
  std::vector<Align> alignment_;
  std::vector<std::string_view> between_;
  std::vector<std::size_t> least_;  // width of a column whatever its cells; 0: that of its longest cell
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace fourtuple::app
