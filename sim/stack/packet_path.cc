#include "sim/stack/packet_path.h"

#include "sim/stack/fragments.h"
#include "sim/stack/hooks.h"
#include "sim/stack/icmp.h"
#include "sim/stack/tcp_input.h"
#include "sim/stack/udp.h"

namespace fourtuple::stack {
namespace {

using trace::DropReason;
using trace::Stage;

bool is_fragment(const Packet& packet) {
  return (packet.fragment_flags & FragmentFlag::is_fragment) != 0;
}

void drop_walk(Context& c, HostId host, Walk& walk, DropReason reason, Stage stage) {
  drop(c, host, walk.packet, reason, stage);
  abandon_walk(c, host, walk);
}

// Nobody takes this protocol: ICMP protocol unreachable (RFC 1122 section 3.2.2.1).
void refuse_protocol(Context& c, HostId host, const Walk& walk) {
  send_unreachable(c, host, walk.packet, Unreachable::protocol, &walk);
  drop(c, host, walk.packet, DropReason::no_process, Stage::transport_lookup);
}

// From outside with an address of this host itself: to 127.0.0.0/8 or ::1, or, over IPv4, from an own address
// (fib_validate_source).
bool is_martian(const Context& c, HostId host, const Walk& walk) {
  if (c.system.interfaces[walk.in.value].loopback) return false;
  const IpAddress& source = c.address(walk.packet.source);
  return c.address(walk.packet.destination).is_loopback() ||
         (source.family == Family::ipv4 && is_local_address(c.system, host, walk.packet.source));
}

void deliver(Context& c, HostId host, Walk& walk) {
  Packet& packet = walk.packet;
  if (is_fragment(packet) && !reassemble(c, host, packet)) return abandon_walk(c, host, walk);
  enter_stage(c, host, packet, Stage::input, walk.in);
  if (filtered(c, host) && !pass_hook(c, host, walk, HookPoint::input, Stage::input)) return;
  if ((packet.fragment_flags & FragmentFlag::bad_checksum) != 0)
    return drop(c, host, packet, DropReason::bad_checksum, Stage::transport_lookup);
  switch (packet.protocol) {
    case Protocol::tcp:
      return tcp_input(c, host, packet);
    case Protocol::udp:
      return udp_input(c, host, packet);
    case Protocol::icmp:
    case Protocol::icmpv6:
      return icmp_input(c, host, packet);
    default:
      return refuse_protocol(c, host, walk);
  }
}

void transmit(Context& c, HostId host, const Route& route, const Walk& walk, const Packet& packet,
              std::uint32_t bytes) {
  const Interface& out = c.system.interfaces[route.out.value];
  if (!out.up) return drop(c, host, packet, DropReason::interface_down, Stage::interface_out);
  const InterfaceId to = receiver_of(c.system, host, route, packet.destination);
  if (!to.valid()) {
    c.system.outbox.neighbour_waits.push_back({packet, host});
    return;
  }
  enter_stage(c, host, packet, Stage::interface_out, route.out);
  if (out.loopback && filtered(c, host)) keep_over_loopback(c, walk);
  c.system.outbox.packets.push_back({packet, route.out, to, bytes});
}

// The last hook, then fragments if need be, then the wire. False: a rule dropped it.
bool leave(Context& c, HostId host, const Route& route, Walk& walk) {
  Packet& packet = walk.packet;
  enter_stage(c, host, packet, Stage::postrouting, route.out);
  walk.out = route.out;
  if (filtered(c, host) && !pass_hook(c, host, walk, HookPoint::postrouting, Stage::postrouting)) return false;
  const std::uint32_t bytes = ip_length(c.system, packet);
  if (bytes <= route.mtu) [[likely]] {
    transmit(c, host, route, walk, packet, bytes);
  } else {
    for_each_fragment(c, host, packet, route.mtu,
                      [&](const Packet& part) { transmit(c, host, route, walk, part, ip_length(c.system, part)); });
  }
  abandon_walk(c, host, walk);
  return true;
}

bool may_fragment(const System& system, const Packet& packet) {
  // IPv6 routers never fragment (RFC 8200 section 4.5).
  return system.addresses[packet.source].family == Family::ipv4 &&
         (packet.fragment_flags & FragmentFlag::dont_fragment) == 0;
}

void forward(Context& c, HostId host, const Route& route, Walk& walk) {
  Packet& packet = walk.packet;
  if (!c.host(host).forwarding) return drop_walk(c, host, walk, DropReason::not_for_this_host, Stage::routing);
  // Linux compares before it decrements: TTL 1 is answered before the forward hook (kernel data: FACTS, hooks).
  if (packet.ttl <= 1) {
    send_time_exceeded(c, host, walk);
    return drop_walk(c, host, walk, DropReason::ttl_expired, Stage::forward);
  }
  if (ip_length(c.system, packet) > route.mtu && !may_fragment(c.system, packet)) {
    send_too_big(c, host, walk, route.mtu);
    return drop_walk(c, host, walk, DropReason::too_big, Stage::forward);
  }
  --packet.ttl;
  enter_stage(c, host, packet, Stage::forward, route.out);
  walk.out = route.out;
  if (filtered(c, host) && !pass_hook(c, host, walk, HookPoint::forward, Stage::forward)) return;
  leave(c, host, route, walk);
}

// Connection tracking (nf_defrag) and middleboxes look for ports; rules without them see each fragment by itself.
bool wants_whole_datagrams(const Context& c, HostId host, const Packet& packet) {
  const netfilter::HostFilter& filter = c.system.netfilter.hosts[host.value];
  const bool tracks =
      c.address(packet.source).family == Family::ipv4 ? filter.conntrack.enabled4 : filter.conntrack.enabled6;
  return tracks || filter.middlebox.active;
}

// Prerouting: what netfilter does before the host looks where the packet goes. False: it is gone.
bool arrive(Context& c, HostId host, Walk& walk) {
  if (c.system.interfaces[walk.in.value].loopback) resume_after_loopback(c, walk);
  if (is_fragment(walk.packet) && wants_whole_datagrams(c, host, walk.packet) && !reassemble(c, host, walk.packet))
    return false;
  return pass_hook(c, host, walk, HookPoint::prerouting, Stage::prerouting);
}

// Where a packet that came in goes. Over lo it brought its route along: it is for this host whatever its destination
// has become on the way out, unless NAT changed it again on the way in.
Route route_in(Context& c, HostId host, const Walk& walk) {
  if (c.system.interfaces[walk.in.value].loopback && !walk.rewritten)
    return {.destination = walk.packet.destination, .out = walk.in, .to = walk.in, .kind = Route::Kind::local};
  return route_to(c.system, host, walk.packet.destination);
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
  Walk walk{packet, in};
  enter_stage(c, host, packet, Stage::interface_in, in);
  enter_stage(c, host, packet, Stage::prerouting, in);
  if (filtered(c, host) && !arrive(c, host, walk)) return;
  const Route route = route_in(c, host, walk);
  enter_stage(c, host, packet, Stage::routing, route.out);
  if (route.kind != Route::Kind::unreachable && is_martian(c, host, walk))
    return drop_walk(c, host, walk, DropReason::martian, Stage::routing);
  switch (route.kind) {
    case Route::Kind::local:
      deliver(c, host, walk);
      return abandon_walk(c, host, walk);
    case Route::Kind::forward:
      return forward(c, host, route, walk);
    case Route::Kind::unreachable:
      break;
  }
  if (c.host(host).forwarding) send_unreachable(c, host, packet, Unreachable::network, &walk);
  drop_walk(c, host, walk, DropReason::no_route, Stage::routing);
}

bool send(Context& c, HostId host, const Route& route, Packet& packet, const Origin& origin) {
  System& s = c.system;
  packet.id = {s.next_packet++};
  note(c, host, trace::PacketCreated{packet});
  enter_stage(c, host, packet, Stage::transport_output);
  enter_stage(c, host, packet, Stage::routing_output, route.out);
  if (route.kind == Route::Kind::unreachable) {
    drop(c, host, packet, DropReason::no_route, Stage::routing_output);
    return true;
  }
  enter_stage(c, host, packet, Stage::output, route.out);
  Walk walk{packet};
  if (!filtered(c, host)) [[likely]]
    return leave(c, host, route, walk);
  walk.out = route.out;
  begin_walk(c, host, walk, origin);
  const Route before = route;
  if (!pass_hook(c, host, walk, HookPoint::output, Stage::output)) return false;
  if (!walk.rewritten) return leave(c, host, before, walk);
  // A rule sent it elsewhere: the host looks up the way again (ip_route_me_harder).
  const Route again = route_to(s, host, packet.destination);
  if (again.kind != Route::Kind::unreachable) return leave(c, host, again, walk);
  drop_walk(c, host, walk, DropReason::no_route, Stage::routing_output);
  return true;
}

void neighbour_failed(Context& c, HostId host, Packet& packet) {
  drop(c, host, packet, DropReason::no_neighbour, Stage::interface_out);
  send_unreachable(c, host, packet, Unreachable::host);
}

}  // namespace fourtuple::stack
