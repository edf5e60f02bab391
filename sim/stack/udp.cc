#include "sim/stack/udp.h"

#include "sim/stack/demux.h"
#include "sim/stack/icmp.h"
#include "sim/stack/packet_path.h"

namespace fourtuple::stack {
namespace {

using trace::DropReason;
using trace::Stage;

// net.core.rmem_default is 212,992 bytes of buffer.
constexpr std::uint32_t receive_buffer = 212'992;

// What a packet with so much UDP payload is charged: sk_buff and the buffer the kernel took for it (skb->truesize).
// Measured over veth, as `ss` shows it (tests/data/kernel/udp_charge.csv).
constexpr std::uint32_t packet_charge(std::uint32_t length) {
  return length <= 192 ? 832 : length <= 640 ? 1280 : 2304;
}
// A datagram; one that came in fragments is charged for each (1500 bytes of MTU assumed).
constexpr std::uint32_t charge(std::uint32_t length) {
  constexpr std::uint32_t first = 1472, rest = 1480;
  constexpr std::uint32_t tailroom = 192;  // of the first packet's buffer: a short second fragment is copied into it
  if (length <= first + tailroom) return packet_charge(length);
  const std::uint32_t behind = length - first;
  const std::uint32_t last = behind % rest;
  return packet_charge(first) * (1 + behind / rest) + (last == 0 ? 0 : packet_charge(last));
}

void append(Context& c, SocketId socket, const Packet& packet) {
  System& s = c.system;
  const std::uint32_t index = s.datagrams.allocate();
  s.datagrams.mut(index) = {packet.source,
                            packet.source_port,
                            packet.payload_length,
                            {packet.payload_source},
                            packet.payload_offset,
                            packet.id,
                            nil};
  SocketCore& core = c.mut_core(socket);
  if (core.last_waiting == nil) {
    core.first_waiting = index;
  } else {
    s.datagrams.mut(core.last_waiting).next = index;
  }
  core.last_waiting = index;
}

void set_queues(Context& c, SocketId id, std::uint32_t receive) {
  change(c, c.socket(id).host, trace::SocketQueues{id, receive, c.socket(id).send_queue});
}

}  // namespace

void udp_input(Context& c, HostId host, const Packet& packet) {
  enter_stage(c, host, packet, Stage::transport_lookup);
  const Match match = lookup(c, host, packet);
  if (!match.socket.valid()) {
    // Without a cause: UDP lets go of the packet's entry before it looks for a socket (nf_reset_ct), so the error only
    // becomes related where it is tracked, by what it quotes.
    send_unreachable(c, host, packet, Unreachable::port);
    return drop(c, host, packet, DropReason::no_socket, Stage::transport_lookup);
  }
  const state::Socket& socket = c.socket(match.socket);
  enter_stage(c, host, packet, Stage::socket_queue);
  const std::uint32_t queued = socket.receive_queue + charge(packet.payload_length);
  if (queued > receive_buffer)
    return drop(c, host, packet, DropReason::receive_queue_full, Stage::socket_queue, match.socket);
  append(c, match.socket, packet);
  // `ss` shows the buffer memory of UDP sockets.
  change(c, host, trace::PacketDelivered{packet.id, match.socket, match.quality, queued, socket.owner});
  set_queues(c, match.socket, queued);
  make_ready(c, match.socket);
}

void udp_error(Context& c, SocketId socket, const Packet& error, state::Errno code) {
  // Measured (tests/data/kernel/icmp_errors.json): without IP_RECVERR unreachable nets and hosts and expired TTLs are
  // not reported at all.
  if (!c.socket(socket).has(state::SocketFlag::connected)) return;
  if (code != state::Errno::econnrefused && code != state::Errno::emsgsize) return;
  change(c, c.socket(socket).host, trace::SocketError{socket, static_cast<std::uint8_t>(code), error.id});
  make_ready(c, socket);
}

state::Errno udp_send(Context& c, SocketId id, AddressId to, std::uint16_t port, const Payload& payload) {
  const state::Socket& socket = c.socket(id);
  const HostId host = socket.host;
  if (payload.length > 65507) return state::Errno::emsgsize;
  const Route route = route_to(c.system, host, to);
  if (route.kind == Route::Kind::unreachable) return state::Errno::enetunreach;
  Packet packet;
  packet.source =
      c.address(socket.tuple.local).is_wildcard() ? source_address_for(c.system, route) : socket.tuple.local;
  if (!packet.source.valid()) return state::Errno::enetunreach;
  packet.destination = to;
  packet.source_port = socket.tuple.local_port;
  packet.destination_port = port;
  packet.protocol = Protocol::udp;
  packet.ttl = c.host(host).sysctls.default_ttl;
  packet.payload_kind = PayloadKind::content;
  packet.payload_source = payload.content.value;
  packet.payload_offset = payload.offset;
  packet.payload_length = payload.length;
  if (c.address(to).family == Family::ipv4) {
    packet.ip_id = c.host(host).next_ip_id++;
    // IP_PMTUDISC_WANT: datagrams that fit carry DF, larger ones leave as fragments.
    if (ip_length(c.system, packet) <= route.mtu) packet.fragment_flags = FragmentFlag::dont_fragment;
  }
  return send(c, host, route, packet, {id}) ? state::Errno::ok : state::Errno::eperm;
}

bool udp_receive(Context& c, SocketId id, Datagram& datagram) {
  SocketCore& core = c.mut_core(id);
  if (core.first_waiting == nil) return false;
  const std::uint32_t index = core.first_waiting;
  datagram = c.system.datagrams[index];
  core.first_waiting = datagram.next;
  if (core.first_waiting == nil) core.last_waiting = nil;
  c.system.datagrams.release(index);
  set_queues(c, id, c.socket(id).receive_queue - charge(datagram.length));
  return true;
}

void udp_discard_queue(Context& c, SocketId id) {
  SocketCore& core = c.mut_core(id);
  while (core.first_waiting != nil) {
    const std::uint32_t index = core.first_waiting;
    core.first_waiting = c.system.datagrams[index].next;
    c.system.datagrams.release(index);
  }
  core.last_waiting = nil;
}

}  // namespace fourtuple::stack
