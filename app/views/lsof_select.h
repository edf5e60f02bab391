// Which sockets lsof lists (lsof(8) 4.95): -i, -c, -p, -u and -s, one of them enough unless -a asks for all.
#pragma once

#include <optional>

#include "app/views/rows.h"

namespace fourtuple::app {

// -i [46][protocol][@host|address][:ports]; absent parts match anything.
struct InternetPattern {
  std::optional<Family> family;
  std::optional<Protocol> protocol;
  std::string host;  // address, name of a host of the trace, or localhost
  std::vector<std::pair<std::uint16_t, std::uint16_t>> ports;
  std::vector<std::string> services;  // ports by name
};

// -c, -p and -u: a list; what is written with ^ is left out.
struct NameList {
  std::vector<std::string> wanted, unwanted;
};

struct LsofSelection {
  std::optional<std::vector<InternetPattern>> internet;  // -i; no pattern matches every internet socket
  std::optional<NameList> commands, pids, users;
  std::vector<TcpState> tcp_states, unwanted_states;  // -sTCP:LISTEN
  bool all_of = false;                                // -a
};

Outcome<InternetPattern> read_internet_pattern(const std::string& text);
NameList read_name_list(const std::string& text);
// "TCP:LISTEN" or "TCP:^TIME_WAIT,ESTABLISHED"
Outcome<bool> read_states(LsofSelection& selection, const std::string& text);

bool is_selected(const ViewInput& input, const LsofSelection& selection, const SocketRow& row);

}  // namespace fourtuple::app
