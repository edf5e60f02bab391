// What the columns of the tools' tables mean: for `fourtuple show VIEW --explain` and for the window.
#pragma once

#include <span>
#include <string_view>

namespace fourtuple::replay {

struct ColumnMeaning {
  std::string_view column;   // as the table's head has it
  std::string_view meaning;  // one or two sentences
};

// In the order of the table. `table`: ss, ss -s, netstat, lsof, /proc/net/tcp, /proc/net/udp, /proc/PID/fd, fds, ports,
// routes, conntrack or nft. Empty for any other.
std::span<const ColumnMeaning> column_meanings(std::string_view table);

}  // namespace fourtuple::replay
