#include "sim/stack/tcp_input.h"

#include "sim/stack/demux.h"
#include "sim/stack/listen_queue.h"
#include "sim/stack/options.h"
#include "sim/stack/syn_cookies.h"
#include "sim/stack/tcp_socket.h"
#include "sim/tcp/endpoint.h"

namespace fourtuple::stack {
namespace {

using trace::DropReason;
using trace::Stage;

// RFC 9293 section 3.10.7.1: no connection. RST, unless the segment is one.
void answer_with_reset(Context& c, HostId host, const Packet& packet) {
  Packet reply;
  if (tcp::reset_reply(packet, reply)) tcp_send_answer(c, host, packet, reply);
}

void refuse(Context& c, HostId host, const Packet& packet) {
  answer_with_reset(c, host, packet);
  drop(c, host, packet, DropReason::no_socket, Stage::transport_lookup);
}

// The handshake's last ACK finds no room in the accept queue: Linux ignores it, and the client believes it is
// connected; with net.ipv4.tcp_abort_on_overflow it tells the client and forgets the request.
void overflow(Context& c, HostId host, SocketId request, const Packet& packet) {
  const bool abort = c.host(host).sysctls.abort_on_overflow;
  if (abort) answer_with_reset(c, host, packet);
  drop(c, host, packet, DropReason::accept_queue_full, Stage::socket_queue, request);
  if (abort) tcp_drop_request(c, request, packet.id);
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
  if (overflows_accept_queue(c, id, packet)) return overflow(c, host, id, packet);
  SocketCore& core = c.mut_core(id);
  tcp::Connection& connection = c.system.connections.mut(core.connection);
  if (packet.payload_kind == PayloadKind::stream) core.incoming = {packet.payload_source};
  tcp::Patience own;
  const tcp::SegmentResult result = tcp::on_segment(connection, packet, c.now, patience_of(c, id, own));
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

void deliver(Context& c, HostId host, SocketId listener, trace::MatchQuality quality, const Packet& packet) {
  const state::Socket& socket = c.socket(listener);
  change(c, host, trace::PacketDelivered{packet.id, listener, quality, socket.receive_queue, socket.owner});
}

void syn_input(Context& c, HostId host, SocketId listener, trace::MatchQuality quality, const Packet& packet) {
  switch (judge_syn(c, listener)) {
    case SynFate::syn_queue_full:
      return drop(c, host, packet, DropReason::syn_queue_full, Stage::socket_queue, listener);
    case SynFate::accept_queue_full:
      return drop(c, host, packet, DropReason::accept_queue_full, Stage::socket_queue, listener);
    case SynFate::cookie:
      deliver(c, host, listener, quality, packet);
      note(c, host,
           trace::TcpSegmentJudged{packet.id, listener, static_cast<std::uint8_t>(tcp::Disposition::cookie_sent)});
      return send_cookie(c, listener, packet);
    case SynFate::request:
      deliver(c, host, listener, quality, packet);
      return tcp_open_child(c, listener, packet);
  }
}

// An ACK at a listener is forged or late, unless it acknowledges a SYN cookie.
void ack_input(Context& c, HostId host, SocketId listener, const Packet& packet) {
  Packet syn;
  if (packet.has(TcpFlag::syn) || !read_cookie(c, listener, packet, syn)) return refuse(c, host, packet);
  if (accept_queue_full(c, listener))
    return drop(c, host, packet, DropReason::accept_queue_full, Stage::socket_queue, listener);
  connection_input(c, host, tcp_open_by_cookie(c, listener, syn, packet), packet);
}

// RFC 9293 section 3.10.7.2: LISTEN.
void listener_input(Context& c, HostId host, SocketId listener, trace::MatchQuality quality, const Packet& packet) {
  if (packet.has(TcpFlag::rst))
    return drop(c, host, packet, DropReason::tcp_unacceptable, Stage::socket_queue, listener);
  if (packet.has(TcpFlag::ack)) return ack_input(c, host, listener, packet);
  // SYN and FIN together: dropped, as in Linux (tcp_rcv_state_process).
  if (!packet.has(TcpFlag::syn) || packet.has(TcpFlag::fin))
    return drop(c, host, packet, DropReason::tcp_unacceptable, Stage::socket_queue, listener);
  syn_input(c, host, listener, quality, packet);
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
