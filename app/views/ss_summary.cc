#include "app/views/ss_summary.h"

#include <fmt/format.h>

#include "app/views/local_rows.h"
#include "app/views/rows.h"

namespace fourtuple::app {
namespace {

struct Summary {
  std::uint32_t tcp[2] = {}, udp[2] = {};  // by family: IPv4, IPv6; what the protocol's table holds
  std::uint32_t established = 0, orphaned = 0, time_wait = 0;
  std::uint32_t closed = 0;  // without a place in a table
  std::uint32_t local = 0;   // AF_UNIX
  std::uint32_t all_tcp() const { return tcp[0] + tcp[1]; }
  std::uint32_t all_udp() const { return udp[0] + udp[1]; }
  std::uint32_t all() const { return all_tcp() + all_udp() + closed + local; }
};

void count(Summary& summary, const SocketRow& row) {
  const std::size_t family = row.ipv6() ? 1 : 0;
  const TcpState now = row.socket.tcp_state;
  if (!row.tcp()) {
    ++summary.udp[family];
  } else if (row.time_wait()) {
    ++summary.time_wait;
  } else if (!row.request()) {
    ++summary.tcp[family];
    if (now == TcpState::established || now == TcpState::close_wait) ++summary.established;
    if (row.orphan()) ++summary.orphaned;
  }
}

// A TIME-WAIT whose descriptor is still open has left a closed socket behind, too.
bool is_closed_tcp(const state::Socket& socket) {
  const bool left = socket.tcp_state == TcpState::time_wait && socket.owner.valid();
  return socket.protocol == Protocol::tcp && (socket.tcp_state == TcpState::closed || left);
}

Summary summary_of(const ViewInput& input, HostId host) {
  Summary summary;
  for (const SocketRow& row : socket_rows(input, host)) count(summary, row);
  summary.local = static_cast<std::uint32_t>(unix_rows(input, host).size());
  const auto& sockets = input.state.sockets;
  for (std::uint32_t i = 0; i < sockets.end(); ++i)
    if (sockets.alive(i) && sockets[i].host == host && is_closed_tcp(sockets[i])) ++summary.closed;
  return summary;
}

// print_summary() of ss: sockstat's "alloc" and "tw", and what of them is in no table.
std::uint32_t printed_total(const Summary& s) {
  return s.all_tcp() + s.closed + s.time_wait;
}
std::uint32_t printed_closed(const Summary& s) {
  return s.closed + s.time_wait;
}

}  // namespace

std::string ss_summary_text(const ViewInput& input, HostId host) {
  const Summary s = summary_of(input, host);
  const auto line = [](std::string_view name, std::uint32_t ipv4, std::uint32_t ipv6) {
    return fmt::format("{}\t  {:<9} {:<9} {:<9}\n", name, ipv4 + ipv6, ipv4, ipv6);
  };
  return fmt::format("Total: {}\n", s.all()) +
         fmt::format("TCP:   {} (estab {}, closed {}, orphaned {}, timewait {})\n\n", printed_total(s), s.established,
                     printed_closed(s), s.orphaned, s.time_wait) +
         "Transport Total     IP        IPv6\n" + line("RAW", 0, 0) + line("UDP", s.udp[0], s.udp[1]) +
         line("TCP", s.tcp[0], s.tcp[1]) + line("INET", s.udp[0] + s.tcp[0], s.udp[1] + s.tcp[1]) + line("FRAG", 0, 0) +
         "\n";
}

replay::ToolTable ss_summary_table(const ViewInput& input, HostId host) {
  return table_of_lines("ss -s", ss_summary_text(input, host));
}

Json ss_summary_json(const ViewInput& input, HostId host) {
  const Summary s = summary_of(input, host);
  return Json::array({{{"total", s.all()},
                       {"tcp",
                        {{"total", printed_total(s)},
                         {"established", s.established},
                         {"closed", printed_closed(s)},
                         {"orphaned", s.orphaned},
                         {"time_wait", s.time_wait},
                         {"ipv4", s.tcp[0]},
                         {"ipv6", s.tcp[1]}}},
                       {"udp", {{"ipv4", s.udp[0]}, {"ipv6", s.udp[1]}}}}});
}

}  // namespace fourtuple::app
