// The sockets of a host as rows, and how the tools write addresses and states.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/views/views.h"

namespace fourtuple::app {

struct SocketRow {
  SocketId id;
  state::Socket socket;
  const state::Process* process = nullptr;  // null: the kernel alone holds it
  std::string_view command, user;

  bool tcp() const { return socket.protocol == Protocol::tcp; }
  bool listens() const { return tcp() && socket.tcp_state == TcpState::listen; }
  bool connected() const { return socket.tuple.remote_port != 0; }
};

// Sockets a kernel lists: TCP unless closed, UDP once bound. UDP before TCP, listeners first, then by port and peer.
std::vector<SocketRow> socket_rows(const ViewInput& input, HostId host);

// Live processes of a host by pid.
std::vector<ProcessId> process_rows(const ViewInput& input, HostId host);

// A command or user with everything a terminal might obey replaced.
std::string printable(std::string_view text);

// "FIN_WAIT1", "SYN_RECV": as netstat and lsof write them.
std::string_view underscore_name(TcpState state);

// "*:80", "[::1]:80", as lsof writes them.
std::string lsof_endpoint(const ViewInput& input, AddressId address, std::uint16_t port);
// "TCP *:80 (LISTEN)" without the protocol.
std::string lsof_name(const ViewInput& input, const SocketRow& row);

// Text cells in columns.
class Columns {
 public:
  enum class Align : std::uint8_t { left, right };
  explicit Columns(std::vector<Align> alignment) : alignment_(std::move(alignment)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // One space between columns; no spaces at the end of a line.
  std::string text() const;

 private:
  std::vector<Align> alignment_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace fourtuple::app
