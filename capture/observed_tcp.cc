// The TCP half of ObservedSockets: states of both ends from the flags seen on the wire (RFC 9293 section 3.3.2, read
// from outside).
#include "capture/observed_sockets.h"
#include "capture/services.h"

namespace fourtuple::capture {

void ObservedSockets::observe_tcp(Time now, const Packet& packet, const FlowPlace& place, const FlowOwners& owners,
                                  std::uint8_t ends) {
  constexpr std::uint32_t none = 0xffffffffu;
  if (connection_of_flow_.size() <= place.flow) connection_of_flow_.resize(place.flow + 1, none);
  std::uint32_t& index = connection_of_flow_[place.flow];
  if (index == none) {
    index = static_cast<std::uint32_t>(connections_.size());
    connections_.emplace_back();
  }
  Connection& connection = connections_[index];
  const int sender = place.direction;
  const auto host = [&](int end, AddressId address) {
    return (ends >> end & 1) != 0 ? hosts_->host_of(address) : HostId::none();
  };
  connection.ends[sender].host = host(sender, packet.source);
  connection.ends[1 - sender].host = host(1 - sender, packet.destination);
  const bool known = connection.ends[0].socket.valid() || connection.ends[1].socket.valid();
  if (packet.has(TcpFlag::rst)) {
    for (End& end : connection.ends) close_end(now, end);
    return;
  }
  if (!known || (packet.has(TcpFlag::syn) && !connection.ends[sender].socket.valid())) {
    // Segments after the end (a late ACK, a FIN again) do not bring a connection back.
    if (!place.first && !packet.has(TcpFlag::syn)) return;
    open(now, packet, connection, sender, owners);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    End& end = connection.ends[i];
    if (end.socket.valid() && owners[i].known()) rename(now, end.host, end.socket, end.owner, owners[i]);
  }
  follow_sender(now, packet, connection.ends[sender], connection.ends[1 - sender]);
  follow_fin(now, packet, connection.ends[sender], connection.ends[1 - sender]);
  for (std::uint8_t end = 0; end < 2; ++end) {
    End& one = connection.ends[end];
    const bool starts = one.state == TcpState::time_wait && one.socket.valid() && one.fin_sent;
    if (!starts) continue;
    one.fin_sent = false;  // counted once
    expiries_.push({now + time_wait, place.flow, end, one.socket});
  }
}

// What the first segment of a conversation tells about its ends.
void ObservedSockets::open(Time now, const Packet& packet, Connection& connection, int sender,
                           const FlowOwners& owners) {
  End& from = connection.ends[sender];
  End& to = connection.ends[1 - sender];
  const Attribution &sends = owners[sender], &receives = owners[1 - sender];
  const bool syn = packet.has(TcpFlag::syn), ack = packet.has(TcpFlag::ack);
  if (syn && !ack) return open_end(now, packet, from, true, TcpState::syn_sent, sends);
  if (syn) {
    open_end(now, packet, from, true, TcpState::syn_received, sends);
    if (!to.socket.valid()) open_end(now, packet, to, false, TcpState::syn_sent, receives);
    return;
  }
  // The capture started in the middle.
  open_end(now, packet, from, true, TcpState::established, sends);
  open_end(now, packet, to, false, TcpState::established, receives);
}

void ObservedSockets::open_end(Time now, const Packet& packet, End& end, bool sender, TcpState state,
                               const Attribution& owner) {
  if (end.socket.valid() || !end.host.valid()) return;
  const FourTuple tuple = sender ? sender_tuple(packet) : receiver_tuple(packet);
  const bool accepted = state == TcpState::syn_received;
  const SocketId from = accepted ? listener(now, packet) : SocketId::none();
  const ProcessId process = this->process(now, end.host, Protocol::tcp, tuple.local_port, owner);
  const Family family = family_of(tuple.local);
  end.socket = create(now, end.host, Protocol::tcp, family, from, process, owner.fd);
  end.owner = owner;
  end.state = TcpState::closed;
  end.fin_sent = false;
  trace_->append(now, end.host, trace::SocketConnected{end.socket, tuple});
  set_state(now, packet.id, end, state);
}

// What sending this segment proves about its sender.
void ObservedSockets::follow_sender(Time now, const Packet& packet, End& sender, End& receiver) {
  const bool syn = packet.has(TcpFlag::syn), ack = packet.has(TcpFlag::ack);
  if (syn && ack && sender.state == TcpState::syn_sent) set_state(now, packet.id, sender, TcpState::syn_received);
  if (syn || !ack) return;
  if (sender.state == TcpState::syn_sent) set_state(now, packet.id, sender, TcpState::established);
  // The ACK that ends the handshake, taken as received.
  if (receiver.state == TcpState::syn_received) set_state(now, packet.id, receiver, TcpState::established);
  if (!receiver.fin_sent || !packet.ack.at_or_after(receiver.fin_end)) return;
  if (receiver.state == TcpState::fin_wait_1) set_state(now, packet.id, receiver, TcpState::fin_wait_2);
  if (receiver.state == TcpState::closing) set_state(now, packet.id, receiver, TcpState::time_wait);
  if (receiver.state == TcpState::last_ack) close_end(now, receiver);
}

void ObservedSockets::follow_fin(Time now, const Packet& packet, End& sender, End& receiver) {
  if (!packet.has(TcpFlag::fin) || sender.fin_sent || sender.state == TcpState::time_wait) return;
  sender.fin_sent = true;
  sender.fin_end = packet.seq + packet.payload_length + 1u;
  if (sender.state == TcpState::established || sender.state == TcpState::syn_received)
    set_state(now, packet.id, sender, TcpState::fin_wait_1);
  if (sender.state == TcpState::close_wait) set_state(now, packet.id, sender, TcpState::last_ack);
  switch (receiver.state) {
    case TcpState::established:
    case TcpState::syn_received:
      return set_state(now, packet.id, receiver, TcpState::close_wait);
    case TcpState::fin_wait_1:
      return set_state(now, packet.id, receiver, TcpState::closing);
    case TcpState::fin_wait_2:
      return set_state(now, packet.id, receiver, TcpState::time_wait);
    default:
      return;
  }
}

void ObservedSockets::set_state(Time now, PacketId cause, End& end, TcpState state) {
  if (!end.socket.valid() || end.state == state) return;
  trace_->append(now, end.host, trace::SocketStateChanged{end.socket, end.state, state, cause});
  end.state = state;
}

void ObservedSockets::close_end(Time now, End& end) {
  if (end.socket.valid()) release(now, end.host, end.socket);
  const HostId host = end.host;
  end = {};
  end.host = host;
}

}  // namespace fourtuple::capture
