#include "sim/stack/icmp.h"

#include <algorithm>

#include "sim/stack/demux.h"
#include "sim/stack/packet_path.h"
#include "sim/stack/tcp_socket.h"
#include "sim/stack/udp.h"

namespace fourtuple::stack {
namespace {

// ICMP types (IANA). Version 6 numbers errors below 128.
struct V4 {
  static constexpr std::uint8_t echo_reply = 0, unreachable = 3, echo_request = 8, time_exceeded = 11;
  static constexpr std::uint8_t code_network = 0, code_host = 1, code_protocol = 2, code_port = 3,
                                code_fragmentation_needed = 4;
};
struct V6 {
  static constexpr std::uint8_t unreachable = 1, too_big = 2, time_exceeded = 3, parameter_problem = 4,
                                echo_request = 128, echo_reply = 129;
  static constexpr std::uint8_t code_no_route = 0, code_address = 3, code_port = 4, code_unknown_header = 1;
  static constexpr std::uint32_t next_header_offset = 6;  // where the header names what follows it
};

struct Message {
  std::uint8_t type, code;
};

constexpr std::uint32_t quote_limit_v4 = 576 - 20 - 8;   // RFC 1812 section 4.3.2.3, as Linux
constexpr std::uint32_t quote_limit_v6 = 1280 - 40 - 8;  // RFC 4443 section 2.4 (c)
constexpr std::uint8_t internetwork_control = 0xc0;      // RFC 1812 section 4.3.2.5: precedence of IPv4 errors
constexpr std::uint8_t service_bits = 0x1e;              // of RFC 1349: errors keep the type of service

bool is_v6(const Context& c, const Packet& packet) {
  return c.address(packet.source).family == Family::ipv6;
}

bool is_error(const Packet& packet) {
  if (packet.protocol == Protocol::icmp) {
    const std::uint8_t type = packet.icmp_type();
    return type == V4::unreachable || type == V4::time_exceeded || type == 4 || type == 5 || type == 12;
  }
  return packet.protocol == Protocol::icmpv6 && packet.icmp_type() < V6::echo_request;
}

bool may_answer(const Context& c, const Packet& offending) {
  if (is_error(offending) || offending.fragment_offset != 0) return false;
  const IpAddress& source = c.address(offending.source);
  const IpAddress& destination = c.address(offending.destination);
  return !source.is_wildcard() && !source.is_multicast() && !source.is_broadcast() && !destination.is_multicast() &&
         !destination.is_broadcast();
}

// --- how often (inet_peer_xrlim_allow, ip_error) ---
// A bucket per destination holds time, counted in the kernel's ticks; an error costs net.ipv4.icmp_ratelimit of it.

constexpr std::int64_t tick_ns = 4'000'000;  // HZ=250
constexpr std::int64_t ticks_per_second = seconds(1).ns / tick_ns;

IcmpBudget& budget_for(Context& c, HostId id, AddressId peer) {
  Host& host = c.host(id);
  constexpr std::size_t max_budgets = 4096;
  const auto found = std::find_if(host.icmp_budgets.begin(), host.icmp_budgets.end(),
                                  [&](const IcmpBudget& b) { return b.peer == peer; });
  if (found != host.icmp_budgets.end()) return *found;
  if (host.icmp_budgets.size() >= max_budgets) host.icmp_budgets.erase(host.icmp_budgets.begin());
  host.icmp_budgets.push_back({peer, 0, c.now.ns / tick_ns - 60 * ticks_per_second});
  return host.icmp_budgets.back();
}

bool take_tokens(Context& c, IcmpBudget& budget, std::int64_t cost, std::int64_t most) {
  const std::int64_t tick = c.now.ns / tick_ns;
  if (tick != budget.filled_tick) {
    budget.tokens = std::min(budget.tokens + (tick - budget.filled_tick), most);
    budget.filled_tick = tick;
  }
  if (budget.tokens < cost) return false;
  budget.tokens -= cost;
  return true;
}

bool within_rate(Context& c, HostId id, AddressId peer) {
  const std::int64_t cost = c.host(id).sysctls.icmp_ratelimit_ms * ticks_per_second / 1000;
  return take_tokens(c, budget_for(c, id, peer), cost, 6 * cost);
}

// A router without a route asks once more, whatever the sysctl says: one a second, five at once.
bool may_report_no_route(Context& c, HostId id, AddressId peer) {
  return take_tokens(c, budget_for(c, id, peer), ticks_per_second, 5 * ticks_per_second);
}

Packet make_packet(const Context& c, HostId host, AddressId from, AddressId to, Message message) {
  Packet packet;
  packet.source = from;
  packet.destination = to;
  packet.protocol = c.address(to).family == Family::ipv6 ? Protocol::icmpv6 : Protocol::icmp;
  packet.source_port = static_cast<std::uint16_t>((message.type << 8) | message.code);
  packet.ttl = c.system.hosts[host.value].sysctls.default_ttl;
  return packet;
}

void send_error(Context& c, HostId host, const Packet& offending, Message message, std::uint32_t mtu, const Walk* cause,
                bool routed = true) {
  if (!may_answer(c, offending)) return;
  const Route route = route_to(c.system, host, offending.source);
  if (route.kind == Route::Kind::unreachable || !within_rate(c, host, offending.source)) return;
  // Linux answers from the address that was asked when it is an own one, else from the outgoing interface. Over IPv4
  // it knows an own one only by the route, which a packet rejected in prerouting has not had yet.
  const bool own = is_local_address(c.system, host, offending.destination) && (routed || is_v6(c, offending));
  const AddressId from = own ? offending.destination : source_address_for(c.system, route);
  if (!from.valid()) return;
  Packet packet = make_packet(c, host, from, offending.source, message);
  const bool v6 = packet.protocol == Protocol::icmpv6;
  packet.traffic_class = v6 ? 0 : (offending.traffic_class & service_bits) | internetwork_control;
  packet.ip_id = v6 ? std::uint16_t{0} : c.host(host).next_ip_id++;
  packet.seq = {mtu};
  packet.payload_kind = PayloadKind::quote;
  packet.payload_source = static_cast<std::uint32_t>(c.system.quotes.size());
  packet.payload_length = std::min(ip_length(c.system, offending), v6 ? quote_limit_v6 : quote_limit_v4);
  c.system.quotes.push_back(offending);
  const PacketId id{c.system.next_packet};
  note(c, host, trace::PacketQuoted{id, offending.id, packet.payload_source});
  send(c, host, route, packet, {SocketId::none(), cause, true});
}

void answer_echo(Context& c, HostId host, const Packet& request, Message reply) {
  Packet packet = request;
  packet.source = request.destination;
  packet.destination = request.source;
  packet.source_port = static_cast<std::uint16_t>((reply.type << 8) | reply.code);
  packet.ttl = c.host(host).sysctls.default_ttl;
  packet.fragment_flags = 0;
  packet.ip_id = is_v6(c, request) ? std::uint16_t{0} : c.host(host).next_ip_id++;
  const Route route = route_to(c.system, host, packet.destination);
  send(c, host, route, packet, {SocketId::none(), nullptr, true});
}

state::Errno errno_of(const Packet& error) {
  const std::uint8_t type = error.icmp_type(), code = error.icmp_code();
  if (error.protocol == Protocol::icmp) {
    if (type == V4::time_exceeded) return state::Errno::ehostunreach;
    if (code == V4::code_port) return state::Errno::econnrefused;
    if (code == V4::code_fragmentation_needed) return state::Errno::emsgsize;
    return code == V4::code_network ? state::Errno::enetunreach : state::Errno::ehostunreach;
  }
  if (type == V6::too_big) return state::Errno::emsgsize;
  if (type == V6::time_exceeded) return state::Errno::ehostunreach;
  if (code == V6::code_port) return state::Errno::econnrefused;
  return code == V6::code_no_route ? state::Errno::enetunreach : state::Errno::ehostunreach;
}

// Hands an error to the socket that sent the quoted packet; only that socket may learn of it.
void deliver_error(Context& c, HostId host, const Packet& error) {
  const Packet quoted = c.system.quotes[error.payload_source];
  // About an echo request: it belongs to whoever pings, who asked the kernel and holds no socket here.
  if (quoted.protocol == Protocol::icmp || quoted.protocol == Protocol::icmpv6) {
    change(c, host, trace::PacketDelivered{error.id, {}, trace::MatchQuality::none, 0, {}});
    return;
  }
  const SocketId socket = lookup_sender(c, host, quoted.protocol, sender_tuple(quoted));
  if (!socket.valid()) return drop(c, host, error, trace::DropReason::no_socket, trace::Stage::transport_lookup);
  change(c, host,
         trace::PacketDelivered{error.id, socket, trace::MatchQuality::established, c.socket(socket).receive_queue,
                                c.socket(socket).owner});
  const state::Errno code = errno_of(error);
  if (quoted.protocol == Protocol::tcp) return tcp_error(c, socket, error, code, error.seq.raw);
  udp_error(c, socket, error, code);
}

}  // namespace

void send_unreachable(Context& c, HostId host, const Packet& offending, Unreachable what, const Walk* cause) {
  Message message{V4::unreachable, V4::code_port};
  if (is_v6(c, offending)) {
    message = {V6::unreachable, V6::code_port};
    if (what == Unreachable::network) message.code = V6::code_no_route;
    if (what == Unreachable::host) message.code = V6::code_address;
    if (what == Unreachable::protocol)
      return send_error(c, host, offending, {V6::parameter_problem, V6::code_unknown_header}, V6::next_header_offset,
                        cause);
  } else {
    if (what == Unreachable::network) message.code = V4::code_network;
    if (what == Unreachable::host) message.code = V4::code_host;
    if (what == Unreachable::protocol) message.code = V4::code_protocol;
    if (what == Unreachable::network && !may_report_no_route(c, host, offending.source)) return;
  }
  send_error(c, host, offending, message, 0, cause);
}

void send_time_exceeded(Context& c, HostId host, const Walk& offending) {
  const bool v6 = is_v6(c, offending.packet);
  send_error(c, host, offending.packet, {v6 ? V6::time_exceeded : V4::time_exceeded, 0}, 0, &offending);
}

void send_too_big(Context& c, HostId host, const Walk& offending, std::uint32_t mtu) {
  const bool v6 = is_v6(c, offending.packet);
  const Message message = v6 ? Message{V6::too_big, 0} : Message{V4::unreachable, V4::code_fragmentation_needed};
  send_error(c, host, offending.packet, message, mtu, &offending);
}

void send_rejected(Context& c, HostId host, const Walk& offending, std::uint8_t code, bool routed) {
  const bool v6 = is_v6(c, offending.packet);
  send_error(c, host, offending.packet, {v6 ? V6::unreachable : V4::unreachable, code}, 0, &offending, routed);
}

void icmp_input(Context& c, HostId host, const Packet& packet) {
  if (packet.payload_kind == PayloadKind::quote) return deliver_error(c, host, packet);
  const bool v6 = packet.protocol == Protocol::icmpv6;
  // The kernel itself is the receiver of echo requests: no socket, no process.
  change(c, host, trace::PacketDelivered{packet.id, {}, trace::MatchQuality::none, 0, {}});
  if (packet.icmp_type() == (v6 ? V6::echo_request : V4::echo_request))
    answer_echo(c, host, packet, {v6 ? V6::echo_reply : V4::echo_reply, 0});
}

void send_echo_request(Context& c, HostId host, AddressId destination, std::uint16_t identifier, std::uint16_t sequence,
                       std::uint32_t length) {
  const Route route = route_to(c.system, host, destination);
  const bool v6 = c.address(destination).family == Family::ipv6;
  AddressId from = route.kind == Route::Kind::unreachable ? AddressId::none() : source_address_for(c.system, route);
  if (!from.valid()) from = v6 ? wildcard_v6 : wildcard_v4;
  Packet packet = make_packet(c, host, from, destination, {v6 ? V6::echo_request : V4::echo_request, 0});
  packet.destination_port = identifier;
  packet.seq = {sequence};
  packet.payload_kind = PayloadKind::content;
  packet.payload_source = 0;
  packet.payload_length = length;
  packet.fragment_flags = v6 ? std::uint8_t{0} : FragmentFlag::dont_fragment;
  packet.ip_id = v6 ? std::uint16_t{0} : c.host(host).next_ip_id++;
  send(c, host, route, packet);
}

}  // namespace fourtuple::stack
