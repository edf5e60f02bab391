// The sockets and descriptors of one host as `ss` and `lsof` show them, with what changed at the last instant. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "viz/kit/table.h"
#include "viz/panel/context.h"

namespace fourtuple::viz {

struct SocketRow {
  SocketId socket;
  ProcessId owner;
  RowChange change = RowChange::none;
  std::string protocol;   // "tcp"
  std::string state;      // "ESTAB"
  std::string old_state;  // when it changed
  std::uint32_t receive = 0, send = 0;
  bool queues_changed = false;
  std::string local_address, local_port, peer_address, peer_port;
  std::string process;  // users:(("caddy",pid=811,fd=12))
  std::optional<std::size_t> flow;
  bool listening = false;
  bool inferred = false;
};

struct FdCell {
  std::int32_t fd = 0;
  bool open = false;
  bool is_socket = false, listening = false, added = false;
  std::optional<std::size_t> flow;
  SocketId socket;
};

struct FdRow {
  std::string fd, type, node, name;
  SocketId socket;
  RowChange change = RowChange::none;
};

struct ProcessTable {
  ProcessId process;
  std::string name, pid, note;
  bool guessed = false;
  std::optional<std::size_t> flow;
  std::vector<FdCell> cells;  // from 0 to two past the highest open one, at most fd_cells
  std::vector<FdRow> rows;    // open descriptors
};

constexpr std::size_t fd_cells = 64;

struct SocketsModel {
  std::vector<HostId> hosts;
  std::vector<std::string> host_names;
  std::size_t host = 0;  // index into hosts
  std::vector<SocketRow> rows;
  std::vector<ProcessTable> processes;
  std::string note;  // when there are no sockets
};

// `before`: the state to compare with.
SocketsModel build_sockets(const PanelContext& context, HostId host, const state::State& before);
// Boundary before the instant at which something last happened.
std::uint64_t boundary_of_last_step(const PanelContext& context);

}  // namespace fourtuple::viz
