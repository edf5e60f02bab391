// netstat of net-tools 2.10: the part about internet sockets.
#include <algorithm>
#include <fmt/format.h>

#include "app/views/rows.h"
#include "app/views/tool_options.h"

namespace fourtuple::app {
namespace {

constexpr ToolOption netstat_options[] = {{'t', "tcp"},     {'u', "udp"},     {'a', "all"},    {'l', "listening"},
                                          {'n', "numeric"}, {'p', "program"}, {'e', "extend"}, {'o', "timers"},
                                          {'W', "wide"},    {'4', "inet"},    {'6', "inet6"}};

struct NetstatOptions {
  bool tcp = true, udp = true, ipv4 = true, ipv6 = true;
  bool all = false, listening = false, numeric = false, programs = false, extended = false, timers = false,
       wide = false;
};

// /proc/net/tcp tells the accept queue of a listener, but not its limit.
std::uint32_t send_queue(const SocketRow& row) {
  return row.listens() ? 0 : row.socket.send_queue;
}

// netstat asks the resolver for names of addresses; here only localhost has one. IPv6 wildcards then get brackets.
std::string address_text(const ViewInput& input, const NetstatOptions& options, const state::Socket& socket,
                         AddressId id) {
  const IpAddress& ip = input.tables.addresses[id];
  if (ip.is_wildcard() && socket.family == Family::ipv6) return options.numeric ? "::" : "[::]";
  if (!options.numeric && id == loopback_v4) return "localhost";
  return ip.to_string();
}

std::string end_text(const ViewInput& input, const NetstatOptions& options, const state::Socket& socket, AddressId id,
                     std::uint16_t port) {
  constexpr std::size_t most = 22;  // characters of address and port together, unless -W
  std::string address = address_text(input, options, socket, id);
  std::string_view name = port == 0 ? "*" : "";
  if (!options.numeric && port != 0) name = input.services.name_of(socket.protocol, port);
  const std::string port_text = name.empty() ? std::to_string(port) : std::string(name);
  if (!options.wide && address.size() + port_text.size() > most)
    address.resize(most - std::min(most, port_text.size()));
  return address + ":" + port_text;
}

std::string protocol_text(const SocketRow& row) {
  return fmt::format("{}{}", row.tcp() ? "tcp" : "udp", row.ipv6() ? "6" : "");
}

std::string_view state_text(const SocketRow& row) {
  if (row.tcp()) return underscore_name(row.socket.tcp_state);
  return row.connected() ? "ESTABLISHED" : "";
}

// The name of a user of this host, by a process of theirs.
std::string_view user_name(const ViewInput& input, HostId host, std::uint32_t uid) {
  if (uid == 0) return "root";
  for (const ProcessId id : process_rows(input, host))
    if (input.state.processes[id.value].uid == uid) return input.tables.strings[input.state.processes[id.value].user];
  return "";
}

// netstat cuts names to ten characters.
std::string user_text(const ViewInput& input, const NetstatOptions& options, const SocketRow& row) {
  const std::string_view name = options.numeric ? "" : user_name(input, row.socket.host, row.socket.uid);
  return name.empty() ? std::to_string(row.socket.uid) : printable(name.substr(0, 10));
}

// "80/httpd", 19 characters at most.
std::string program_text(const SocketRow& row) {
  if (row.process == nullptr) return "-";
  return fmt::format("{}/{}", row.process->pid, printable(row.command)).substr(0, 19);
}

std::string timer_text(const SocketTimer& timer) {
  constexpr std::string_view names[] = {"off", "on", "timewait", "probe", "keepalive"};
  const bool retransmits = timer.kind != SocketTimer::Kind::time_wait;
  return fmt::format("{} ({}.{:02}/{}/{})", names[static_cast<std::size_t>(timer.kind)], timer.left.ns / 1'000'000'000,
                     timer.left.ns / 10'000'000 % 100, retransmits ? timer.retransmits : 0, timer.probes);
}

// netstat lists the tables of the kernel one after the other.
std::vector<SocketRow> selected(const ViewInput& input, HostId host, const NetstatOptions& options,
                                std::uint64_t* left_out = nullptr) {
  std::vector<SocketRow> rows = socket_rows(input, host, left_out);
  std::erase_if(rows, [&](const SocketRow& row) {
    const bool family = row.ipv6() ? options.ipv6 : options.ipv4;
    const bool protocol = row.tcp() ? options.tcp : options.udp;
    return !family || !protocol || (!options.all && row.connected() == options.listening);
  });
  std::stable_sort(rows.begin(), rows.end(), [](const SocketRow& a, const SocketRow& b) {
    return std::pair(!a.tcp(), a.ipv6()) < std::pair(!b.tcp(), b.ipv6());
  });
  return rows;
}

std::string_view which(const NetstatOptions& options) {
  if (options.all) return "servers and established";
  return options.listening ? "only servers" : "w/o servers";
}

replay::ToolTable netstat_table(const ViewInput& input, HostId host, const NetstatOptions& options) {
  replay::ToolTable table{"netstat",
                          {{"Proto", false, " ", 5},
                           {"Recv-Q", true, " ", 6},
                           {"Send-Q", true, " ", 6},
                           {"Local Address", false, " ", 23},
                           {"Foreign Address", false, " ", 23},
                           {"State", false, " ", 11}},
                          {},
                          0};
  if (options.extended) table.columns.push_back({"User", false, " ", 10});
  if (options.extended) table.columns.push_back({"Inode", false, " ", 10});
  if (options.programs) table.columns.push_back({"PID/Program name", false, " ", 20});
  if (options.timers) table.columns.push_back({"Timer", false, " ", 1});
  for (const SocketRow& row : selected(input, host, options, &table.left_out)) {
    const FourTuple& tuple = row.socket.tuple;
    std::vector<std::string> cells{protocol_text(row),
                                   std::to_string(row.socket.receive_queue),
                                   std::to_string(send_queue(row)),
                                   end_text(input, options, row.socket, tuple.local, tuple.local_port),
                                   end_text(input, options, row.socket, tuple.remote, tuple.remote_port),
                                   std::string(state_text(row))};
    if (options.extended) cells.push_back(user_text(input, options, row));
    if (options.extended) cells.push_back(std::to_string(row.socket.inode));
    if (options.programs) cells.push_back(program_text(row));
    if (options.timers) cells.push_back(timer_text(row.timer));
    table.rows.push_back({std::move(cells), row.id});
  }
  return table;
}

std::string netstat_text(const ViewInput& input, HostId host, const NetstatOptions& options) {
  return fmt::format("Active Internet connections ({})\n", which(options)) +
         table_text(netstat_table(input, host, options));
}

Json netstat_json(const ViewInput& input, HostId host, const NetstatOptions& options) {
  Json rows = Json::array();
  for (const SocketRow& row : selected(input, host, options)) {
    const FourTuple& tuple = row.socket.tuple;
    Json json{{"protocol", protocol_text(row)},
              {"recv_q", row.socket.receive_queue},
              {"send_q", send_queue(row)},
              {"local", end_json(input, tuple.local, tuple.local_port)},
              {"foreign", end_json(input, tuple.remote, tuple.remote_port)},
              {"state", state_text(row)},
              {"uid", row.socket.uid},
              {"inode", row.socket.inode}};
    if (row.process != nullptr) json["program"] = {{"pid", row.process->pid}, {"name", row.command}};
    if (options.timers) json["timer"] = timer_text(row.timer);
    rows.push_back(json);
  }
  return rows;
}

NetstatOptions options_of(const ToolWords& words) {
  NetstatOptions options;
  if (words.has('t') || words.has('u')) {
    options.tcp = words.has('t');
    options.udp = words.has('u');
  }
  if (words.has('4') || words.has('6')) {
    options.ipv4 = words.has('4');
    options.ipv6 = words.has('6');
  }
  options.all = words.has('a');
  options.listening = words.has('l');
  options.numeric = words.has('n');
  options.programs = words.has('p');
  options.extended = words.has('e');
  options.timers = words.has('o');
  options.wide = words.has('W');
  return options;
}

}  // namespace

Outcome<Listing> netstat_listing(Words words) {
  const auto read = read_tool_words("netstat", netstat_options, words);
  if (!read) return tl::unexpected<Error>(read.error());
  if (!read->rest.empty())
    return fail({}, fmt::format("netstat: '{}' is not understood here", read->rest[0]), "options such as -tanp");
  NetstatOptions options = options_of(*read);
  if (words.empty()) options.all = options.numeric = true;
  const auto text = [options](const ViewInput& input, HostId host) { return netstat_text(input, host, options); };
  const auto json = [options](const ViewInput& input, HostId host) { return netstat_json(input, host, options); };
  const auto table = [options](const ViewInput& input, HostId host) { return netstat_table(input, host, options); };
  return Listing{
      "netstat",        "netstat", text, json, options.timers ? trace::Level::expressions : trace::Level::stages,
      !options.numeric, table};
}

}  // namespace fourtuple::app
