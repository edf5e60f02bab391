// The ports of a host in use.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <tuple>

#include "app/views/rows.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

// RFC 6335 section 6.
std::string_view range_of(std::uint16_t port) {
  if (port < 1024) return "system";
  return port < 49152 ? "user" : "dynamic";
}

// All sockets that share protocol, port and local address.
struct PortUse {
  Protocol protocol = Protocol::none;
  std::uint16_t port = 0;
  AddressId address;
  std::uint32_t waiting = 0;      // listeners, and UDP sockets anyone may send to
  std::uint32_t connections = 0;  // with a peer
  std::vector<std::string> processes;
};

std::vector<PortUse> port_uses(const ViewInput& input, HostId host) {
  std::map<std::tuple<std::uint8_t, std::uint16_t, AddressId>, PortUse> uses;
  for (const SocketRow& row : socket_rows(input, host)) {
    const FourTuple& tuple = row.socket.tuple;
    PortUse& use = uses[{static_cast<std::uint8_t>(row.socket.protocol), tuple.local_port, tuple.local}];
    use.protocol = row.socket.protocol;
    use.port = tuple.local_port;
    use.address = tuple.local;
    ++(row.connected() ? use.connections : use.waiting);
    if (row.process == nullptr) continue;
    const std::string process = fmt::format("{} (pid {})", printable(row.command), row.process->pid);
    if (std::find(use.processes.begin(), use.processes.end(), process) == use.processes.end())
      use.processes.push_back(process);
  }
  std::vector<PortUse> list;
  for (auto& [key, use] : uses) list.push_back(std::move(use));
  return list;
}

std::string use_words(const PortUse& use) {
  std::string words;
  if (use.waiting != 0) words = use.protocol == Protocol::tcp ? "listening" : "open";
  if (use.connections == 0) return words;
  return fmt::format("{}{}{} connection{}", words, words.empty() ? "" : ", ", use.connections,
                     use.connections == 1 ? "" : "s");
}

std::string_view protocol_of(const PortUse& use) {
  return use.protocol == Protocol::tcp ? "tcp" : "udp";
}

}  // namespace

std::string ports_text(const ViewInput& input, HostId host) {
  using Align = Columns::Align;
  Columns columns({Align::left, Align::right, Align::left, Align::left, Align::left, Align::left});
  columns.add({"PROTO", " PORT", "RANGE  ", "ADDRESS", "USE", "PROCESS"});
  for (const PortUse& use : port_uses(input, host)) {
    std::string processes;
    for (const std::string& process : use.processes) processes += (processes.empty() ? "" : ", ") + process;
    columns.add({std::string(protocol_of(use)), std::to_string(use.port), std::string(range_of(use.port)),
                 input.tables.addresses[use.address].to_string(), use_words(use), processes});
  }
  return columns.text();
}

Json ports_json(const ViewInput& input, HostId host) {
  Json rows = Json::array();
  for (const PortUse& use : port_uses(input, host))
    rows.push_back({{"protocol", protocol_of(use)},
                    {"port", use.port},
                    {"range", range_of(use.port)},
                    {"address", input.tables.addresses[use.address].to_string()},
                    {"listening", use.waiting},
                    {"connections", use.connections},
                    {"processes", use.processes}});
  return rows;
}

}  // namespace fourtuple::app
