#include "sim/stack/tcp_input.h"

#include "sim/stack/demux.h"
#include "sim/stack/packet_path.h"
#include "sim/stack/tcp_socket.h"
#include "sim/tcp/endpoint.h"

namespace fourtuple::stack {
namespace {

using trace::DropReason;
using trace::Stage;

// RFC 9293 section 3.10.7.1: no connection. RST, unless the segment is one.
void answer_with_reset(Context& c, HostId host, const Packet& packet) {
  Packet reply;
  if (!tcp::reset_reply(packet, reply)) return;
  reply.source = packet.destination;
  reply.destination = packet.source;
  reply.source_port = packet.destination_port;
  reply.destination_port = packet.source_port;
  reply.protocol = Protocol::tcp;
  reply.ttl = c.host(host).sysctls.default_ttl;
  if (c.address(packet.source).family == Family::ipv4) reply.fragment_flags = FragmentFlag::dont_fragment;
  const Route route = route_to(c.system, host, reply.destination);
  send(c, host, route, reply);
}

void refuse(Context& c, HostId host, const Packet& packet) {
  answer_with_reset(c, host, packet);
  drop(c, host, packet, DropReason::no_socket, Stage::transport_lookup);
}

bool accept_queue_full(const Context& c, SocketId listener) {
  const state::Socket& socket = c.socket(listener);
  return socket.receive_queue > socket.send_queue;  // listen(n) holds n + 1 (measured)
}

// RFC 9293 section 3.10.7.2: LISTEN.
void listener_input(Context& c, HostId host, SocketId listener, trace::MatchQuality quality, const Packet& packet) {
  if (packet.has(TcpFlag::rst))
    return drop(c, host, packet, DropReason::tcp_unacceptable, Stage::socket_queue, listener);
  if (packet.has(TcpFlag::ack)) return refuse(c, host, packet);
  if (packet.has(TcpFlag::syn) && packet.has(TcpFlag::fin))  // as Linux (tcp_rcv_state_process)
    return drop(c, host, packet, DropReason::tcp_unacceptable, Stage::socket_queue, listener);
  if (!packet.has(TcpFlag::syn))
    return drop(c, host, packet, DropReason::tcp_unacceptable, Stage::socket_queue, listener);
  if (accept_queue_full(c, listener))
    return drop(c, host, packet, DropReason::accept_queue_full, Stage::socket_queue, listener);
  const state::Socket& socket = c.socket(listener);
  change(c, host, trace::PacketDelivered{packet.id, listener, quality, socket.receive_queue, socket.owner});
  tcp_open_child(c, listener, packet);
}

// The handshake's last ACK finds no room in the accept queue: Linux ignores it and the client believes it is connected.
bool must_wait(const Context& c, const state::Socket& socket) {
  return socket.tcp_state == TcpState::syn_received && socket.listener.valid() &&
         c.system.cores.alive(socket.listener.value) && accept_queue_full(c, socket.listener);
}

bool is_unacceptable(tcp::Disposition disposition) {
  switch (disposition) {
    case tcp::Disposition::outside_window:
    case tcp::Disposition::old_timestamp:
    case tcp::Disposition::window_closed:
    case tcp::Disposition::holes_full:
    case tcp::Disposition::reset_ignored:
    case tcp::Disposition::ack_too_old:
    case tcp::Disposition::closed:
      return true;
    default:
      return false;
  }
}

void connection_input(Context& c, HostId host, SocketId id, const Packet& packet) {
  if (must_wait(c, c.socket(id))) return drop(c, host, packet, DropReason::accept_queue_full, Stage::socket_queue, id);
  SocketCore& core = c.mut_core(id);
  tcp::Connection& connection = c.system.connections.mut(core.connection);
  if (packet.payload_kind == PayloadKind::stream) core.incoming = {packet.payload_source};
  const tcp::SegmentResult result = tcp::on_segment(connection, packet, c.now);
  const auto readable = static_cast<std::uint32_t>(tcp::readable(connection));
  if (is_unacceptable(result.disposition)) {
    drop(c, host, packet, DropReason::tcp_unacceptable, Stage::socket_queue, id);
  } else {
    change(c, host,
           trace::PacketDelivered{packet.id, id, trace::MatchQuality::established, readable, c.socket(id).owner});
  }
  note(c, host, trace::TcpSegmentJudged{packet.id, id, static_cast<std::uint8_t>(result.disposition)});
  if (result.has(tcp::Event::new_incarnation)) return tcp_reopen(c, id, packet);
  tcp_after_segment(c, id, result, packet.id);
}

}  // namespace

void tcp_input(Context& c, HostId host, const Packet& packet) {
  enter_stage(c, host, packet, Stage::transport_lookup);
  const Match match = lookup(c, host, packet);
  if (!match.socket.valid()) return refuse(c, host, packet);
  enter_stage(c, host, packet, Stage::socket_queue);
  if (match.quality == trace::MatchQuality::established) return connection_input(c, host, match.socket, packet);
  listener_input(c, host, match.socket, match.quality, packet);
}

}  // namespace fourtuple::stack
