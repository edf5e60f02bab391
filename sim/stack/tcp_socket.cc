#include "sim/stack/tcp_socket.h"

#include <algorithm>

#include "sim/stack/demux.h"
#include "sim/stack/listen_queue.h"
#include "sim/stack/options.h"
#include "sim/stack/packet_path.h"
#include "sim/stack/port_choice.h"
#include "sim/stack/ports.h"
#include "sim/stack/sockets.h"
#include "sim/stack/streams.h"
#include "sim/tcp/endpoint.h"

namespace fourtuple::stack {
namespace {

tcp::Connection& connection_of(Context& c, SocketId id) {
  return c.system.connections.mut(c.core(id).connection);
}

// RFC 6528: a secret function of the tuple, plus a clock of 64 ns ticks as in Linux.
SeqNumber initial_sequence(Context& c, HostId host, const FourTuple& tuple) {
  const std::uint64_t secret = mix_bits(c.host(host).secret ^ hash_of(tuple));
  return {static_cast<std::uint32_t>(secret) + static_cast<std::uint32_t>(c.now.ns >> 6)};
}

void arm_timer(Context& c, SocketId id, Time deadline) {
  SocketCore& core = c.mut_core(id);
  if (deadline >= core.timer_armed) return;
  core.timer_armed = deadline;
  c.system.outbox.timers.push_back({deadline, id});
}

void show_state(Context& c, SocketId id, TcpState now, PacketId cause) {
  const state::Socket& socket = c.socket(id);
  if (socket.tcp_state == now) return;
  if (now == TcpState::time_wait && is_reusable_later(c, id)) ++c.host(socket.host).port_releases;
  if (socket.tcp_state == TcpState::syn_received && socket.listener.valid()) request_over(c, id);
  change(c, socket.host, trace::SocketStateChanged{id, socket.tcp_state, now, cause});
}

// Measured (tests/data/kernel/tcp_headers.json): each socket counts its own identifications from a random start;
// SYN-ACK and what TIME-WAIT answers carry 0.
std::uint16_t ip_id_of(Context& c, SocketId id, Host& host, const Packet& packet) {
  SocketCore& core = c.mut_core(id);
  if (packet.has(TcpFlag::syn) && packet.has(TcpFlag::ack)) return 0;
  if (c.socket(id).tcp_state == TcpState::time_wait) return 0;
  if (core.next_ip_id == 0) core.next_ip_id = static_cast<std::uint16_t>(host.random.next() | 1);
  return core.next_ip_id++;
}

void send_owed(Context& c, SocketId id, tcp::Connection& connection) {
  Packet packet;
  if (!tcp::next_segment(connection, c.now, packet)) return;
  const state::Socket& socket = c.socket(id);
  Host& host = c.host(socket.host);
  const Route route = route_to(c.system, socket.host, socket.tuple.remote);
  const bool v4 = c.address(socket.tuple.remote).family == Family::ipv4;
  do {
    packet.source = socket.tuple.local;
    packet.destination = socket.tuple.remote;
    packet.source_port = socket.tuple.local_port;
    packet.destination_port = socket.tuple.remote_port;
    packet.protocol = Protocol::tcp;
    packet.ttl = host.sysctls.default_ttl;
    packet.fragment_flags = v4 ? FragmentFlag::dont_fragment : std::uint8_t{0};
    packet.ip_id = v4 ? ip_id_of(c, id, host, packet) : std::uint16_t{0};
    if (packet.payload_length != 0) packet.payload_source = c.core(id).outgoing.value;
    send(c, socket.host, route, packet, {id});
    packet = Packet{};
  } while (tcp::next_segment(connection, c.now, packet));
}

state::TcpVariables image_of(const tcp::Connection& connection, const tcp::Variables& v) {
  state::TcpVariables image;
  image.snd_una = v.snd_una;
  image.snd_nxt = v.snd_nxt;
  image.rcv_nxt = v.rcv_nxt;
  image.iss = connection.iss;
  image.irs = connection.irs;
  image.snd_wnd = v.snd_wnd;
  image.rcv_wnd = v.rcv_wnd;
  image.cwnd = v.cwnd;
  image.ssthresh = v.ssthresh;
  image.srtt_us = v.srtt_us;
  image.rttvar_us = v.rttvar_us;
  image.rto_ms = v.rto_ms;
  image.mss = v.mss;
  image.duplicate_acks = static_cast<std::uint8_t>(std::min<std::uint16_t>(v.dup_acks, 255));
  image.backoff = v.backoff;
  image.recovery = static_cast<std::uint8_t>(v.congestion_state);
  image.timer = static_cast<std::uint8_t>(connection.timer);
  image.retransmits = connection.retransmits;
  image.probes = connection.probes;
  image.timer_expires = connection.timer == tcp::TimerKind::none ? Time{0} : connection.timer_deadline;
  image.ack_delay_ms = connection.ack_delay_ms;
  image.quick_acks = connection.quick_acks;
  image.interactive = v.interactive ? 1 : 0;
  return image;
}

// A FIN takes one number in the receive queue until a read has returned 0 for it (rcv_nxt - copied_seq in Linux).
std::uint32_t unread_fin(const Context& c, SocketId id) {
  const TcpState now = c.socket(id).tcp_state;
  const bool finished = now == TcpState::close_wait || now == TcpState::last_ack || now == TcpState::closing;
  return finished && !c.core(id).has(CoreFlag::end_read) ? 1 : 0;
}

void show_variables(Context& c, SocketId id, const tcp::Connection& connection) {
  const HostId host = c.socket(id).host;
  const tcp::Variables v = tcp::snapshot(connection);
  const std::uint32_t unacked = static_cast<std::uint32_t>(v.snd_nxt - v.snd_una) + v.unsent;
  const std::uint32_t unread = v.readable + unread_fin(c, id);
  const state::Socket& socket = c.socket(id);
  if (socket.receive_queue != unread || socket.send_queue != unacked)
    change(c, host, trace::SocketQueues{id, unread, unacked});
  if (!c.trace.wants(trace::Level::expressions)) return;
  const state::TcpVariables image = image_of(connection, v);
  trace::TcpVariablesChanged event;
  event.socket = id;
  static_assert(sizeof(event.image) == sizeof(image));
  std::memcpy(event.image, &image, sizeof(image));
  change(c, host, event);
}

// The connection is over. A process that still holds the socket keeps it, closed, until it calls close().
void finish(Context& c, SocketId id) {
  leave_connection(c, id);
  // A port that bind() was told stays with the socket until close() (Linux: SOCK_BINDPORT_LOCK).
  const state::Socket& socket = c.socket(id);
  const bool lent = c.core(id).has(CoreFlag::auto_port) || c.core(id).has(CoreFlag::lent_port);
  const bool keeps_port = socket.owner.valid() && !socket.listener.valid() && !lent;
  if (!keeps_port) leave_port(c, id);
  SocketCore& core = c.mut_core(id);
  core.kind = CoreKind::plain;
  core.timer_armed = Time::never();
  const bool held = c.socket(id).owner.valid() || core.has(CoreFlag::waiting_accept);
  if (held && tcp::readable(c.system.connections[core.connection]) != 0)
    return;  // a RST takes nothing that came before
  c.system.connections.release(core.connection);
  core.connection = nil;
  if (!held) destroy_socket(c, id);
}

state::Errno errno_of(tcp::Failure failure) {
  switch (failure) {
    case tcp::Failure::none:
      return state::Errno::ok;
    case tcp::Failure::refused:
      return state::Errno::econnrefused;
    case tcp::Failure::reset:
      return state::Errno::econnreset;
    case tcp::Failure::timed_out:
      return state::Errno::etimedout;
    case tcp::Failure::broken_pipe:
      return state::Errno::epipe;
  }
  return state::Errno::ok;
}

// What the process is told: of an ICMP error rather than of the silence after it (tcp_write_err).
state::Errno failure_of(const Context& c, SocketId id, tcp::Failure failure) {
  const SocketExtra* extra = extra_of(c, id);
  const bool explained = failure == tcp::Failure::timed_out && extra != nullptr;
  return explained && extra->soft_error != state::Errno::ok ? extra->soft_error : errno_of(failure);
}

void fail_socket(Context& c, SocketId id, state::Errno error, PacketId cause) {
  change(c, c.socket(id).host, trace::SocketError{id, static_cast<std::uint8_t>(error), cause});
  make_ready(c, id);
}

void set_waiting(Context& c, SocketId listener, std::uint32_t count) {
  const state::Socket& socket = c.socket(listener);
  change(c, socket.host, trace::SocketQueues{listener, count, socket.send_queue});
}

// The handshake of a listener's child is complete: it joins the accept queue, or is reset when the listener is gone.
void queue_for_accept(Context& c, SocketId id) {
  const SocketId listener = c.socket(id).listener;
  SocketCore& core = c.mut_core(id);
  if (!c.system.cores.alive(listener.value) || c.core(listener).kind != CoreKind::listener) {
    tcp::abort(connection_of(c, id), c.now);
    return;
  }
  SocketCore& queue = c.mut_core(listener);
  if (queue.last_waiting == nil) {
    queue.first_waiting = id.value;
  } else {
    c.system.cores.mut(queue.last_waiting).next_waiting = id.value;
  }
  queue.last_waiting = id.value;
  core.flags |= CoreFlag::waiting_accept;
  set_waiting(c, listener, c.socket(listener).receive_queue + 1);
  make_ready(c, listener);
}

// accept() gives a socket with the listener's options (Linux copies struct sock).
std::uint8_t inherited_flags(const state::Socket& listener) {
  using state::SocketFlag;
  return listener.flags &
         (SocketFlag::v6_only | SocketFlag::reuse_address | SocketFlag::reuse_port | SocketFlag::bound);
}

SocketId make_child(Context& c, SocketId listener, const Packet& syn) {
  const state::Socket parent = c.socket(listener);
  const FourTuple tuple = receiver_tuple(syn);
  const SocketId id =
      create_socket(c, parent.host, ProcessId::none(), Protocol::tcp, parent.family, listener, inherited_flags(parent));
  change(c, parent.host, trace::SocketConnected{id, tuple});
  inherit_options(c, listener, id);
  SocketCore& core = c.mut_core(id);
  core.kind = CoreKind::connection;
  core.uid = c.core(listener).uid;
  core.connection = c.system.connections.allocate();
  enter_connection(c, id);
  enter_port(c, id);
  return id;
}

void start_keep_alive(Context& c, SocketId id) {
  const SocketExtra* extra = extra_of(c, id);
  if (extra == nullptr || !extra->keep_alive) return;
  tcp::Patience own;
  tcp::set_keep_alive(connection_of(c, id), true, patience_of(c, id, own), c.now);
}

void begin_request(Context& c, SocketId id, PacketId cause) {
  start_keep_alive(c, id);
  request_made(c, id);
  show_state(c, id, TcpState::syn_received, cause);
}

// Requests of a listener that goes away: their ACKs will find nobody (inet_csk_listen_stop).
void drop_requests(Context& c, SocketId listener) {
  const state::Socket& socket = c.socket(listener);
  const auto& sockets = c.system.visible.sockets;
  std::vector<SocketId> requests;
  const auto take = [&](std::uint32_t at) {
    const state::Socket& other = sockets[at];
    if (other.listener == listener && other.tcp_state == TcpState::syn_received) requests.push_back({at});
  };
  if (c.host(socket.host).ports_off) {  // they are of whatever port the client named
    for (std::uint32_t at = 0; at < sockets.end(); ++at)
      if (sockets.alive(at)) take(at);
  } else if (const PortBucket* bucket =
                 find_bucket(c.system, {socket.host, socket.protocol, socket.tuple.local_port})) {
    for (std::uint32_t at = bucket->first_connection; at != nil; at = c.system.cores[at].next_in_port) take(at);
  }
  for (const SocketId request : requests) tcp_drop_request(c, request, PacketId::none());
}

SocketId make_request(Context& c, SocketId listener, const Packet& syn, SeqNumber iss) {
  const SocketId id = make_child(c, listener, syn);
  tcp::open_passive(connection_of(c, id), tcp_config_for(c, c.socket(id).host, c.socket(id).tuple), syn, iss, c.now);
  begin_request(c, id, syn.id);
  return id;
}

}  // namespace

tcp::Config tcp_config_for(Context& c, HostId host, const FourTuple& tuple) {
  const bool v6 = c.address(tuple.remote).family == Family::ipv6;
  const Route& route = route_to(c.system, host, tuple.remote);
  tcp::Config config = c.system.tcp_config;
  // An IP packet is at most 65,535 bytes long, whatever lo's MTU of 65,536 says: hence Linux's MSS of 65495.
  const std::uint32_t mtu = std::min<std::uint32_t>(route.mtu == 0 ? 1500 : route.mtu, 65535);
  config.mss = static_cast<std::uint16_t>(mtu - (v6 ? 60 : 40));
  config.timestamp_offset = static_cast<std::uint32_t>(mix_bits(c.host(host).secret + hash_of(tuple)) >> 32);
  return config;
}

void tcp_open(Context& c, SocketId id, const tcp::Succession* old) {
  SocketCore& core = c.mut_core(id);
  core.kind = CoreKind::connection;
  core.outgoing = core.incoming = StreamId::none();
  core.read_extent = nil;
  if (core.connection == nil) core.connection = c.system.connections.allocate();
  const state::Socket& socket = c.socket(id);
  const tcp::Config config = tcp_config_for(c, socket.host, socket.tuple);
  tcp::Connection& connection = c.system.connections.mut(core.connection);
  if (old != nullptr) {
    tcp::open_succession(connection, config, *old, c.now);
  } else {
    tcp::open_active(connection, config, initial_sequence(c, socket.host, socket.tuple), c.now);
  }
  start_keep_alive(c, id);
  tcp_settle(c, id);
}

void tcp_open_child(Context& c, SocketId listener, const Packet& syn) {
  const HostId host = c.socket(listener).host;
  tcp_settle(c, make_request(c, listener, syn, initial_sequence(c, host, receiver_tuple(syn))), syn.id);
}

SocketId tcp_open_by_cookie(Context& c, SocketId listener, const Packet& syn, const Packet& ack) {
  const SocketId id = make_child(c, listener, syn);
  const tcp::Config config = tcp_config_for(c, c.socket(id).host, c.socket(id).tuple);
  tcp::open_from_cookie(connection_of(c, id), config, syn, ack.ack - 1, c.now);
  begin_request(c, id, ack.id);
  return id;
}

void tcp_drop_request(Context& c, SocketId request, PacketId cause) {
  show_state(c, request, TcpState::closed, cause);
  destroy_socket(c, request);
}

void tcp_yield_tuple(Context& c, SocketId time_wait) {
  tcp::abort(connection_of(c, time_wait), c.now);
  tcp_settle(c, time_wait);
}

void tcp_reopen(Context& c, SocketId time_wait, const Packet& syn) {
  const SeqNumber iss = tcp::succession_of(connection_of(c, time_wait)).iss;
  const HostId host = c.socket(time_wait).host;
  tcp_yield_tuple(c, time_wait);
  const Match match = lookup(c, host, syn);
  if (match.socket.valid() && match.quality != trace::MatchQuality::established)
    tcp_settle(c, make_request(c, match.socket, syn, iss), syn.id);
}

SocketId tcp_take_completed(Context& c, SocketId listener) {
  SocketCore& queue = c.mut_core(listener);
  if (queue.first_waiting == nil) return SocketId::none();
  const SocketId id{queue.first_waiting};
  SocketCore& core = c.mut_core(id);
  queue.first_waiting = core.next_waiting;
  if (queue.first_waiting == nil) queue.last_waiting = nil;
  core.next_waiting = nil;
  core.flags &= static_cast<std::uint16_t>(~CoreFlag::waiting_accept);
  set_waiting(c, listener, c.socket(listener).receive_queue - 1);
  return id;
}

void tcp_after_segment(Context& c, SocketId id, const tcp::SegmentResult& result, PacketId cause) {
  using tcp::Event;
  const tcp::Connection& connection = connection_of(c, id);
  show_state(c, id, connection.state, cause);
  if (result.has(Event::established)) c.mut_core(id).flags |= CoreFlag::was_connected;
  if (result.has(Event::established) && c.socket(id).listener.valid()) queue_for_accept(c, id);
  if (result.has(Event::failed)) fail_socket(c, id, failure_of(c, id, result.failure), cause);
  const bool heard =
      result.disposition <= tcp::Disposition::out_of_order && result.disposition != tcp::Disposition::duplicate;
  if (heard && c.core(id).extra != nil) mut_extra(c, id).soft_error = state::Errno::ok;
  const bool writable = result.has(Event::acked) && tcp::writable(connection) >= connection.send_limit / 3;
  if (writable || result.has(Event::established | Event::data_available | Event::peer_finished | Event::closed))
    make_ready(c, id);
  tcp_settle(c, id, cause);
}

void tcp_deadline(Context& c, SocketId id) {
  SocketCore& core = c.mut_core(id);
  if (core.connection == nil || core.timer_armed != c.now) return;
  core.timer_armed = Time::never();
  tcp::Connection& connection = c.system.connections.mut(core.connection);
  if (tcp::next_deadline(connection) <= c.now) {
    const bool request = connection.state == TcpState::syn_received && c.socket(id).listener.valid();
    tcp::Patience own;
    tcp::Patience patience = patience_of(c, id, own);
    if (request) patience.synack_retries = request_retries(c, id, patience);
    const tcp::DeadlineResult result = tcp::on_deadline(connection, c.now, patience);
    if (request && result.has(tcp::Event::retransmission_timeout)) request_repeated(c, id);
    show_state(c, id, connection.state, PacketId::none());
    if (result.has(tcp::Event::failed)) fail_socket(c, id, failure_of(c, id, result.failure), PacketId::none());
  }
  tcp_settle(c, id);
}

void tcp_error(Context& c, SocketId id, const Packet& error, state::Errno code, std::uint32_t mtu) {
  if (c.core(id).connection == nil) return;
  tcp::Connection& connection = connection_of(c, id);
  if (code == state::Errno::emsgsize) {
    const std::uint32_t headers = error.protocol == Protocol::icmpv6 ? 60 : 40;
    if (mtu > headers + 8) tcp::on_path_mtu(connection, static_cast<std::uint16_t>(mtu - headers), c.now);
    return tcp_settle(c, id, error.id);
  }
  const SeqNumber quoted = c.system.quotes[error.payload_source].seq;
  if (quoted.before(connection.snd_una) || quoted.after(connection.snd_nxt)) return;
  const bool network_fault = code == state::Errno::enetunreach || code == state::Errno::ehostunreach;
  if (connection.state == TcpState::syn_received && c.socket(id).listener.valid()) {
    if (network_fault) tcp_drop_request(c, id, error.id);
    return;
  }
  // RFC 1122 section 4.2.3.9: a soft error once connected; in SYN-SENT the connect() fails, as Linux does.
  if (connection.state != TcpState::syn_sent) {
    mut_extra(c, id).soft_error = code;
    if (network_fault) tcp::on_unreachable(connection, quoted, c.now);
    return tcp_settle(c, id, error.id);
  }
  tcp::abort(connection, c.now);
  show_state(c, id, connection.state, error.id);
  fail_socket(c, id, code, error.id);
  tcp_settle(c, id, error.id);
}

std::uint32_t tcp_write(Context& c, SocketId id, const Payload& payload) {
  if (c.core(id).connection == nil) return 0;
  const auto taken = static_cast<std::uint32_t>(tcp::write(connection_of(c, id), payload.length, c.now));
  if (taken != 0) append_to_stream(c, id, {payload.content, payload.offset, taken});
  tcp_settle(c, id);
  return taken;
}

bool tcp_read(Context& c, SocketId id, std::uint32_t limit, Payload& part) {
  if (c.core(id).connection == nil) return false;
  tcp::Connection& connection = connection_of(c, id);
  const std::uint64_t available = std::min<std::uint64_t>(tcp::readable(connection), limit);
  if (available == 0) return false;
  part = stream_piece(c, id, connection.consumed, static_cast<std::uint32_t>(available));
  tcp::read(connection, part.length, c.now);
  note(c, c.socket(id).host, trace::StreamRead{id, c.socket(id).owner, part.length});
  tcp_settle(c, id);
  return true;
}

void tcp_shutdown_write(Context& c, SocketId id) {
  tcp::shutdown_write(connection_of(c, id), c.now);
  tcp_settle(c, id);
}

void tcp_shutdown_read(Context& c, SocketId id) {
  tcp::Connection& connection = connection_of(c, id);
  // A connection still being made is given up, whichever side is shut down (inet_shutdown).
  connection.state == TcpState::syn_sent ? tcp::shutdown_write(connection, c.now) : tcp::shutdown_read(connection);
  tcp_settle(c, id);
}

void tcp_keep_alive(Context& c, SocketId id, bool on) {
  tcp::Patience own;
  if (c.core(id).connection == nil) return;
  tcp::set_keep_alive(connection_of(c, id), on, patience_of(c, id, own), c.now);
  tcp_settle(c, id);
}

void tcp_send_answer(Context& c, HostId host, const Packet& packet, Packet& answer, const Origin& origin) {
  answer.source = packet.destination;
  answer.destination = packet.source;
  answer.source_port = packet.destination_port;
  answer.destination_port = packet.source_port;
  answer.protocol = Protocol::tcp;
  answer.ttl = c.host(host).sysctls.default_ttl;
  if (c.address(packet.source).family == Family::ipv4) answer.fragment_flags = FragmentFlag::dont_fragment;
  const Route route = route_to(c.system, host, answer.destination);
  send(c, host, route, answer, origin);
}

void tcp_stop_listening(Context& c, SocketId listener) {
  drop_requests(c, listener);
  for (SocketId waiting = tcp_take_completed(c, listener); waiting.valid(); waiting = tcp_take_completed(c, listener)) {
    if (c.core(waiting).connection == nil) {
      destroy_socket(c, waiting);
      continue;
    }
    tcp::abort(connection_of(c, waiting), c.now);
    tcp_settle(c, waiting);
  }
  show_state(c, listener, TcpState::closed, PacketId::none());
  c.mut_core(listener).kind = CoreKind::plain;
}

void tcp_close(Context& c, SocketId id) {
  if (c.core(id).kind == CoreKind::listener) tcp_stop_listening(c, id);
  if (c.core(id).connection == nil) return destroy_socket(c, id);
  c.mut_core(id).app = nil;
  tcp::Connection& connection = connection_of(c, id);
  tcp::Patience own;
  if (c.core(id).has(CoreFlag::no_linger)) {
    tcp::abort(connection, c.now);
  } else {
    tcp::close(connection, c.now, patience_of(c, id, own));
  }
  tcp_settle(c, id);
}

void tcp_settle(Context& c, SocketId id, PacketId cause) {
  if (c.core(id).connection == nil) return;
  tcp::Connection& connection = connection_of(c, id);
  show_state(c, id, connection.state, cause);
  send_owed(c, id, connection);
  show_state(c, id, connection.state, cause);
  if (c.trace.wants(trace::Level::stages)) show_variables(c, id, connection);
  if (connection.state == TcpState::closed) return finish(c, id);
  arm_timer(c, id, tcp::next_deadline(connection));
}

}  // namespace fourtuple::stack
