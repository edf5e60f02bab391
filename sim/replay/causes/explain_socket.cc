// Sockets: which one takes a packet and which nearly did, how one came to be, and what its connection refuses.
#include <fmt/format.h>

#include "sim/replay/causes/chain_builder.h"
#include "sim/trace/codec.h"

namespace fourtuple::replay {
namespace {

using trace::Call;
using trace::Kind;

std::size_t locks_tried(const Scene& scene, std::uint64_t end) {
  std::size_t tried = 0;
  for (const std::uint64_t i : scene.before(end, 4096))
    if (scene.at(i)->kind == Kind::lookup && scene.at(i)->subject == scene.at(end)->subject) ++tried;
  return tried;
}

std::string protocol_noun(const Packet& packet) {
  return packet.protocol == Protocol::udp ? "datagram" : "segment";
}

// The socket on the host that the packet would have needed only one thing for.
struct NearMiss {
  SocketId socket;
  bool other_address = false;  // it waits on another address
  bool other_peer = false;     // it talks to somebody else
  bool not_listening = false;  // bound, but nobody called listen()
};

NearMiss near_miss(ChainBuilder& b, std::uint64_t drop, const Packet& packet) {
  const state::State& state = b.scene.state_after(drop);
  const HostId host = b.scene.at(drop)->host_id();
  NearMiss best;
  for (std::uint32_t id = 0; id < state.sockets.end(); ++id) {
    if (!state.sockets.alive(id)) continue;
    const state::Socket& socket = state.sockets[id];
    if (socket.host != host || socket.protocol != packet.protocol) continue;
    if (socket.tuple.local_port != packet.destination_port) continue;
    const bool waits = socket.tcp_state == TcpState::listen || packet.protocol == Protocol::udp;
    if (waits && socket.tuple.remote_port == 0) return {{id}, true, false, false};
    if (socket.tuple.remote_port != 0) {
      if (!best.not_listening) best = {{id}, false, true, false};
    } else if (socket.tcp_state == TcpState::closed) {
      best = {{id}, false, false, true};
    }
  }
  return best;
}

// The last socket of the host that had this port and is gone, or that gets it only later.
std::uint64_t gone_socket(ChainBuilder& b, std::uint64_t drop, const Packet& packet) {
  const state::State& state = b.scene.state_after(drop);
  std::uint64_t found = EventIndex::none;
  for (std::uint32_t id = 0; id < state.sockets.end(); ++id) {
    if (state.sockets.alive(id)) continue;
    const std::uint64_t closed = b.scene.events().socket_before({id}, drop);
    if (closed == EventIndex::none || b.scene.at(closed)->host != b.scene.at(drop)->host) continue;
    // As it was before it closed.
    for (std::uint64_t at = closed; at != EventIndex::none; at = b.scene.events().socket_before({id}, at)) {
      const trace::Slot* slot = b.scene.at(at);
      const bool named =
          (slot->kind == Kind::socket_bound && trace::unpack_socket_bound(slot).port == packet.destination_port) ||
          (slot->kind == Kind::socket_connected &&
           trace::unpack_socket_connected(slot).tuple.local_port == packet.destination_port);
      if (named && (found == EventIndex::none || closed > found)) found = closed;
      if (named || slot->kind == Kind::socket_created) break;
    }
  }
  return found;
}

// The call that ended the socket: close(), or the process's end.
void explain_gone(ChainBuilder& b, std::uint64_t closed, std::uint16_t port) {
  const SocketId socket{b.scene.at(closed)->kind == Kind::syscall ? trace::unpack_syscall(b.scene.at(closed)).socket
                                                                  : SocketId{b.scene.at(closed)->subject}};
  b.add(closed, fmt::format("the socket on port {} was gone by then", port), "it was closed before").socket = socket;
  for (std::uint64_t at = closed; at != EventIndex::none; at = b.scene.events().socket_before(socket, at)) {
    const trace::Slot* slot = b.scene.at(at);
    if (slot->kind == Kind::syscall) {
      const trace::Syscall call = trace::unpack_syscall(slot);
      if (call.call == Call::close || call.call == Call::exit || call.call == Call::shutdown)
        return explain_call(b, at, "its program had closed it");
    }
    if (slot->kind == Kind::socket_error && trace::unpack_socket_error(slot).cause.valid())
      return explain_socket_error(b, at);
    if (slot->kind == Kind::socket_created) break;
  }
  for (const std::uint64_t i : b.scene.before(closed))
    if (b.scene.at(i)->kind == Kind::syscall) return explain_call(b, i, "its program had ended it");
  b.add_root(CauseRoot::setting, closed, "the kernel had given it up", b.scene.event_words(closed));
}

std::string nothing_there(ChainBuilder& b, std::uint64_t drop, const Packet& packet) {
  const state::State& state = b.scene.state_after(drop);
  std::string ports;
  int listed = 0;
  for (std::uint32_t id = 0; id < state.sockets.end() && listed < 5; ++id) {
    if (!state.sockets.alive(id)) continue;
    const state::Socket& socket = state.sockets[id];
    if (socket.host != b.scene.at(drop)->host_id() || socket.protocol != packet.protocol) continue;
    if (socket.tuple.remote_port != 0 || socket.tuple.local_port == 0) continue;
    ports += fmt::format("{}{} ({})", listed++ == 0 ? "" : ", ", socket.tuple.local_port,
                         b.scene.program(socket.owner, drop));
  }
  return ports.empty() ? "no program of that host has a port open" : "open there: " + ports;
}

void explain_near_miss(ChainBuilder& b, std::uint64_t drop, const Packet& packet, const NearMiss& miss) {
  const state::Socket socket = *b.scene.socket(miss.socket, drop);
  const std::string who = b.scene.program(socket.owner, drop);
  const std::uint64_t event = b.scene.events().socket_before(miss.socket, drop);
  const std::uint64_t record = event == EventIndex::none ? drop : event;
  const std::uint16_t port = socket.tuple.local_port;
  if (miss.not_listening) {
    b.add(record, fmt::format("{} has port {} but does not listen on it", who, port),
          "only listen() makes a socket take connections");
  } else if (miss.other_address) {
    b.add(record, fmt::format("{} listens on {}:{} only", who, b.scene.address(socket.tuple.local), port),
          fmt::format("the packet came to {}. Same port, other address", b.scene.address(packet.destination)));
  } else {
    b.add(record, fmt::format("the socket of {} on port {} talks to somebody else", who, port),
          fmt::format("the packet came from {}. Same port, other partner", b.scene.address(packet.source)));
  }
  b.chain.causes.back().socket = miss.socket;
  explain_socket(b, miss.socket, drop);
}

}  // namespace

void explain_no_socket(ChainBuilder& b, std::uint64_t drop, const Packet& packet) {
  const std::string host = b.scene.host(b.scene.at(drop)->host_id());
  const std::size_t tried = locks_tried(b.scene, drop);
  const bool ports = packet.protocol == Protocol::tcp || packet.protocol == Protocol::udp;
  const std::string locks = tried == 0 ? std::string("no lock to try")
                                       : fmt::format("{} {} tried, none opened", tried, tried == 1 ? "lock" : "locks");
  std::string answer;
  if (packet.protocol == Protocol::tcp && !packet.has(TcpFlag::rst)) answer = ". TCP answers with a RST";
  if (packet.protocol == Protocol::udp) answer = ". The kernel answers with ICMP port unreachable";
  b.add(drop,
        ports ? fmt::format("no socket of {} fits port {}", host, packet.destination_port)
              : fmt::format("no socket of {} is concerned by it", host),
        locks + answer, CauseTone::failed);
  if (!ports) return explain_made(b, {b.scene.at(drop)->subject});
  const NearMiss miss = near_miss(b, drop, packet);
  const bool answer_to_other = miss.other_peer && packet.has(TcpFlag::syn) && packet.has(TcpFlag::ack);
  if (miss.other_address || miss.not_listening || answer_to_other) return explain_near_miss(b, drop, packet, miss);
  const std::uint64_t gone = gone_socket(b, drop, packet);
  if (gone != EventIndex::none) return explain_gone(b, gone, packet.destination_port);
  if (miss.other_peer && packet.has(TcpFlag::syn)) return explain_near_miss(b, drop, packet, miss);
  b.add(drop, fmt::format("nothing on {} has asked for port {}", host, packet.destination_port),
        nothing_there(b, drop, packet));
  explain_made(b, {b.scene.at(drop)->subject});
}

void explain_socket(ChainBuilder& b, SocketId socket, std::uint64_t record) {
  // Newest first; the oldest call that gave it its port or its partner is the reason.
  std::uint64_t reason = EventIndex::none;
  SocketId listener;
  for (std::uint64_t at = b.scene.events().socket_before(socket, b.scene.next(record)); at != EventIndex::none;
       at = b.scene.events().socket_before(socket, at)) {
    const trace::Slot* slot = b.scene.at(at);
    if (slot->kind == Kind::syscall) {
      const trace::Syscall call = trace::unpack_syscall(slot);
      const bool names = call.call == Call::bind || call.call == Call::connect || call.call == Call::listen ||
                         call.call == Call::socket;
      if (names && (reason == EventIndex::none || call.call != Call::socket)) reason = at;
    }
    if (slot->kind != Kind::socket_created) continue;
    const trace::SocketCreated made = trace::unpack_socket_created(slot);
    listener = made.listener;
    if (reason == EventIndex::none) reason = at;
    break;
  }
  if (reason == EventIndex::none)
    return b.add_root(CauseRoot::unseen, record, "the trace begins with this socket",
                      b.scene.socket_words(socket, record));
  if (listener.valid() && b.scene.socket(listener, reason) != nullptr && !b.full()) {
    b.add(reason, "a listening socket made it for this connection", b.scene.socket_words(listener, reason)).socket =
        listener;
    return explain_socket(b, listener, reason);
  }
  if (b.scene.at(reason)->kind != Kind::syscall)
    return b.add_root(CauseRoot::setting, reason, "it is open from the start", b.scene.event_words(reason));
  const trace::Syscall call = trace::unpack_syscall(b.scene.at(reason));
  explain_call(b, reason,
               call.call == Call::bind
                   ? fmt::format("{} asked for that address", b.scene.program(call.process, reason))
                   : fmt::format("{} called {}()", b.scene.program(call.process, reason), name_of(call.call)));
  b.chain.causes.back().socket = socket;
}

void explain_unacceptable(ChainBuilder& b, std::uint64_t drop, const Packet& packet) {
  const trace::PacketDropped event = trace::unpack_packet_dropped(b.scene.at(drop));
  const state::Socket* socket = b.scene.socket(event.socket, drop);
  const std::string host = b.scene.host(b.scene.at(drop)->host_id());
  const state::State& state = b.scene.state_after(drop);
  std::string headline = fmt::format("the connection on {} did not expect this {}", host, protocol_noun(packet));
  std::string evidence;
  if (socket != nullptr && b.scene.trace().wants(Kind::tcp_variables)) {
    const state::TcpVariables values = event.socket.value < state.tcp_variables.size()
                                           ? state.tcp_variables[event.socket.value]
                                           : state::TcpVariables{};
    const auto behind = static_cast<std::int32_t>(packet.seq.raw - values.rcv_nxt.raw);
    if (behind < 0) {
      headline = fmt::format("{} had received these bytes already", host);
      evidence = fmt::format("seq {} lies before rcv.nxt {}: an old byte, answered with an ACK", packet.seq.raw,
                             values.rcv_nxt.raw);
    } else if (values.rcv_wnd == 0) {
      headline = fmt::format("the window of {} is closed", host);
      evidence = fmt::format("rcv.wnd is 0 and {} bytes wait to be read", socket->receive_queue);
    } else {
      evidence =
          fmt::format("seq {}, expected {} with a window of {}", packet.seq.raw, values.rcv_nxt.raw, values.rcv_wnd);
    }
  }
  b.add(drop, std::move(headline), std::move(evidence), CauseTone::failed).socket = event.socket;
  explain_made(b, event.packet);
}

}  // namespace fourtuple::replay
