// What the application knows about hosts beyond the trace, for the window: the tables of the hosts' own tools (ss,
// lsof, netstat, /proc), names of ports, and the ranges from which kernels choose ports. Plain data and one function.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/state/state.h"
#include "sim/trace/tables.h"
#include "sim/wire/services.h"

namespace fourtuple::replay {

struct ToolColumn {
  std::string title;
  bool right = false;             // numbers end at the same place
  std::string_view before = " ";  // between it and the column before; "" where one cell continues the other
  std::size_t width = 0;          // characters at least; 0: as wide as the longest cell
};

struct ToolRow {
  std::vector<std::string> cells;  // as many as there are columns
  SocketId socket;                 // none: the line is about no socket
};

// One listing of a tool. A listing that is no table (`ss -s`) has one column without a title.
struct ToolTable {
  std::string_view meanings;  // column_meanings() of it
  std::vector<ToolColumn> columns;
  std::vector<ToolRow> rows;
  std::uint64_t left_out = 0;  // sockets beyond ToolQuestion::most
};

struct ToolQuestion {
  const trace::Tables& tables;
  const state::State& state;
  Time now;  // the instant of the state
  HostId host;
  std::string command;                                             // as a user types it: "ss -tanp"
  std::optional<std::uint16_t> port = std::nullopt;                // only sockets with this local or remote port
  std::uint32_t most = std::numeric_limits<std::uint32_t>::max();  // sockets of each protocol; the first in order
};

// From which ports a host's kernel chooses for a socket without one (net.ipv4.ip_local_port_range), from an instant on.
struct EphemeralRange {
  HostId host;
  Time from;
  std::uint16_t low = ephemeral_low, high = ephemeral_high;  // both included
};

struct HostTools {
  std::function<ToolTable(const ToolQuestion&)> table;  // empty: this program knows no tools
  Services services;
  bool services_from_file = false;        // false: no /etc/services, only well-known names
  std::vector<EphemeralRange> ephemeral;  // by time; a host without one is not known
};

}  // namespace fourtuple::replay
