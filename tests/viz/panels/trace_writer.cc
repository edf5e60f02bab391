#include "tests/viz/panels/trace_writer.h"

#include "sim/state/state.h"

namespace fourtuple::viz::test {

HostId TraceWriter::host(const char* name, trace::HostKind kind, bool forwarding, bool inferred) {
  auto& topology = trace_.mutable_tables().topology;
  trace::HostInfo info;
  info.name = trace_.mutable_tables().strings.intern(name);
  info.kind = inferred ? trace::HostKind::observed : kind;
  info.forwarding = forwarding;
  info.inferred = inferred;
  topology.hosts.push_back(info);
  return {static_cast<std::uint32_t>(topology.hosts.size() - 1)};
}

InterfaceId TraceWriter::interface(HostId host, const char* name, const char* address) {
  auto& tables = trace_.mutable_tables();
  trace::InterfaceInfo info;
  info.host = host;
  info.name = tables.strings.intern(name);
  info.addresses.push_back(*Prefix::parse(address));
  tables.addresses.intern(info.addresses.front().address);
  tables.topology.interfaces.push_back(info);
  const InterfaceId id{static_cast<std::uint32_t>(tables.topology.interfaces.size() - 1)};
  tables.topology.hosts[host.value].interfaces.push_back(id);
  return id;
}

NetworkId TraceWriter::network(const char* name, std::initializer_list<InterfaceId> interfaces) {
  auto& tables = trace_.mutable_tables();
  const NetworkId id{static_cast<std::uint32_t>(tables.topology.networks.size())};
  trace::NetworkInfo info;
  info.name = tables.strings.intern(name);
  info.delay = milliseconds(1);
  info.interfaces = interfaces;
  tables.topology.networks.push_back(info);
  for (const InterfaceId interface : interfaces) tables.topology.interfaces[interface.value].network = id;
  return id;
}

ProcessId TraceWriter::process(HostId host, const char* name, std::uint32_t pid, bool guessed) {
  const ProcessId id{next_process_++};
  auto& strings = trace_.mutable_tables().strings;
  note(host, trace::ProcessStarted{id, strings.intern(name), strings.intern("root"), pid, guessed});
  for (std::int32_t fd = 0; fd < 3; ++fd) note(host, trace::DescriptorOpened{id, fd, 0, SocketId::none()});
  return id;
}

SocketId TraceWriter::open(HostId host, ProcessId owner, std::int32_t fd, Protocol protocol, std::uint8_t flags) {
  const SocketId id{next_socket_++};
  note(host, trace::SocketCreated{id, protocol, Family::ipv4, flags, 20000 + id.value, {}, owner});
  note(host, trace::DescriptorOpened{owner, fd, 2, id});
  note(host, trace::SocketOwner{id, owner, fd});
  return id;
}

SocketId TraceWriter::connect(HostId host, ProcessId owner, std::int32_t fd, const FourTuple& tuple, TcpState state,
                              std::uint8_t flags) {
  const SocketId id = open(host, owner, fd, Protocol::tcp, flags);
  note(host, trace::SocketConnected{id, tuple});
  note(host, trace::SocketStateChanged{id, TcpState::closed, state, {}});
  return id;
}

PacketId TraceWriter::create(HostId host, Packet packet) {
  packet.id = {next_packet_++};
  note(host, trace::PacketCreated{packet});
  return packet.id;
}

void TraceWriter::stages(HostId host, PacketId packet, std::initializer_list<trace::Stage> list,
                         InterfaceId interface) {
  for (const trace::Stage stage : list) note(host, trace::StageEntered{packet, stage, interface});
}

void TraceWriter::hop(PacketId packet, HostId at, InterfaceId from, InterfaceId to, std::uint8_t ttl,
                      Duration transit) {
  note(at, trace::PacketSent{packet, from, to, ttl, transit});
  now_ = now_ + transit;
}

}  // namespace fourtuple::viz::test
