#include "app/views/proc_net.h"

#include <fmt/format.h>

#include "app/views/rows.h"
#include "sim/tcp/config.h"

namespace fourtuple::app {
namespace {

// The kernel prints addresses as it holds them on a little-endian CPU, a word of 32 bits at a time.
std::string hex_address(const IpAddress& ip, bool ipv6) {
  const bool mapped = ipv6 && ip.family == Family::ipv4 && !ip.is_wildcard();
  std::string text = mapped ? "0000000000000000FFFF0000" : "";
  const std::size_t words = ipv6 && !mapped ? 4 : 1;
  for (std::size_t i = 0; i < words; ++i)
    text += fmt::format("{:02X}{:02X}{:02X}{:02X}", ip.bytes[4 * i + 3], ip.bytes[4 * i + 2], ip.bytes[4 * i + 1],
                        ip.bytes[4 * i]);
  return text;
}

std::string end(const ViewInput& input, const SocketRow& row, AddressId address, std::uint16_t port) {
  return fmt::format("{}:{:04X}", hex_address(input.tables.addresses[address], row.ipv6()), port);
}

// USER_HZ is 100.
std::int64_t ticks(Duration left) {
  return left.ns / 10'000'000;
}
std::uint32_t ticks(std::uint32_t ms) {
  return ms / 10;
}

int timer_number(SocketTimer::Kind kind) {
  constexpr int numbers[] = {0, 1, 3, 4, 2};
  return numbers[static_cast<std::size_t>(kind)];
}

std::vector<std::string> common(const ViewInput& input, const SocketRow& row) {
  const state::Socket& socket = row.socket;
  const FourTuple& tuple = socket.tuple;
  const bool time_wait = row.time_wait();
  return {end(input, row, tuple.local, tuple.local_port),
          end(input, row, tuple.remote, tuple.remote_port),
          fmt::format("{:02X}", static_cast<unsigned>(socket.tcp_state)),
          fmt::format("{:08X}:{:08X}", row.listens() ? 0 : socket.send_queue, socket.receive_queue),
          fmt::format("{:02X}:{:08X}", timer_number(row.timer.kind), ticks(row.timer.left)),
          fmt::format("{:08X}", time_wait ? 0 : row.timer.retransmits),
          std::to_string(socket.uid),
          std::to_string(time_wait ? 0 : row.timer.probes),
          std::to_string(socket.inode)};
}

constexpr std::string_view hidden_pointer = "0000000000000000";

// References, rto, ato, quick acks, cwnd, ssthresh; Linux has none of these for TIME-WAIT and SYN-RECV.
std::string tcp_rest(const ViewInput& input, const SocketRow& row) {
  if (row.time_wait() || row.request()) return fmt::format("{} {}", row.request() ? 0 : 3, hidden_pointer);
  const bool timer = row.timer.kind != SocketTimer::Kind::off;
  const std::uint32_t references = 1 + (timer ? 1 : 0) + (row.listens() ? row.socket.receive_queue : 0);
  state::TcpVariables v;
  if (row.id.value < input.state.tcp_variables.size()) v = input.state.tcp_variables[row.id.value];
  if (row.listens()) {  // what a connection starts with, and the limit of TCP Fast Open
    v = {};
    v.rto_ms = 1000;
    v.cwnd = 10;
  }
  const std::string threshold = v.ssthresh >= tcp::infinite_ssthresh ? "-1" : std::to_string(v.ssthresh);
  return fmt::format("{} {} {} {} {} {} {}", references, hidden_pointer, ticks(v.rto_ms),
                     ticks(std::uint32_t{v.ack_delay_ms}), v.quick_acks * 2 + v.interactive, v.cwnd, threshold);
}

std::string_view head(ProcNetTable table) {
  const bool tcp = table.protocol == Protocol::tcp;
  if (table.family == Family::ipv4)
    return tcp ? "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
               : "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode "
                 "ref "
                 "pointer drops\n";
  return tcp ? "  sl  local_address                         remote_address                        st tx_queue rx_queue "
               "tr "
               "tm->when retrnsmt   uid  timeout inode\n"
             : "  sl  local_address                         remote_address                        st tx_queue rx_queue "
               "tr "
               "tm->when retrnsmt   uid  timeout inode ref pointer drops\n";
}

std::vector<SocketRow> selected(const ViewInput& input, HostId host, ProcNetTable table,
                                std::uint64_t* left_out = nullptr) {
  std::vector<SocketRow> rows = socket_rows(input, host, left_out);
  std::erase_if(rows, [&](const SocketRow& row) {
    return row.socket.protocol != table.protocol || row.socket.family != table.family;
  });
  return rows;
}

}  // namespace

replay::ToolTable proc_net_table(const ViewInput& input, HostId host, ProcNetTable which) {
  const bool tcp = which.protocol == Protocol::tcp;
  replay::ToolTable table{tcp ? "/proc/net/tcp" : "/proc/net/udp",
                          {{"sl", true, " ", std::size_t{tcp ? 5U : 6U}},
                           {"local_address"},
                           {"rem_address"},
                           {"st"},
                           {"tx_queue rx_queue"},
                           {"tr tm->when"},
                           {"retrnsmt"},
                           {"uid", true, " ", 5},
                           {"timeout", true, " ", 8},
                           {"inode", false, " ", 1},
                           {tcp ? "then" : "ref pointer drops", false, " ", 1}},
                          {},
                          0};
  for (const SocketRow& row : selected(input, host, which, &table.left_out)) {
    std::vector<std::string> cells = common(input, row);
    const std::size_t number = tcp ? table.rows.size() : row.socket.tuple.local_port;
    cells.insert(cells.begin(), fmt::format("{}:", number));
    cells.push_back(tcp ? tcp_rest(input, row) : fmt::format("2 {} 0", hidden_pointer));
    table.rows.push_back({std::move(cells), row.id});
  }
  return table;
}

std::string proc_net_text(const ViewInput& input, HostId host, ProcNetTable table) {
  return std::string(head(table)) + table_text(proc_net_table(input, host, table), false);
}

Json proc_net_json(const ViewInput& input, HostId host, ProcNetTable table) {
  Json rows = Json::array();
  for (const SocketRow& row : selected(input, host, table)) {
    const FourTuple& tuple = row.socket.tuple;
    rows.push_back({{"local", end_json(input, tuple.local, tuple.local_port)},
                    {"remote", end_json(input, tuple.remote, tuple.remote_port)},
                    {"state", static_cast<unsigned>(row.socket.tcp_state)},
                    {"tx_queue", row.listens() ? 0 : row.socket.send_queue},
                    {"rx_queue", row.socket.receive_queue},
                    {"timer", timer_number(row.timer.kind)},
                    {"when", ticks(row.timer.left)},
                    {"retransmissions", row.timer.retransmits},
                    {"uid", row.socket.uid},
                    {"inode", row.socket.inode}});
  }
  return rows;
}

}  // namespace fourtuple::app
