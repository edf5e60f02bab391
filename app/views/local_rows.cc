#include "app/views/local_rows.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

#include "app/views/holders.h"
#include "app/views/rows.h"

namespace fourtuple::app {
namespace {

using state::LocalKind;
using state::LocalState;

struct SsUnix {
  bool all = false, listening = false, processes = false;
  bool lists(const state::Local& local) const { return all || (local.state == LocalState::connected) != listening; }
};

std::string path_of(const ViewInput& input, const state::Local& local) {
  return local.path.valid() ? printable(input.tables.strings[local.path]) : std::string();
}

std::uint32_t peer_inode(const ViewInput& input, const state::Local& local) {
  const bool known = local.peer.valid() && input.state.locals.alive(local.peer.value);
  return known ? input.state.locals[local.peer.value].inode : 0;
}

std::string_view ss_state(LocalState state) {
  constexpr std::string_view names[] = {"UNCONN", "LISTEN", "ESTAB"};
  return names[static_cast<std::size_t>(state)];
}

// Send-Q: what the peer has not read. ss prints the memory its buffers take, which is not simulated.
std::uint32_t send_queue(const ViewInput& input, const state::Local& local) {
  if (local.state == LocalState::listening) return local.backlog;
  const bool known = local.peer.valid() && input.state.locals.alive(local.peer.value);
  return known ? input.state.locals[local.peer.value].receive_queue : 0;
}

replay::ToolTable ss_unix_table(const ViewInput& input, HostId host, const SsUnix& options) {
  replay::ToolTable table{"ss -x",
                          {{"Netid"},
                           {"State"},
                           {"Recv-Q"},
                           {"Send-Q"},
                           {"Local Address:", true},
                           {"Port", false, ""},
                           {"Peer Address:", true},
                           {"Port", false, ""},
                           {"Process", false, ""}},
                          {},
                          0};
  for (const LocalId id : unix_rows(input, host)) {
    const state::Local& local = input.state.locals[id.value];
    if (!options.lists(local)) continue;
    const std::string path = path_of(input, local);
    table.rows.push_back({{"u_str", std::string(ss_state(local.state)), std::to_string(local.receive_queue),
                           std::to_string(send_queue(input, local)), (path.empty() ? "*" : path) + " ",
                           std::to_string(local.inode), "* ", std::to_string(peer_inode(input, local)),
                           options.processes ? users_words(input, holders_of(input, id)) : ""},
                          {}});
  }
  return table;
}

Json ss_unix_json(const ViewInput& input, HostId host, const SsUnix& options) {
  Json rows = Json::array();
  for (const LocalId id : unix_rows(input, host)) {
    const state::Local& local = input.state.locals[id.value];
    if (!options.lists(local)) continue;
    Json row{{"protocol", "u_str"},
             {"state", ss_state(local.state)},
             {"recv_q", local.receive_queue},
             {"send_q", send_queue(input, local)},
             {"path", path_of(input, local)},
             {"inode", local.inode},
             {"peer_inode", peer_inode(input, local)},
             {"processes", Json::array()}};
    for (const Holder& holder : holders_of(input, id))
      row["processes"].push_back({{"name", input.tables.strings[input.state.processes[holder.process.value].name]},
                                  {"pid", input.state.processes[holder.process.value].pid},
                                  {"fd", holder.fd}});
    rows.push_back(row);
  }
  return rows;
}

struct LsofUnixRow {
  std::string command, user;
  std::uint32_t pid = 0;
  std::int32_t fd = -1;
  LocalId local;
};

std::vector<LsofUnixRow> lsof_unix_rows(const ViewInput& input, HostId host) {
  std::vector<LsofUnixRow> rows;
  for (const LocalId id : unix_rows(input, host))
    for (const Holder& holder : holders_of(input, id)) {
      const state::Process& process = input.state.processes[holder.process.value];
      rows.push_back({printable(input.tables.strings[process.name]), printable(input.tables.strings[process.user]),
                      process.pid, holder.fd, id});
    }
  std::sort(rows.begin(), rows.end(), [](const LsofUnixRow& a, const LsofUnixRow& b) {
    return std::tuple(a.pid, a.fd) < std::tuple(b.pid, b.fd);
  });
  return rows;
}

std::string lsof_unix_text(const ViewInput& input, HostId host) {
  using Align = Columns::Align;
  Columns columns({Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::right,
                   Align::right, Align::left});
  columns.add({"COMMAND", "PID", "USER", "  FD  ", "TYPE", "DEVICE", "SIZE/OFF", "NODE", "NAME"});
  bool any = false;
  for (const LsofUnixRow& row : lsof_unix_rows(input, host)) {
    const state::Local& local = input.state.locals[row.local.value];
    columns.add({row.command.substr(0, 9), std::to_string(row.pid), row.user, fmt::format("{:>4}u ", row.fd), "unix",
                 "0x0000000000000000", "0t0", std::to_string(local.inode), unix_name(input, local)});
    any = true;
  }
  return any ? columns.text() : "";
}

Json lsof_unix_json(const ViewInput& input, HostId host) {
  Json rows = Json::array();
  for (const LsofUnixRow& row : lsof_unix_rows(input, host)) {
    const state::Local& local = input.state.locals[row.local.value];
    rows.push_back({{"command", row.command},
                    {"pid", row.pid},
                    {"user", row.user},
                    {"fd", row.fd},
                    {"type", "unix"},
                    {"node", local.inode},
                    {"name", unix_name(input, local)}});
  }
  return rows;
}

}  // namespace

std::vector<LocalId> unix_rows(const ViewInput& input, HostId host) {
  std::vector<LocalId> rows;
  const auto& all = input.state.locals;
  for (std::uint32_t i = 0; i < all.end(); ++i)
    if (all.alive(i) && all[i].host == host && all[i].kind == LocalKind::unix_stream) rows.push_back({i});
  std::sort(rows.begin(), rows.end(), [&](LocalId a, LocalId b) {
    return std::tuple(all[a.value].inode, a) < std::tuple(all[b.value].inode, b);
  });
  return rows;
}

std::string unix_name(const ViewInput& input, const state::Local& local) {
  constexpr std::string_view states[] = {"UNCONNECTED", "LISTEN", "CONNECTED"};
  const std::string path = path_of(input, local);
  return fmt::format("{}{}type=STREAM ({})", path, path.empty() ? "" : " ",
                     states[static_cast<std::size_t>(local.state)]);
}

Listing ss_unix_listing(bool all, bool listening, bool processes) {
  const SsUnix options{all, listening, processes};
  const auto table = [options](const ViewInput& input, HostId host) { return ss_unix_table(input, host, options); };
  const auto text = [table](const ViewInput& input, HostId host) { return table_text(table(input, host)); };
  const auto json = [options](const ViewInput& input, HostId host) { return ss_unix_json(input, host, options); };
  return Listing{"ss", "ss -x", text, json, trace::Level::stages, false, table};
}

Listing lsof_unix_listing() {
  return Listing{"lsof", "lsof -U", lsof_unix_text, lsof_unix_json};
}

}  // namespace fourtuple::app
