// What the columns of the tools' tables mean: for `fourtuple show VIEW --explain` and for the window.
#pragma once

#include <span>
#include <string_view>

namespace fourtuple::replay {

struct ColumnMeaning {
  std::string_view column;   // as the table's head has it
  std::string_view meaning;  // one or two sentences
};

// In the order of the table. `table`: ss, ss -s, ss -x, netstat, lsof, /proc/net/tcp, /proc/net/udp, /proc/PID/fd, fds,
// gauges, ports, routes, conntrack or nft. Empty for any other.
std::span<const ColumnMeaning> column_meanings(std::string_view table);
// What one column means, whose title may be one of several in ColumnMeaning::column ("tx_queue, rx_queue"); "" if the
// table has no such column.
std::string_view column_meaning(std::string_view table, std::string_view title);

}  // namespace fourtuple::replay
