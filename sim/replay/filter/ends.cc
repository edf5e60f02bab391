#include "sim/replay/filter/ends.h"

#include "sim/state/apply.h"
#include "sim/trace/codec.h"

namespace fourtuple::replay {
namespace {

using trace::Kind;

// Facts about processes and sockets; packets and netfilter do not change what is asked here.
bool concerns_sockets(Kind kind) {
  const auto number = static_cast<std::uint8_t>(kind);
  return number >= static_cast<std::uint8_t>(Kind::process_started) &&
         number <= static_cast<std::uint8_t>(Kind::socket_listening) && kind != Kind::stream_written;
}

}  // namespace

PacketEnds::PacketEnds(const Indexes& indexes) : indexes_(&indexes) {
  state_.hosts.resize(indexes.trace().tables().topology.hosts.size());
}

void PacketEnds::take(std::uint64_t position, const trace::Slot* record) {
  switch (record->kind) {
    case Kind::packet_created:
      return take_created(record);
    case Kind::packet_sent:
      return take_sent(position, record);
    case Kind::packet_delivered:
      return take_delivered(record);
    default:
      break;
  }
  if (!concerns_sockets(record->kind) || !state::apply_record(state_, record)) return;
  if (record->kind == Kind::socket_bound || record->kind == Kind::socket_connected) take_address({record->subject});
}

void PacketEnds::take_address(SocketId id) {
  if (!state_.sockets.alive(id.value)) return;
  const state::Socket& socket = state_.sockets[id.value];
  FourTuple tuple = socket.tuple;
  if (tuple.remote_port == 0) {
    tuple.remote = AddressId::none();
    const AddressTable& addresses = indexes_->trace().tables().addresses;
    if (tuple.local.value < addresses.size() && addresses[tuple.local].is_wildcard()) tuple.local = AddressId::none();
  }
  sockets_.set({socket.host, socket.protocol, tuple}, id.value);
}

// Ids are given again: a socket found may be another one by now.
bool PacketEnds::fits(SocketId id, HostId host, Protocol protocol, std::uint16_t port) const {
  if (!id.valid() || !state_.sockets.alive(id.value)) return false;
  const state::Socket& socket = state_.sockets[id.value];
  return socket.host == host && socket.protocol == protocol && socket.tuple.local_port == port;
}

// By all four values, by address and port, by port alone.
SocketId PacketEnds::find(HostId host, Protocol protocol, const FourTuple& tuple) const {
  const FourTuple bound{tuple.local, AddressId::none(), tuple.local_port, 0};
  const FourTuple wildcard{AddressId::none(), AddressId::none(), tuple.local_port, 0};
  for (const FourTuple& key : {tuple, bound, wildcard}) {
    const SocketId socket{sockets_.find({host, protocol, key})};
    if (fits(socket, host, protocol, tuple.local_port)) return socket;
  }
  return SocketId::none();
}

// 0: sent by whoever sent the first packet of its conversation.
std::size_t PacketEnds::side_of(std::uint32_t flow, const Packet& created) const {
  const FourTuple& first = indexes_->flows()[flow].tuple;
  return created.source == first.local && created.source_port == first.local_port ? 0 : 1;
}

std::array<PacketEnd, 2>& PacketEnds::ends_of(std::uint32_t flow) {
  if (flows_.size() <= flow) flows_.resize(flow + 1);
  return flows_[flow];
}

void PacketEnds::set(PacketEnd& end, SocketId id, ProcessId owner) {
  if (!id.valid() || !state_.sockets.alive(id.value)) return;
  const state::Socket& socket = state_.sockets[id.value];
  end.socket = id;
  end.inode = socket.inode;
  end.known = true;
  if (!owner.valid()) owner = socket.owner;
  if (!owner.valid() || !state_.processes.alive(owner.value)) return;
  end.program = state_.processes[owner.value].name;
  end.pid = state_.processes[owner.value].pid;
}

void PacketEnds::take_created(const trace::Slot* record) {
  const Packet packet = trace::unpack_packet_created(record).packet;
  const std::uint32_t flow = indexes_->packets().flow(packet.id);
  if (flow >= indexes_->flows().size() || is_icmp_error(packet)) return;
  const SocketId socket = find(record->host_id(), packet.protocol, sender_tuple(packet));
  if (socket.valid()) set(ends_of(flow)[side_of(flow, packet)], socket, ProcessId::none());
}

// A capture does not say who got a packet: a socket with that tuple on the host it went to did.
void PacketEnds::take_sent(std::uint64_t position, const trace::Slot* record) {
  const trace::PacketSent sent = trace::unpack_packet_sent(record);
  const auto& interfaces = indexes_->trace().tables().topology.interfaces;
  const std::uint32_t flow = indexes_->packets().flow(sent.packet);
  if (sent.to.value >= interfaces.size() || flow >= indexes_->flows().size()) return;
  const std::optional<Packet> packet = indexes_->packets().packet_at(sent.packet, position);
  if (!packet || is_icmp_error(*packet)) return;
  const SocketId socket = find(interfaces[sent.to.value].host, packet->protocol, receiver_tuple(*packet));
  if (!socket.valid()) return;
  const std::optional<Packet> created = indexes_->packets().packet(sent.packet);
  set(ends_of(flow)[1 - side_of(flow, *created)], socket, ProcessId::none());
}

void PacketEnds::take_delivered(const trace::Slot* record) {
  const trace::PacketDelivered event = trace::unpack_packet_delivered(record);
  const std::uint32_t flow = indexes_->packets().flow(event.packet);
  const std::optional<Packet> created = indexes_->packets().packet(event.packet);
  if (flow >= indexes_->flows().size() || !created || is_icmp_error(*created)) return;
  set(ends_of(flow)[1 - side_of(flow, *created)], event.socket, event.process);
}

const std::array<PacketEnd, 2>* PacketEnds::of(PacketId packet) const {
  const std::uint32_t flow = indexes_->packets().flow(packet);
  return flow < flows_.size() ? &flows_[flow] : nullptr;
}

std::optional<TcpState> PacketEnds::tcp_state(const PacketEnd& end) const {
  if (!end.known || !state_.sockets.alive(end.socket.value)) return std::nullopt;
  const state::Socket& socket = state_.sockets[end.socket.value];
  if (socket.inode != end.inode || socket.protocol != Protocol::tcp) return std::nullopt;
  return socket.tcp_state;
}

}  // namespace fourtuple::replay
