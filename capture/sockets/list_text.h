// What `ss` or `lsof` printed, as a list of sockets: `ss` with any of -t -u -a -l -n -p -e -o -i -m and with or without
// its head, `lsof -i -nP`. Numbers are needed: names of hosts and ports are refused with the command that prints
// numbers.
#pragma once

#include <string>
#include <string_view>

#include "capture/sockets/socket_list.h"
#include "sim/base/outcome.h"

namespace fourtuple::capture {

// Most bytes of such a file that are read: some 100,000 sockets.
constexpr std::size_t max_list_bytes = 16u << 20;

// `name` stands in errors, which say line and column.
Outcome<SocketList> parse_socket_list(std::string_view text, const std::string& name);
// The same from a file. A folder, an unreadable, an empty and a longer file are errors that name it.
Outcome<SocketList> read_socket_list(const std::string& path);

}  // namespace fourtuple::capture
