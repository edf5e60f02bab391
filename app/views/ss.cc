// ss of iproute2 6.1: one line for each socket, as it prints into a pipe (columns as wide as their longest cell).
#include <algorithm>
#include <fmt/format.h>

#include "app/views/holders.h"
#include "app/views/local_rows.h"
#include "app/views/rows.h"
#include "app/views/ss_options.h"
#include "app/views/ss_summary.h"

namespace fourtuple::app {
namespace {

// An address and a port as `ss` writes them, the port apart so that columns line up at the colon.
struct SsEnd {
  std::string address;  // with the colon
  std::string port;
};

// A socket of both families shows "*" for its wildcard and IPv4 peers as mapped addresses.
SsEnd ss_end(const ViewInput& input, const SsOptions& options, const state::Socket& socket, AddressId id,
             std::uint16_t port) {
  const IpAddress& ip = input.tables.addresses[id];
  std::string address = ip.to_string();
  if (ip.is_wildcard() && socket.family == Family::ipv6) {
    address = is_v6_only(input, socket) ? "[::]" : "*";
  } else if (ip.family == Family::ipv6) {
    address = "[" + address + "]";
  } else if (socket.family == Family::ipv6) {
    address = "[::ffff:" + address + "]";
  }
  std::string_view name;  // ss gives none to ports the kernel chooses itself
  if (!options.numeric && !is_ephemeral(port)) name = input.services.name_of(socket.protocol, port);
  if (port == 0) name = "*";
  return {address + ":", name.empty() ? std::to_string(port) : std::string(name)};
}

// "1.234ms", "59sec", "2min": print_ms_timer() of ss.
std::string timer_words(Duration left) {
  const std::int64_t ms = left.ns / 1'000'000;
  const std::int64_t minutes = ms / 60'000, seconds = ms / 1000 % 60, rest = ms % 1000;
  std::string text;
  if (minutes > 0) text = fmt::format("{}min", minutes);
  const bool with_seconds = seconds > 0 && minutes <= 9;
  const bool with_rest = rest > 0 && minutes == 0 && seconds <= 9;
  if (with_seconds) text += fmt::format("{}{}", seconds, with_rest ? "." : "sec");
  return with_rest ? text + fmt::format("{:03}ms", rest) : text;
}

std::string_view timer_name(SocketTimer::Kind kind) {
  constexpr std::string_view names[] = {"off", "on", "timewait", "persist", "keepalive"};
  return names[static_cast<std::size_t>(kind)];
}

unsigned tries_of(const SocketTimer& timer) {
  if (timer.kind == SocketTimer::Kind::time_wait) return 0;
  return timer.kind == SocketTimer::Kind::probe ? timer.probes : timer.retransmits;
}

// "<->": may it still receive, may it still send.
std::string_view directions(const SocketRow& row) {
  using state::SocketFlag;
  const TcpState now = row.socket.tcp_state;
  const bool peer_finished = now == TcpState::close_wait || now == TcpState::last_ack || now == TcpState::closing;
  const bool finished = now == TcpState::fin_wait_1 || now == TcpState::fin_wait_2 || now == TcpState::last_ack ||
                        now == TcpState::closing;
  const bool no_receive = peer_finished || row.orphan() || row.socket.has(SocketFlag::read_shut);
  const bool no_send = finished || row.socket.has(SocketFlag::write_shut);
  if (no_receive) return no_send ? "---" : "-->";
  return no_send ? "<--" : "<->";
}

std::string extended(const ViewInput& input, const SocketRow& row) {
  std::string text;
  if (row.socket.uid != 0) text += fmt::format(" uid:{}", row.socket.uid);
  text += fmt::format(" ino:{} sk:{:x}", row.socket.inode, row.id.value + 1);
  const bool open = row.listens() || row.socket.tcp_state == TcpState::closed;
  if (open && row.ipv6()) text += fmt::format(" v6only:{}", is_v6_only(input, row.socket) ? 1 : 0);
  if (row.time_wait() || row.request()) return text;
  return text + fmt::format(" {}", directions(row));
}

std::string process_cell(const ViewInput& input, const SsOptions& options, const SocketRow& row) {
  std::string text;
  if (options.processes && row.process != nullptr) text += users_words(input, holders_of(input, row.id));
  if (options.timers && row.timer.kind != SocketTimer::Kind::off)
    text +=
        fmt::format(" timer:({},{},{})", timer_name(row.timer.kind), timer_words(row.timer.left), tries_of(row.timer));
  if (options.extended) text += extended(input, row);
  return text;
}

std::string_view netid(const SocketRow& row) {
  return row.tcp() ? "tcp" : "udp";
}

std::vector<SocketRow> selected(const ViewInput& input, HostId host, const SsOptions& options,
                                std::uint64_t* left_out = nullptr) {
  std::vector<SocketRow> rows = socket_rows(input, host, left_out);
  std::erase_if(rows, [&](const SocketRow& row) {
    const bool family = row.ipv6() ? options.ipv6 : options.ipv4;
    const bool protocol = row.tcp() ? options.tcp : options.udp;
    return !family || !protocol || !options.lists(row.socket.tcp_state);
  });
  return rows;
}

replay::ToolTable ss_table(const ViewInput& input, HostId host, const SsOptions& options) {
  replay::ToolTable table{"ss", {}, {}, 0};
  const bool with_netid = options.tcp && options.udp;
  const bool with_state = (options.states & (options.states - 1)) != 0;
  if (with_netid) table.columns.push_back({"Netid"});
  if (with_state) table.columns.push_back({"State"});
  const replay::ToolColumn rest[] = {{"Recv-Q"},
                                     {"Send-Q"},
                                     {"Local Address:", true},
                                     {"Port", false, ""},
                                     {"Peer Address:", true},
                                     {"Port", false, ""},
                                     {"Process", false, ""}};
  table.columns.insert(table.columns.end(), std::begin(rest), std::end(rest));
  for (const SocketRow& row : selected(input, host, options, &table.left_out)) {
    const FourTuple& tuple = row.socket.tuple;
    const SsEnd local = ss_end(input, options, row.socket, tuple.local, tuple.local_port);
    const SsEnd peer = ss_end(input, options, row.socket, tuple.remote, tuple.remote_port);
    std::vector<std::string> cells;
    if (with_netid) cells.emplace_back(netid(row));
    if (with_state) cells.emplace_back(ss_name_of(row.socket.tcp_state));
    for (const std::uint32_t queue : {row.socket.receive_queue, row.socket.send_queue})
      cells.push_back(std::to_string(queue));
    for (const SsEnd& end : {local, peer}) cells.insert(cells.end(), {end.address, end.port});
    cells.push_back(process_cell(input, options, row));
    table.rows.push_back({std::move(cells), row.id});
  }
  return table;
}

std::string ss_text(const ViewInput& input, HostId host, const SsOptions& options) {
  // -H leaves the head out, but columns stay as wide.
  const std::string text = table_text(ss_table(input, host, options));
  return options.header ? text : text.substr(text.find('\n') + 1);
}

Json timer_json(const SocketTimer& timer) {
  return {
      {"name", timer_name(timer.kind)}, {"left_ms", timer.left.ns / 1'000'000}, {"retransmissions", tries_of(timer)}};
}

Json ss_json(const ViewInput& input, HostId host, const SsOptions& options) {
  Json rows = Json::array();
  for (const SocketRow& row : selected(input, host, options)) {
    const FourTuple& tuple = row.socket.tuple;
    Json json{{"protocol", netid(row)},
              {"family", row.ipv6() ? 6 : 4},
              {"state", ss_name_of(row.socket.tcp_state)},
              {"recv_q", row.socket.receive_queue},
              {"send_q", row.socket.send_queue},
              {"local", end_json(input, tuple.local, tuple.local_port)},
              {"peer", end_json(input, tuple.remote, tuple.remote_port)},
              {"uid", row.socket.uid},
              {"inode", row.socket.inode}};
    if (row.ipv6()) json["v6only"] = is_v6_only(input, row.socket);
    if (row.process != nullptr)
      json["process"] = {{"name", row.command}, {"pid", row.process->pid}, {"fd", row.socket.fd}};
    if (row.process != nullptr && row.process->guessed) json["process"]["guessed"] = true;
    if (options.timers && row.timer.kind != SocketTimer::Kind::off) json["timer"] = timer_json(row.timer);
    if (row.socket.error != state::Errno::ok) json["error"] = state::name_of(row.socket.error);
    rows.push_back(json);
  }
  return rows;
}

}  // namespace

Outcome<Listing> ss_listing(Words words) {
  const auto read = read_ss_options(words);
  if (!read) return tl::unexpected<Error>(read.error());
  const SsOptions options = *read;
  if (options.unix_sockets)
    return ss_unix_listing(options.lists(TcpState::listen) && options.lists(TcpState::established),
                           options.lists(TcpState::listen), options.processes);
  if (options.summary)
    return Listing{"ss", "ss -s", ss_summary_text, ss_summary_json, trace::Level::stages, false, ss_summary_table};
  const auto text = [options](const ViewInput& input, HostId host) { return ss_text(input, host, options); };
  const auto json = [options](const ViewInput& input, HostId host) { return ss_json(input, host, options); };
  const auto table = [options](const ViewInput& input, HostId host) { return ss_table(input, host, options); };
  return Listing{
      "ss", "ss", text, json, options.timers ? trace::Level::expressions : trace::Level::stages, !options.numeric,
      table};
}

}  // namespace fourtuple::app
