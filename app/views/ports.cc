// The ports of a host in use, and how many of each range.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <tuple>

#include "app/views/rows.h"

namespace fourtuple::app {
namespace {

// All sockets that share protocol, port and local address.
struct PortUse {
  Protocol protocol = Protocol::none;
  std::uint16_t port = 0;
  AddressId address;
  std::uint32_t waiting = 0;      // listeners, and UDP sockets anyone may send to
  std::uint32_t connections = 0;  // with a peer
  std::uint32_t time_wait = 0;    // of these
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
    if (row.tcp() && row.time_wait()) ++use.time_wait;
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
  words +=
      fmt::format("{}{} connection{}", words.empty() ? "" : ", ", use.connections, use.connections == 1 ? "" : "s");
  return use.time_wait == 0 ? words : words + fmt::format(" ({} in TIME_WAIT)", use.time_wait);
}

std::string range_words(std::uint16_t port) {
  return fmt::format("{}{}", port_range_name(port), is_ephemeral(port) ? ", ephemeral" : "");
}

// A part of the port numbers and how many of them are in use.
struct PortRange {
  std::string_view name;
  std::uint16_t low = 0, high = 0;
  std::set<std::uint16_t> tcp, udp, time_wait;  // of time_wait: TCP ports that only such connections hold
};

std::vector<PortRange> port_ranges(const std::vector<PortUse>& uses) {
  std::vector<PortRange> ranges{{"system", 0, 1023, {}, {}, {}},
                                {"user", 1024, 49151, {}, {}, {}},
                                {"dynamic", 49152, 65535, {}, {}, {}},
                                {"ephemeral", ephemeral_low, ephemeral_high, {}, {}, {}}};
  std::set<std::uint16_t> alive;
  for (const PortUse& use : uses)
    if (use.waiting + use.connections > use.time_wait) alive.insert(use.port);
  for (PortRange& range : ranges)
    for (const PortUse& use : uses) {
      if (use.port < range.low || use.port > range.high) continue;
      (use.protocol == Protocol::tcp ? range.tcp : range.udp).insert(use.port);
      if (use.time_wait != 0 && !alive.contains(use.port)) range.time_wait.insert(use.port);
    }
  return ranges;
}

std::string ranges_text(const std::vector<PortUse>& uses) {
  using Align = Columns::Align;
  Columns columns({Align::left, Align::left, Align::right, Align::right, Align::right});
  columns.add({"RANGE", "PORTS", " TCP IN USE", " UDP IN USE", " ONLY TIME_WAIT"});
  for (const PortRange& range : port_ranges(uses))
    columns.add({std::string(range.name), fmt::format("{}-{}", range.low, range.high), std::to_string(range.tcp.size()),
                 std::to_string(range.udp.size()), std::to_string(range.time_wait.size())});
  return columns.text();
}

std::string_view protocol_of(const PortUse& use) {
  return use.protocol == Protocol::tcp ? "tcp" : "udp";
}

}  // namespace

std::string ports_text(const ViewInput& input, HostId host) {
  using Align = Columns::Align;
  const std::vector<PortUse> uses = port_uses(input, host);
  Columns columns({Align::left, Align::right, Align::left, Align::left, Align::left, Align::left, Align::left});
  columns.add({"PROTO", " PORT", "SERVICE", "RANGE", "ADDRESS", "USE", "PROCESS"});
  for (const PortUse& use : uses) {
    std::string processes;
    for (const std::string& process : use.processes) processes += (processes.empty() ? "" : ", ") + process;
    columns.add({std::string(protocol_of(use)), std::to_string(use.port),
                 std::string(input.services.name_of(use.protocol, use.port)), range_words(use.port),
                 input.tables.addresses[use.address].to_string(), use_words(use), processes});
  }
  return columns.text() + "\n" + ranges_text(uses);
}

Json ports_json(const ViewInput& input, HostId host) {
  Json rows = Json::array();
  for (const PortUse& use : port_uses(input, host))
    rows.push_back({{"protocol", protocol_of(use)},
                    {"port", use.port},
                    {"service", input.services.name_of(use.protocol, use.port)},
                    {"range", port_range_name(use.port)},
                    {"ephemeral", is_ephemeral(use.port)},
                    {"address", input.tables.addresses[use.address].to_string()},
                    {"listening", use.waiting},
                    {"connections", use.connections},
                    {"time_wait", use.time_wait},
                    {"processes", use.processes}});
  return rows;
}

}  // namespace fourtuple::app
