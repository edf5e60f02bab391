#include "viz/panels/common/names.h"

#include <fmt/format.h>

#include "sim/trace/describe.h"
#include "viz/theme/palette.h"

namespace fourtuple::viz {

const state::Process* find_process(const state::State& state, ProcessId id) {
  return id.value < state.processes.end() && state.processes.alive(id.value) ? &state.processes[id.value] : nullptr;
}

const state::Socket* find_socket(const state::State& state, SocketId id) {
  return id.value < state.sockets.end() && state.sockets.alive(id.value) ? &state.sockets[id.value] : nullptr;
}

std::string process_name(const trace::Trace& trace, const state::State& state, ProcessId id) {
  const state::Process* process = find_process(state, id);
  if (process == nullptr) return trace.tables().source == trace::Source::capture ? "program unknown" : "the kernel";
  const std::string_view name = trace.tables().strings[process->name];
  return name.empty() ? fmt::format("process {}", process->pid) : std::string(name);
}

std::string host_address(const trace::Tables& tables, HostId host) {
  if (host.value >= tables.topology.hosts.size()) return {};
  for (const InterfaceId id : tables.topology.hosts[host.value].interfaces) {
    if (id.value >= tables.topology.interfaces.size()) continue;
    const trace::InterfaceInfo& interface = tables.topology.interfaces[id.value];
    if (interface.loopback) continue;
    for (const Prefix& prefix : interface.addresses) {
      if (!prefix.address.is_loopback()) return prefix.address.to_string();
    }
  }
  return {};
}

std::string address_text(const trace::Tables& tables, AddressId address, bool any) {
  if (address.value >= tables.addresses.size()) return "?";
  const IpAddress& ip = tables.addresses[address];
  return any && ip.is_wildcard() ? "any" : ip.to_string();
}

std::string endpoint_words(const trace::Tables& tables, AddressId address, std::uint16_t port) {
  if (is_wildcard(tables, address)) return fmt::format("any:{}", port);
  return trace::endpoint_text(tables, address, port);
}

HostId host_of(const trace::Tables& tables, InterfaceId interface) {
  const auto& interfaces = tables.topology.interfaces;
  return interface.value < interfaces.size() ? interfaces[interface.value].host : HostId::none();
}

HostId host_with(const trace::Tables& tables, AddressId address) {
  if (address.value >= tables.addresses.size()) return HostId::none();
  const IpAddress& wanted = tables.addresses[address];
  for (const trace::InterfaceInfo& interface : tables.topology.interfaces) {
    if (interface.loopback) continue;
    for (const Prefix& prefix : interface.addresses) {
      if (prefix.address == wanted) return interface.host;
    }
  }
  return HostId::none();
}

bool is_wildcard(const trace::Tables& tables, AddressId address) {
  return address.value < tables.addresses.size() && tables.addresses[address].is_wildcard();
}

bool is_loopback(const trace::Tables& tables, AddressId address) {
  return address.value < tables.addresses.size() && tables.addresses[address].is_loopback();
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string clock_text(Time time) {
  std::string text = trace::time_text(time);
  if (text.size() > 2 && text.ends_with(" s")) text.resize(text.size() - 2);
  return text;
}

std::string short_time(Time time) {
  const std::int64_t us = time.ns / 1000 % 1'000'000;
  return fmt::format("{}.{:03} {:03}", time.ns / 1'000'000'000, us / 1000, us % 1000);
}

std::string span_text(Duration span) {
  const std::int64_t ns = span.ns;
  if (ns < 1'000) return fmt::format("{} ns", ns);
  if (ns < 1'000'000) return fmt::format("{} µs", ns / 1'000);
  if (ns < 10'000'000) return fmt::format("{}.{} ms", ns / 1'000'000, ns / 100'000 % 10);
  if (ns < 1'000'000'000) return fmt::format("{} ms", ns / 1'000'000);
  return fmt::format("{}.{} s", ns / 1'000'000'000, ns / 100'000'000 % 10);
}

PacketShape shape_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::tcp:
      return PacketShape::tcp;
    case Protocol::udp:
      return PacketShape::udp;
    default:
      return PacketShape::icmp;
  }
}

char badge_of(const Packet& packet) {
  if (packet.protocol != Protocol::tcp) return 0;
  if (packet.has(TcpFlag::rst)) return 'R';
  if (packet.has(TcpFlag::syn)) return 'S';
  return packet.has(TcpFlag::fin) ? 'F' : 0;
}

std::string capsule_text(const Packet& packet) {
  const bool later = (packet.fragment_flags & FragmentFlag::is_fragment) != 0 && packet.fragment_offset != 0;
  if (later) return "fragment";
  if (packet.protocol == Protocol::tcp || packet.protocol == Protocol::udp) {
    return fmt::format("{}→{}", packet.source_port, packet.destination_port);
  }
  if (packet.protocol == Protocol::icmp || packet.protocol == Protocol::icmpv6) return trace::icmp_text(packet);
  return "IP";
}

std::string flag_words(const Packet& packet) {
  constexpr std::pair<std::uint8_t, std::string_view> order[] = {{TcpFlag::syn, "SYN"}, {TcpFlag::rst, "RST"},
                                                                 {TcpFlag::fin, "FIN"}, {TcpFlag::psh, "PSH"},
                                                                 {TcpFlag::urg, "URG"}, {TcpFlag::ack, "ACK"}};
  std::string words;
  if (packet.protocol != Protocol::tcp) return words;
  for (const auto& [flag, word] : order) {
    if (!packet.has(flag)) continue;
    if (!words.empty()) words += ' ';
    words += word;
  }
  return words;
}

std::size_t flow_slot(std::uint32_t flow) {
  return flow == replay::FlowTable::none || flow == 0xffffffffu ? named_flow_colors : flow;
}

CapsuleLook CapsuleModel::look() const {
  CapsuleLook look;
  look.shape = shape;
  look.flow = flow;
  look.text = text;
  look.badge = badge;
  look.ring = ring;
  look.rewritten = rewritten;
  return look;
}

CapsuleModel capsule_of(const replay::PacketIndex& packets, PacketId id, const Packet& packet) {
  const std::optional<Packet> created = packets.packet(id);
  return {capsule_text(packet), shape_of(packet.protocol),  flow_slot(packets.flow(id)),
          badge_of(packet),     packets.retransmission(id), created && sender_tuple(*created) != sender_tuple(packet)};
}

}  // namespace fourtuple::viz
