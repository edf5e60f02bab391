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
  return mix_bits(((std::uint64_t{program.host.value} << 32) | program.name.value) + mix_bits(program.pid));
}

void ObservedSockets::observe(Time now, const Packet& packet, const FlowPlace& place, const FlowOwners& owners,
                              std::uint8_t ends) {
  if (packet.protocol == Protocol::tcp) return observe_tcp(now, packet, place, owners, ends);
  if ((ends >> place.direction & 1) == 0) return;
  observe_udp(now, packet.source, packet.source_port, owners[place.direction]);
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
                                 ProcessId owner, std::int32_t fd) {
  SocketId socket{next_socket_};
  if (free_sockets_.empty()) {
    ++next_socket_;
  } else {
    socket = {free_sockets_.back()};
    free_sockets_.pop_back();
  }
  trace_->append(now, host, trace::SocketCreated{socket, protocol, family, SocketFlag::inferred, 0, from, owner});
  if (fd >= 0 && owner.valid()) hold(now, host, socket, {owner, fd});
  return socket;
}

void ObservedSockets::hold(Time now, HostId host, SocketId socket, const state::FdKey& descriptor) {
  trace_->append(now, host, trace::SocketOwner{socket, descriptor.process, descriptor.fd});
  // A list is of one moment: another socket of the capture may have had the same descriptor.
  if (descriptors_.contains(descriptor)) return;
  descriptors_.set(descriptor, socket.value);
  if (held_.size() <= socket.value) held_.resize(socket.value + 1);
  held_[socket.value] = descriptor;
  constexpr auto kind = static_cast<std::uint8_t>(state::DescriptorKind::socket);
  trace_->append(now, host, trace::DescriptorOpened{descriptor.process, descriptor.fd, kind, socket});
}

void ObservedSockets::release(Time now, HostId host, SocketId socket) {
  if (socket.value < held_.size() && held_[socket.value].fd >= 0) {
    trace_->append(now, host, trace::DescriptorClosed{held_[socket.value].process, held_[socket.value].fd});
    descriptors_.erase(held_[socket.value]);
    held_[socket.value] = {};
  }
  trace_->append(now, host, trace::SocketClosed{socket});
  free_sockets_.push_back(socket.value);
}

ProcessId ObservedSockets::process(Time now, HostId host, Protocol protocol, std::uint16_t port,
                                   const Attribution& owner) {
  Program program{host, StringId::none(), 0};
  if (owner.known()) {
    const OwnerProcess& known = names_->lists().process(owner.process);
    program.name = trace_->mutable_tables().strings.intern(known.name);
    program.pid = known.pid;
  } else {
    const std::string_view name = service_name(protocol, port);
    if (name.empty()) return {};
    program.name = trace_->mutable_tables().strings.intern(name);
  }
  const std::uint32_t known = programs_.find(program);
  if (known != IndexMap<Program>::absent) return {known};
  const ProcessId process{next_process_++};
  programs_.set(program, process.value);
  const bool guessed = !owner.known() || owner.guessed();
  trace_->append(now, host, trace::ProcessStarted{process, program.name, StringId::none(), program.pid, guessed});
  return process;
}

void ObservedSockets::rename(Time now, HostId host, SocketId socket, Attribution& known, const Attribution& owner) {
  if (!owner.known() || (known.known() && known.process == owner.process)) return;
  known = owner;
  const ProcessId process = this->process(now, host, Protocol::none, 0, owner);
  trace_->append(now, host, trace::SocketOwner{socket, process, owner.fd});
}

void ObservedSockets::observe_udp(Time now, AddressId address, std::uint16_t port, const Attribution& owner) {
  const HostId host = hosts_->host_of(address);
  if (!host.valid()) return;
  const Family family = family_of(address);
  const PortKey key{host, port, Protocol::udp, family};
  const std::uint32_t known = bound_index_.find(key);
  if (known != IndexMap<PortKey>::absent) {
    // One socket stands for the port: the first process named keeps it.
    if (!bound_owners_[known].known()) rename(now, host, bound_[known], bound_owners_[known], owner);
    return;
  }
  const ProcessId process = this->process(now, host, Protocol::udp, port, owner);
  const SocketId socket = create(now, host, Protocol::udp, family, SocketId::none(), process, owner.fd);
  trace_->append(now, host, trace::SocketBound{socket, address, port, SocketFlag::inferred | SocketFlag::bound});
  bound_index_.set(key, static_cast<std::uint32_t>(bound_.size()));
  bound_.push_back(socket);
  bound_owners_.push_back(owner);
}

SocketId ObservedSockets::listener(Time now, const Packet& syn_ack) {
  const HostId host = hosts_->host_of(syn_ack.source);
  const Family family = family_of(syn_ack.source);
  const PortKey key{host, syn_ack.source_port, Protocol::tcp, family};
  const std::uint32_t known = bound_index_.find(key);
  if (known != IndexMap<PortKey>::absent) return bound_[known];
  const Attribution owner = names_->bound(sender_end(syn_ack, trace_->tables().addresses));
  const ProcessId process = this->process(now, host, Protocol::tcp, syn_ack.source_port, owner);
  const SocketId socket = create(now, host, Protocol::tcp, family, SocketId::none(), process, owner.fd);
  trace_->append(
      now, host,
      trace::SocketBound{socket, syn_ack.source, syn_ack.source_port, SocketFlag::inferred | SocketFlag::bound});
  trace_->append(now, host, trace::SocketStateChanged{socket, TcpState::closed, TcpState::listen, syn_ack.id});
  bound_index_.set(key, static_cast<std::uint32_t>(bound_.size()));
  bound_.push_back(socket);
  bound_owners_.push_back(owner);
  return socket;
}

}  // namespace fourtuple::capture
