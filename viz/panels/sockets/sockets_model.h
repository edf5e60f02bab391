// The hosts to choose from, and the descriptor tables of the processes of one of them, with what changed. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "viz/kit/table.h"
#include "viz/panel/context.h"

namespace fourtuple::viz {

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
  std::size_t host = 0;                 // index into hosts
  std::vector<ProcessTable> processes;  // the one with most descriptors first
};

// `before`: the state to compare with.
SocketsModel build_sockets(const PanelContext& context, HostId host, const state::State& before);
// Boundary before the instant at which something last happened.
std::uint64_t boundary_of_last_step(const PanelContext& context);

}  // namespace fourtuple::viz
