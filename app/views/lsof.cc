// lsof 4.95: the internet sockets processes hold. Other files a process has are not in a simulation or a capture.
#include <algorithm>
#include <fmt/format.h>
#include <tuple>

#include "app/views/holders.h"
#include "app/views/local_rows.h"
#include "app/views/lsof_select.h"
#include "app/views/rows.h"
#include "app/views/tool_options.h"

namespace fourtuple::app {
namespace {

constexpr ToolOption lsof_options[] = {{'i', "", Argument::optional},
                                       {'n', ""},
                                       {'P', ""},
                                       {'c', "", Argument::required},
                                       {'p', "", Argument::required},
                                       {'u', "", Argument::required},
                                       {'s', "", Argument::attached_or_none},
                                       {'a', ""},
                                       {'t', ""},
                                       {'l', ""},
                                       {'U', ""}};

struct LsofOptions {
  LsofSelection selection;
  LsofNaming naming;
  bool terse = false;        // -t: only process ids
  bool user_number = false;  // -l
};

// One line for each descriptor: after dup() and fork() a socket has several.
void add_holders(const ViewInput& input, const SocketRow& socket, std::vector<SocketRow>& rows) {
  if (socket.socket.holders <= 1 || socket.process == nullptr) return rows.push_back(socket);
  for (const Holder& holder : holders_of(input, socket.id)) {
    SocketRow& row = rows.emplace_back(socket);
    row.socket.fd = holder.fd;
    row.process = &input.state.processes[holder.process.value];
    row.command = input.tables.strings[row.process->name];
    row.user = input.tables.strings[row.process->user];
  }
}

// lsof lists by process, then by descriptor; sockets nobody holds are not listed.
std::vector<SocketRow> selected(const ViewInput& input, HostId host, const LsofOptions& options,
                                std::uint64_t* left_out = nullptr) {
  std::vector<SocketRow> rows;
  for (const SocketRow& row : socket_rows(input, host, left_out)) add_holders(input, row, rows);
  std::erase_if(rows, [&](const SocketRow& row) {
    return row.process == nullptr || row.socket.fd < 0 || !is_selected(input, options.selection, row);
  });
  std::sort(rows.begin(), rows.end(), [](const SocketRow& a, const SocketRow& b) {
    return std::tuple(a.process->pid, a.socket.fd, a.id) < std::tuple(b.process->pid, b.socket.fd, b.id);
  });
  return rows;
}

std::string terse_text(const std::vector<SocketRow>& rows) {
  std::string text;
  const state::Process* last = nullptr;
  for (const SocketRow& row : rows) {
    if (row.process != last) text += fmt::format("{}\n", row.process->pid);
    last = row.process;
  }
  return text;
}

std::string user_text(const LsofOptions& options, const SocketRow& row) {
  return options.user_number ? std::to_string(row.process->uid) : printable(row.user);
}

replay::ToolTable lsof_table(const ViewInput& input, HostId host, const LsofOptions& options) {
  replay::ToolTable table{"lsof",
                          {{"COMMAND"},
                           {"PID", true},
                           {"USER", true},
                           {"  FD  ", true},
                           {"TYPE", true},
                           {"DEVICE", true},
                           {"SIZE/OFF", true},
                           {"NODE", true},
                           {"NAME"}},
                          {},
                          0};
  for (const SocketRow& row : selected(input, host, options, &table.left_out)) {
    // lsof cuts commands to nine characters unless told otherwise (+c).
    table.rows.push_back(
        {{printable(row.command.substr(0, 9)), std::to_string(row.process->pid), user_text(options, row),
          fmt::format("{:>4}u ", row.socket.fd), row.ipv6() ? "IPv6" : "IPv4", std::to_string(row.socket.inode), "0t0",
          row.tcp() ? "TCP" : "UDP", lsof_name(input, row, options.naming)},
         row.id});
  }
  return table;
}

std::string lsof_text(const ViewInput& input, HostId host, const LsofOptions& options) {
  if (options.terse) return terse_text(selected(input, host, options));
  const replay::ToolTable table = lsof_table(input, host, options);
  return table.rows.empty() ? "" : table_text(table);  // as lsof, not even a head
}

Json lsof_json(const ViewInput& input, HostId host, const LsofOptions& options) {
  Json rows = Json::array();
  for (const SocketRow& row : selected(input, host, options))
    rows.push_back({{"command", row.command},
                    {"pid", row.process->pid},
                    {"user", row.user},
                    {"uid", row.process->uid},
                    {"fd", row.socket.fd},
                    {"type", row.ipv6() ? "IPv6" : "IPv4"},
                    {"device", row.socket.inode},
                    {"node", row.tcp() ? "TCP" : "UDP"},
                    {"name", lsof_name(input, row, options.naming)}});
  return rows;
}

Outcome<bool> take(LsofOptions& options, const GivenOption& given) {
  LsofSelection& selection = options.selection;
  switch (given.letter) {
    case 'i': {
      if (!selection.internet) selection.internet.emplace();
      if (given.argument.empty()) return true;
      auto pattern = read_internet_pattern(given.argument);
      if (!pattern) return tl::unexpected<Error>(pattern.error());
      selection.internet->push_back(std::move(*pattern));
      return true;
    }
    case 'c':
      selection.commands = read_name_list(given.argument);
      return true;
    case 'p':
      selection.pids = read_name_list(given.argument);
      return true;
    case 'u':
      selection.users = read_name_list(given.argument);
      return true;
    case 's':
      return given.argument.empty() ? true : read_states(selection, given.argument);
    case 'a':
      selection.all_of = true;
      return true;
    case 'n':
      options.naming.hosts = false;
      return true;
    case 'P':
      options.naming.ports = false;
      return true;
    case 't':
      options.terse = true;
      return true;
    default:
      options.user_number = true;
      return true;
  }
}

}  // namespace

Outcome<Listing> lsof_listing(Words words) {
  const auto read = read_tool_words("lsof", lsof_options, words);
  if (!read) return tl::unexpected<Error>(read.error());
  if (!read->rest.empty())
    return fail({}, fmt::format("lsof: '{}' is not understood here", read->rest[0]), "options such as -i :80");
  if (read->has('U')) {
    for (const GivenOption& given : read->options)
      if (given.letter != 'U' && given.letter != 'n' && given.letter != 'P')
        return fail({}, fmt::format("lsof: -U does not go with -{} here", given.letter), "lsof -U");
    return lsof_unix_listing();
  }
  LsofOptions options;
  options.naming.hosts = options.naming.ports = !words.empty();
  for (const GivenOption& given : read->options)
    if (const auto taken = take(options, given); !taken) return tl::unexpected<Error>(taken.error());
  const bool names = options.naming.ports;
  const auto text = [options](const ViewInput& input, HostId host) { return lsof_text(input, host, options); };
  const auto json = [options](const ViewInput& input, HostId host) { return lsof_json(input, host, options); };
  const auto table = [options](const ViewInput& input, HostId host) { return lsof_table(input, host, options); };
  return Listing{"lsof", "lsof", text, json, trace::Level::stages, names, table};
}

}  // namespace fourtuple::app
