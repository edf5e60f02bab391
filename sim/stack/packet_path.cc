#include "sim/stack/packet_path.h"

#include "sim/stack/fragments.h"
#include "sim/stack/icmp.h"
#include "sim/stack/tcp_input.h"
#include "sim/stack/udp.h"

namespace fourtuple::stack {
namespace {

using trace::DropReason;
using trace::Stage;

void refuse_protocol(Context& c, HostId host, const Packet& packet) {
  drop(c, host, packet, DropReason::no_process, Stage::transport_lookup);
}

void deliver(Context& c, HostId host, InterfaceId in, Packet& packet) {
  if (!c.system.interfaces[in.value].loopback && c.address(packet.destination).is_loopback())
    return drop(c, host, packet, DropReason::martian, Stage::routing);
  if ((packet.fragment_flags & FragmentFlag::is_fragment) != 0 && !reassemble(c, host, packet)) return;
  enter_stage(c, host, packet, Stage::input, in);
  switch (packet.protocol) {
    case Protocol::tcp:
      return tcp_input(c, host, packet);
    case Protocol::udp:
      return udp_input(c, host, packet);
    case Protocol::icmp:
    case Protocol::icmpv6:
      return icmp_input(c, host, packet);
    case Protocol::none:
      return refuse_protocol(c, host, packet);
  }
}

void transmit(Context& c, HostId host, const Route& route, const Packet& packet, std::uint32_t bytes) {
  enter_stage(c, host, packet, Stage::postrouting, route.out);
  if (!c.system.interfaces[route.out.value].up)
    return drop(c, host, packet, DropReason::interface_down, Stage::interface_out);
  if (!route.to.valid()) {
    c.system.outbox.neighbour_waits.push_back({packet, host});
    return;
  }
  enter_stage(c, host, packet, Stage::interface_out, route.out);
  c.system.outbox.packets.push_back({packet, route.out, route.to, bytes});
}

bool may_fragment(const System& system, const Packet& packet) {
  // IPv6 routers never fragment (RFC 8200 section 4.5).
  return system.addresses[packet.source].family == Family::ipv4 &&
         (packet.fragment_flags & FragmentFlag::dont_fragment) == 0;
}

void forward(Context& c, HostId host, const Route& route, Packet& packet) {
  if (!c.host(host).forwarding) return drop(c, host, packet, DropReason::not_for_this_host, Stage::routing);
  // Linux compares before it decrements: TTL 1 is answered before the forward hook (kernel data: FACTS, hooks).
  if (packet.ttl <= 1) {
    send_time_exceeded(c, host, packet);
    return drop(c, host, packet, DropReason::ttl_expired, Stage::forward);
  }
  --packet.ttl;
  enter_stage(c, host, packet, Stage::forward, route.out);
  const std::uint32_t bytes = ip_length(c.system, packet);
  if (bytes <= route.mtu) return transmit(c, host, route, packet, bytes);
  if (!may_fragment(c.system, packet)) {
    send_too_big(c, host, packet, route.mtu);
    return drop(c, host, packet, DropReason::too_big, Stage::forward);
  }
  for_each_fragment(c, host, packet, route.mtu,
                    [&](const Packet& part) { transmit(c, host, route, part, ip_length(c.system, part)); });
}

}  // namespace

std::uint32_t ip_header_length(const System& system, const Packet& packet) {
  if (system.addresses[packet.source].family == Family::ipv4) return 20;
  return (packet.fragment_flags & FragmentFlag::is_fragment) != 0 ? 48 : 40;
}

std::uint32_t ip_length(const System& system, const Packet& packet) {
  const bool fragment = (packet.fragment_flags & FragmentFlag::is_fragment) != 0;
  const std::uint32_t header = ip_header_length(system, packet);
  return header + (fragment ? 0 : transport_header_length(packet)) + packet.payload_length;
}

void receive(Context& c, InterfaceId in, Packet& packet) {
  const Interface& interface = c.system.interfaces[in.value];
  const HostId host = interface.host;
  enter_stage(c, host, packet, Stage::interface_in, in);
  enter_stage(c, host, packet, Stage::prerouting, in);
  const Route& route = route_to(c.system, host, packet.destination);
  enter_stage(c, host, packet, Stage::routing, route.out);
  switch (route.kind) {
    case Route::Kind::local:
      return deliver(c, host, in, packet);
    case Route::Kind::forward:
      return forward(c, host, route, packet);
    case Route::Kind::unreachable:
      break;
  }
  if (c.host(host).forwarding) send_unreachable(c, host, packet, Unreachable::network);
  drop(c, host, packet, DropReason::no_route, Stage::routing);
}

void send(Context& c, HostId host, const Route& route, Packet& packet) {
  System& s = c.system;
  packet.id = {s.next_packet++};
  note(c, host, trace::PacketCreated{packet});
  enter_stage(c, host, packet, Stage::transport_output);
  enter_stage(c, host, packet, Stage::routing_output, route.out);
  if (route.kind == Route::Kind::unreachable) return drop(c, host, packet, DropReason::no_route, Stage::routing_output);
  enter_stage(c, host, packet, Stage::output, route.out);
  const std::uint32_t bytes = ip_length(s, packet);
  if (bytes <= route.mtu) [[likely]]
    return transmit(c, host, route, packet, bytes);
  const Route kept = route;
  for_each_fragment(c, host, packet, kept.mtu,
                    [&](const Packet& part) { transmit(c, host, kept, part, ip_length(s, part)); });
}

void neighbour_failed(Context& c, HostId host, Packet& packet) {
  drop(c, host, packet, DropReason::no_neighbour, Stage::interface_out);
  send_unreachable(c, host, packet, Unreachable::host);
}

}  // namespace fourtuple::stack
