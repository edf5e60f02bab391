#include "capture/observed_sockets.h"

#include "capture/services.h"
#include "sim/state/state.h"

namespace fourtuple::capture {

using state::SocketFlag;

std::uint64_t hash_of(const ObservedSockets::PortKey& key) {
  return mix_bits((std::uint64_t{key.host.value} << 32) | (std::uint64_t{key.port} << 16) |
                  (static_cast<std::uint64_t>(key.protocol) << 8) | static_cast<std::uint64_t>(key.family));
}

std::uint64_t hash_of(const ObservedSockets::Program& program) {
  return mix_bits((std::uint64_t{program.host.value} << 32) | program.name.value);
}

void ObservedSockets::observe(Time now, const Packet& packet, const FlowPlace& place) {
  if (packet.protocol == Protocol::tcp) return observe_tcp(now, packet, place);
  observe_udp(now, packet.source, packet.source_port);
  // That something listens at the receiver is only proved by an answer, which then is a sender itself.
}

void ObservedSockets::expire(Time now) {
  while (!expiries_.empty() && expiries_.front().at <= now) {
    const Expiry due = expiries_.front();
    expiries_.pop();
    End& end = connections_[connection_of_flow_[due.flow]].ends[due.end];
    if (end.socket == due.socket && end.state == TcpState::time_wait) close_end(due.at, end);
  }
}

SocketId ObservedSockets::create(Time now, HostId host, Protocol protocol, Family family, SocketId from,
                                 ProcessId owner) {
  SocketId socket{next_socket_};
  if (free_sockets_.empty()) {
    ++next_socket_;
  } else {
    socket = {free_sockets_.back()};
    free_sockets_.pop_back();
  }
  trace_->append(now, host, trace::SocketCreated{socket, protocol, family, SocketFlag::inferred, 0, from, owner});
  return socket;
}

void ObservedSockets::release(Time now, HostId host, SocketId socket) {
  trace_->append(now, host, trace::SocketClosed{socket});
  free_sockets_.push_back(socket.value);
}

ProcessId ObservedSockets::service(Time now, HostId host, Protocol protocol, std::uint16_t port) {
  const std::string_view name = service_name(protocol, port);
  if (name.empty()) return {};
  const Program program{host, trace_->mutable_tables().strings.intern(name)};
  const std::uint32_t known = programs_.find(program);
  if (known != IndexMap<Program>::absent) return {known};
  const ProcessId process{next_process_++};
  programs_.set(program, process.value);
  trace_->append(now, host, trace::ProcessStarted{process, program.name, StringId::none(), 0, true});
  return process;
}

void ObservedSockets::observe_udp(Time now, AddressId address, std::uint16_t port) {
  const HostId host = hosts_->host_of(address);
  if (!host.valid()) return;
  const Family family = family_of(address);
  const PortKey key{host, port, Protocol::udp, family};
  if (bound_index_.contains(key)) return;
  const ProcessId owner = service(now, host, Protocol::udp, port);
  const SocketId socket = create(now, host, Protocol::udp, family, SocketId::none(), owner);
  trace_->append(now, host, trace::SocketBound{socket, address, port, SocketFlag::inferred | SocketFlag::bound});
  bound_index_.set(key, static_cast<std::uint32_t>(bound_.size()));
  bound_.push_back(socket);
}

SocketId ObservedSockets::listener(Time now, const Packet& syn_ack) {
  const HostId host = hosts_->host_of(syn_ack.source);
  const Family family = family_of(syn_ack.source);
  const PortKey key{host, syn_ack.source_port, Protocol::tcp, family};
  const std::uint32_t known = bound_index_.find(key);
  if (known != IndexMap<PortKey>::absent) return bound_[known];
  const ProcessId owner = service(now, host, Protocol::tcp, syn_ack.source_port);
  const SocketId socket = create(now, host, Protocol::tcp, family, SocketId::none(), owner);
  trace_->append(
      now, host,
      trace::SocketBound{socket, syn_ack.source, syn_ack.source_port, SocketFlag::inferred | SocketFlag::bound});
  trace_->append(now, host, trace::SocketStateChanged{socket, TcpState::closed, TcpState::listen, syn_ack.id});
  bound_index_.set(key, static_cast<std::uint32_t>(bound_.size()));
  bound_.push_back(socket);
  return socket;
}

}  // namespace fourtuple::capture
