// The connection tracking table as `conntrack -L -o extended` prints it.
#include <fmt/format.h>

#include "app/views/views.h"
#include "sim/trace/describe_netfilter.h"

namespace fourtuple::app {
namespace {

using state::ConntrackEntry;
using state::ConntrackStatus;
using state::ConntrackTuple;

std::vector<std::uint32_t> entries_of(const ViewInput& input, HostId host) {
  std::vector<std::uint32_t> ids;
  const auto& table = input.state.conntrack;
  for (std::uint32_t i = 0; i < table.end(); ++i)
    if (table.alive(i) && table[i].host == host && table[i].expires > input.now) ids.push_back(i);
  return ids;
}

bool has_ports(Protocol protocol) {
  return protocol == Protocol::tcp || protocol == Protocol::udp;
}
bool is_icmp(Protocol protocol) {
  return protocol == Protocol::icmp || protocol == Protocol::icmpv6;
}

std::string_view protocol_word(Protocol protocol) {
  switch (protocol) {
    case Protocol::tcp:
      return "tcp";
    case Protocol::udp:
      return "udp";
    case Protocol::icmp:
      return "icmp";
    case Protocol::icmpv6:
      return "icmpv6";
    case Protocol::none:
      break;
  }
  return "unknown";
}

std::string_view tcp_word(const ConntrackEntry& entry) {
  if (entry.protocol != Protocol::tcp) return "";
  return entry.tcp == state::TcpTracking::none ? "NONE" : trace::tracking_name(static_cast<std::uint8_t>(entry.tcp));
}

std::string address_of(const ViewInput& input, AddressId address) {
  return address.value < input.tables.addresses.size() ? input.tables.addresses[address].to_string() : "?";
}

bool is_ipv6(const ViewInput& input, const ConntrackEntry& entry) {
  const AddressId source = entry.original.source;
  return source.value < input.tables.addresses.size() && input.tables.addresses[source].family == Family::ipv6;
}

std::uint64_t seconds_left(const ViewInput& input, const ConntrackEntry& entry) {
  return static_cast<std::uint64_t>(entry.expires.ns - input.now.ns) / 1'000'000'000;
}

std::string tuple_text(const ViewInput& input, const ConntrackEntry& entry, std::size_t direction) {
  const ConntrackTuple& tuple = direction == 0 ? entry.original : entry.reply;
  std::string text =
      fmt::format("src={} dst={} ", address_of(input, tuple.source), address_of(input, tuple.destination));
  if (has_ports(entry.protocol)) text += fmt::format("sport={} dport={} ", tuple.source_port, tuple.destination_port);
  if (is_icmp(entry.protocol))
    text += fmt::format("type={} code={} id={} ", tuple.destination_port >> 8, tuple.destination_port & 0xff,
                        tuple.source_port);
  return text + fmt::format("packets={} bytes={} ", entry.packets[direction], entry.bytes[direction]);
}

std::string line_of(const ViewInput& input, const ConntrackEntry& entry) {
  const bool v6 = is_ipv6(input, entry);
  std::string line =
      fmt::format("{:<8} {} {:<8} {} {} ", v6 ? "ipv6" : "ipv4", v6 ? 10 : 2, protocol_word(entry.protocol),
                  static_cast<int>(entry.protocol), seconds_left(input, entry));
  if (entry.protocol == Protocol::tcp) line += fmt::format("{} ", tcp_word(entry));
  line += tuple_text(input, entry, 0);
  if ((entry.status & ConntrackStatus::seen_reply) == 0) line += "[UNREPLIED] ";
  line += tuple_text(input, entry, 1);
  if ((entry.status & ConntrackStatus::assured) != 0) line += "[ASSURED] ";
  return line + fmt::format("mark={} use=1\n", entry.mark);
}

Json tuple_json(const ViewInput& input, const ConntrackEntry& entry, std::size_t direction) {
  const ConntrackTuple& tuple = direction == 0 ? entry.original : entry.reply;
  Json json{{"source", address_of(input, tuple.source)}, {"destination", address_of(input, tuple.destination)}};
  if (has_ports(entry.protocol)) {
    json["source_port"] = tuple.source_port;
    json["destination_port"] = tuple.destination_port;
  }
  if (is_icmp(entry.protocol)) {
    json["type"] = tuple.destination_port >> 8;
    json["code"] = tuple.destination_port & 0xff;
    json["id"] = tuple.source_port;
  }
  json["packets"] = entry.packets[direction];
  json["bytes"] = entry.bytes[direction];
  return json;
}

}  // namespace

std::string conntrack_text(const ViewInput& input, HostId host) {
  std::string text;
  for (const std::uint32_t id : entries_of(input, host)) text += line_of(input, input.state.conntrack[id]);
  return text.empty() ? "no flows are tracked\n" : text;
}

Json conntrack_json(const ViewInput& input, HostId host) {
  Json rows = Json::array();
  for (const std::uint32_t id : entries_of(input, host)) {
    const ConntrackEntry& entry = input.state.conntrack[id];
    Json row{{"entry", id},
             {"family", is_ipv6(input, entry) ? 6 : 4},
             {"protocol", protocol_word(entry.protocol)},
             {"seconds_left", seconds_left(input, entry)},
             {"timeout", entry.timeout_s}};
    if (entry.protocol == Protocol::tcp) row["state"] = tcp_word(entry);
    row["original"] = tuple_json(input, entry, 0);
    row["reply"] = tuple_json(input, entry, 1);
    row["replied"] = (entry.status & ConntrackStatus::seen_reply) != 0;
    row["assured"] = (entry.status & ConntrackStatus::assured) != 0;
    row["source_nat"] = (entry.status & ConntrackStatus::source_nat) != 0;
    row["destination_nat"] = (entry.status & ConntrackStatus::destination_nat) != 0;
    row["mark"] = entry.mark;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace fourtuple::app
