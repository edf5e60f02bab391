// Packets of a script: given to the kernel with live numbers, and the kernel's compared in the script's.
#include <algorithm>
#include <fmt/format.h>

#include "sim/drill/run/match.h"
#include "sim/drill/run/runner.h"

namespace fourtuple::drill {
namespace {

constexpr Duration longest_wait = seconds(3600);  // for a packet that may come at any time

// Types and codes of ICMP (RFC 792, RFC 4443) by the names scripts use.
struct IcmpName {
  std::string_view type, code;
  bool v6;
  std::uint8_t type_number, code_number;
};
constexpr IcmpName icmp_names[] = {
    {"unreachable", "net_unreachable", false, 3, 0},
    {"unreachable", "host_unreachable", false, 3, 1},
    {"unreachable", "protocol_unreachable", false, 3, 2},
    {"unreachable", "port_unreachable", false, 3, 3},
    {"unreachable", "frag_needed", false, 3, 4},
    {"unreachable", "source_route_failed", false, 3, 5},
    {"unreachable", "net_unreachable_for_tos", false, 3, 11},
    {"unreachable", "host_unreachable_for_tos", false, 3, 12},
    {"unreachable", "packet_filtered", false, 3, 13},
    {"source_quench", "", false, 4, 0},
    {"time_exceeded", "exceeded_ttl", false, 11, 0},
    {"time_exceeded", "", false, 11, 0},
    {"unreachable", "no_route", true, 1, 0},
    {"unreachable", "admin_prohibited", true, 1, 1},
    {"unreachable", "addr_unreachable", true, 1, 3},
    {"unreachable", "host_unreachable", true, 1, 3},
    {"unreachable", "port_unreachable", true, 1, 4},
    {"packet_too_big", "", true, 2, 0},
    {"time_exceeded", "", true, 3, 0},
};

const IcmpName* find_icmp(const IcmpSpec& icmp, bool v6) {
  for (const IcmpName& one : icmp_names)
    if (one.v6 == v6 && one.type == icmp.type && one.code == icmp.code) return &one;
  return nullptr;
}

void set_ip_fields(const IpFields& ip, Segment& segment) {
  constexpr std::uint8_t ecn_bits[] = {0, 2, 1, 3, 2};
  if (ip.tos) segment.traffic_class = *ip.tos;
  if (ip.ecn)
    segment.traffic_class =
        static_cast<std::uint8_t>((segment.traffic_class & 0xfc) | ecn_bits[static_cast<std::size_t>(*ip.ecn)]);
  if (ip.ttl) segment.ttl = *ip.ttl;
  if (ip.flow_label) segment.flow_label = *ip.flow_label;
}

}  // namespace

bool Runner::packet(const Event& event, const PacketSpec& spec) {
  if (!spec.around.empty())
    return skip(spec.where, "headers around the packet (" + spec.around.front().name + ") are not simulated");
  return spec.inbound ? inbound(spec) : outbound(event, spec);
}

// The connection a packet of the script belongs to: that of its ports; else the socket under test, for which a first
// packet to the kernel finds a port of its own.
Connection& Runner::connection_for(const std::optional<Ports>& ports, bool inbound, Protocol protocol) {
  if (ports) {
    const std::uint16_t local = inbound ? ports->destination : ports->source;
    const std::uint16_t remote = inbound ? ports->source : ports->destination;
    for (Connection& one : connections_)
      if (one.remote_port == remote && (one.local_port == local || one.local_port == 0)) return one;
    Connection made;
    made.protocol = protocol;
    made.local_port = local;
    made.remote_port = remote;
    current_ = connections_.size();
    return connections_.emplace_back(made);
  }
  if (current_ == nothing) {
    Connection made;
    made.protocol = protocol;
    made.local_port = inbound ? setup_.bind_port : std::uint16_t{0};
    made.remote_port = inbound ? next_remote_port_++ : setup_.connect_port;
    current_ = connections_.size();
    connections_.push_back(made);
  }
  return connections_[current_];
}

bool Runner::inbound(const PacketSpec& spec) {
  if (const auto* tcp = std::get_if<TcpSpec>(&spec.content)) return inbound_tcp(spec, *tcp);
  if (const auto* udp = std::get_if<UdpSpec>(&spec.content)) return inbound_udp(spec, *udp);
  return inbound_icmp(spec, std::get<IcmpSpec>(spec.content));
}

bool Runner::give(const PacketSpec& spec, const Answer& answer) {
  if (answer.kind == Answer::Kind::cannot) return skip(spec.where, answer.why);
  if (!answer.why.empty())
    report_.remarks.push_back({spec.where, Remark::Kind::skipped, answer.why}), ++report_.skipped;
  return true;
}

bool Runner::inbound_tcp(const PacketSpec& spec, const TcpSpec& tcp) {
  Connection& connection = connection_for(tcp.ports, true, Protocol::tcp);
  Segment segment;
  segment.source_port = connection.remote_port;
  segment.destination_port = connection.local_port;
  segment.flags = tcp.flags;
  segment.accurate_ecn = tcp.accurate_ecn || (tcp.ace && (*tcp.ace & 4) != 0);
  if (tcp.ace && (*tcp.ace & 2) != 0) segment.flags |= TcpFlag::cwr;
  if (tcp.ace && (*tcp.ace & 1) != 0) segment.flags |= TcpFlag::ece;
  segment.window = tcp.window.value_or(0);
  segment.urgent = tcp.urgent.value_or(0);
  segment.length = tcp.length;
  segment.options = tcp.options;
  set_ip_fields(spec.ip, segment);
  const bool syn = segment.has(TcpFlag::syn);
  if (syn) {
    connection.remote_isn = tcp.seq;
    connection.remote_known = true;
    if (!segment.has(TcpFlag::ack)) connection.timestamps.clear();
  }
  segment.seq = syn ? tcp.seq : connection.remote_isn + tcp.seq;
  const std::uint32_t local_base = connection.local_isn - (syn ? connection.script_local_isn : 0);
  segment.ack = tcp.ack || !syn ? local_base + tcp.ack.value_or(0) : 0;
  if (!translate_options(spec, connection, segment)) return false;
  return give(spec, kernel_.inject(segment));
}

// Blocks of SACK and echoes of timestamps are about what the kernel sent: they get the kernel's numbers.
bool Runner::translate_options(const PacketSpec& spec, Connection& connection, Segment& segment) {
  if (TcpOptionSpec* sack = segment.option(OptionKind::sack); sack != nullptr)
    for (std::uint32_t& edge : sack->numbers) edge += connection.local_isn;
  TcpOptionSpec* timestamps = segment.option(OptionKind::timestamps);
  if (timestamps == nullptr || !segment.has(TcpFlag::ack)) return true;
  const std::uint32_t echo = timestamps->numbers[1];
  const auto known = connection.timestamps.find(echo);
  if (known != connection.timestamps.end()) {
    timestamps->numbers[1] = known->second;
  } else if (setup_.echo_any_timestamp) {
    timestamps->numbers[1] = connection.wire_clock + (echo - connection.script_clock);
  } else if (echo != 0) {
    return fault(timestamps->where, fmt::format("the kernel has sent no timestamp that this script calls {}", echo),
                 "an ecr that is the val of an earlier packet of the kernel");
  }
  (void)spec;
  return true;
}

bool Runner::inbound_udp(const PacketSpec& spec, const UdpSpec& udp) {
  const Connection& connection = connection_for(udp.ports, true, Protocol::udp);
  Segment segment;
  segment.protocol = Protocol::udp;
  segment.source_port = connection.remote_port;
  segment.destination_port = connection.local_port;
  segment.length = udp.length;
  set_ip_fields(spec.ip, segment);
  return give(spec, kernel_.inject(segment));
}

bool Runner::inbound_icmp(const PacketSpec& spec, const IcmpSpec& icmp) {
  const IcmpName* name = find_icmp(icmp, setup_.ipv6_wire());
  if (name == nullptr)
    return skip(icmp.type_where,
                fmt::format("ICMP {}{}{} is not simulated", icmp.type, icmp.code.empty() ? "" : " ", icmp.code));
  if (icmp.quoted != IcmpSpec::Quoted::tcp && icmp.quoted != IcmpSpec::Quoted::udp)
    return skip(spec.where, "an ICMP message that quotes no packet of TCP or UDP is not simulated");
  if (current_ == nothing) return fault(spec.where, "there is no connection yet that this ICMP message could be about");
  const Connection& connection = connections_[current_];
  IcmpMessage message;
  message.type = name->type_number;
  message.code = name->code_number;
  message.mtu = icmp.mtu.value_or(0);
  message.about.protocol = icmp.quoted == IcmpSpec::Quoted::tcp ? Protocol::tcp : Protocol::udp;
  message.about.source_port = connection.local_port;
  message.about.destination_port = connection.remote_port;
  message.about.seq = connection.local_isn + icmp.seq;
  message.about.length = icmp.length;
  return give(spec, kernel_.inject(message));
}

Connection* Runner::owner_of(const Segment& segment) {
  for (Connection& one : connections_) {
    if (one.protocol != segment.protocol || one.remote_port != segment.destination_port) continue;
    if (one.local_port == 0) one.local_port = segment.source_port;
    if (one.local_port == segment.source_port) return &one;
  }
  return nullptr;
}

// The oldest packet of `wanted` not yet compared; what others sent meanwhile is kept for them.
std::optional<Sent> Runner::next_of(const Connection* wanted, Time limit, Connection*& owner) {
  for (auto one = waiting_.begin(); one != waiting_.end(); ++one) {
    owner = owner_of(one->segment);
    if (owner != wanted) continue;
    Sent sent = std::move(*one);
    waiting_.erase(one);
    return sent;
  }
  for (;;) {
    auto sent = kernel_.next_sent(limit);
    if (!sent) return std::nullopt;
    owner = owner_of(sent->segment);
    if (owner == wanted) return sent;
    if (owner != nullptr) waiting_.push_back(std::move(*sent));
  }
}

// Numbers begin anew with each SYN the kernel sends, and a reset of what it never opened begins where it says.
void Runner::learn(Connection& connection, const Segment& segment, const TcpSpec& spec) {
  if (!segment.has(TcpFlag::syn)) return;
  connection.local_isn = segment.seq;
  connection.script_local_isn = spec.seq;
  connection.local_known = true;
}

Segment Runner::in_script_numbers(const Connection& connection, Segment segment) {
  if (segment.protocol != Protocol::tcp) return segment;
  const bool syn = segment.has(TcpFlag::syn);
  segment.seq -= connection.local_isn - (syn ? connection.script_local_isn : 0);
  if (segment.has(TcpFlag::ack)) {
    segment.ack -= syn ? 0 : connection.remote_isn;
  } else {
    segment.ack = 0;
  }
  for (TcpOptionSpec& option : segment.options) {
    if (option.kind == OptionKind::sack)
      for (std::uint32_t& edge : option.numbers) edge -= connection.remote_isn;
    if (option.kind == OptionKind::timestamps && !connection.timestamps.empty())
      option.numbers[0] = option.numbers[0] - connection.wire_clock + connection.script_clock;
  }
  return segment;
}

// Unless told otherwise, several segments in a row count as the one large one a kernel with offload would have made.
bool Runner::aggregate(const PacketSpec& spec, std::uint32_t length, Sent& sent, Connection& owner, Time limit) {
  const std::uint32_t each = sent.segment.length;
  std::uint32_t last = each;
  while (!setup_.strict_segments && sent.segment.length != 0 && sent.segment.length < length) {
    Connection* from = nullptr;
    const auto next = next_of(&owner, limit, from);
    if (!next) break;
    Segment whole = sent.segment;
    if (last != each || next->segment.length > each || !append_segment(whole, next->segment)) {
      return fault(spec.where,
                   fmt::format("the kernel sent > {} and then > {}, which do not make one packet",
                               text_of(in_script_numbers(owner, sent.segment)),
                               text_of(in_script_numbers(owner, next->segment))),
                   text_of(spec));
    }
    last = next->segment.length;
    sent = {next->at, std::move(whole)};
  }
  return true;
}

bool Runner::timestamps_fit(const PacketSpec& spec, const Segment& live, Connection& connection, Time at) {
  const auto& tcp = std::get<TcpSpec>(spec.content);
  const TcpOptionSpec* sent = live.option(OptionKind::timestamps);
  const TcpOptionSpec* expected = nullptr;
  for (const TcpOptionSpec& option : tcp.options)
    if (option.kind == OptionKind::timestamps) expected = &option;
  if (sent == nullptr || expected == nullptr) return true;
  const std::uint32_t called = expected->numbers[0];
  if (connection.timestamps.empty()) {
    connection.script_clock = called;
    connection.wire_clock = sent->numbers[0];
    connection.clock_tied = at;
  }
  connection.timestamps[called] = sent->numbers[0];
  if (setup_.timestamp_tick_us == 0) return true;
  const std::uint32_t actual = sent->numbers[0] - connection.wire_clock + connection.script_clock;
  const auto off = static_cast<std::int32_t>(actual - called);
  const Duration by = microseconds(setup_.timestamp_tick_us) * (off < 0 ? -std::int64_t{off} : std::int64_t{off});
  const Duration slack = std::max(setup_.tolerance, (at - connection.clock_tied) * setup_.tolerance_per_mille / 1000);
  return by <= slack || fault(expected->where, fmt::format("TS val is {}, not {}", actual, called));
}

bool Runner::outbound(const Event& event, const PacketSpec& spec) {
  const auto* tcp = std::get_if<TcpSpec>(&spec.content);
  const auto* udp = std::get_if<UdpSpec>(&spec.content);
  if (tcp == nullptr && udp == nullptr) return skip(spec.where, "ICMP messages of the kernel are not compared");
  const Time from = base(event);
  const bool any = event.time.kind == EventTime::Kind::any;
  const Duration point = event.time.is_range() ? event.time.last : event.time.first;
  const Time first = scheduled(event.time, event.time.first, from), last = scheduled(event.time, point, from);
  const Time limit = any ? kernel_.now() + longest_wait : std::max(last, kernel_.now()) + patience;
  const std::size_t index = static_cast<std::size_t>(
      &connection_for(tcp != nullptr ? tcp->ports : udp->ports, false, tcp != nullptr ? Protocol::tcp : Protocol::udp) -
      connections_.data());
  Connection* owner = nullptr;
  auto sent = next_of(&connections_[index], limit, owner);
  if (!sent) return fault(spec.where, "the kernel sent nothing", text_of(spec));
  const std::uint32_t length = tcp != nullptr ? tcp->length : udp->length;
  if (tcp != nullptr) learn(*owner, sent->segment, *tcp);
  if (tcp != nullptr && !aggregate(spec, length, *sent, *owner, limit)) return false;
  if (tcp != nullptr && !timestamps_fit(spec, sent->segment, *owner, sent->at)) return false;
  const Segment actual = in_script_numbers(*owner, sent->segment);
  if (const auto why = mismatch(spec, actual); why)
    return differs(spec.where, setup_.packets_may_differ,
                   fmt::format("the kernel sent > {}: {}", text_of(actual), *why), text_of(spec));
  return on_time(event.time, spec.where, sent->at, first, last, previous_scheduled_, "the kernel sent this");
}

}  // namespace fourtuple::drill
