// The small words of trace/describe.h: names, times, endpoints, packets.
#include <fmt/format.h>

#include "sim/trace/describe.h"

namespace fourtuple::trace {
namespace {

struct KindName {
  Kind kind;
  std::string_view name;
};

constexpr KindName kind_names[] = {
    {Kind::padding, "padding"},
    {Kind::packet_created, "packet-created"},
    {Kind::packet_sent, "packet-sent"},
    {Kind::packet_dropped, "packet-dropped"},
    {Kind::packet_delivered, "packet-delivered"},
    {Kind::packet_quoted, "packet-quoted"},
    {Kind::packet_rewritten, "packet-rewritten"},
    {Kind::process_started, "process-started"},
    {Kind::process_activity, "process-activity"},
    {Kind::process_ended, "process-ended"},
    {Kind::descriptor_opened, "descriptor-opened"},
    {Kind::descriptor_closed, "descriptor-closed"},
    {Kind::syscall, "syscall"},
    {Kind::descriptor_flags, "descriptor-flags"},
    {Kind::process_forked, "process-forked"},
    {Kind::process_limit, "process-limit"},
    {Kind::socket_created, "socket-created"},
    {Kind::socket_bound, "socket-bound"},
    {Kind::socket_connected, "socket-connected"},
    {Kind::socket_state, "socket-state"},
    {Kind::socket_owner, "socket-owner"},
    {Kind::socket_error, "socket-error"},
    {Kind::socket_closed, "socket-closed"},
    {Kind::stream_written, "stream-written"},
    {Kind::socket_listening, "socket-listening"},
    {Kind::conntrack_created, "conntrack-created"},
    {Kind::conntrack_seen, "conntrack-seen"},
    {Kind::conntrack_marked, "conntrack-marked"},
    {Kind::conntrack_destroyed, "conntrack-destroyed"},
    {Kind::netfilter_object, "netfilter-object"},
    {Kind::set_element_added, "set-element-added"},
    {Kind::set_element_removed, "set-element-removed"},
    {Kind::command, "command"},
    {Kind::note, "note"},
    {Kind::ruleset_loaded, "ruleset-loaded"},
    {Kind::packet_logged, "packet-logged"},
    {Kind::local_created, "local-created"},
    {Kind::local_changed, "local-changed"},
    {Kind::local_owner, "local-owner"},
    {Kind::local_closed, "local-closed"},
    {Kind::stage, "stage"},
    {Kind::lookup, "lookup"},
    {Kind::socket_queues, "socket-queues"},
    {Kind::stream_read, "stream-read"},
    {Kind::data_call, "data-call"},
    {Kind::rule_verdict, "rule-verdict"},
    {Kind::local_queues, "local-queues"},
    {Kind::local_read, "local-read"},
    {Kind::tcp_variables, "tcp-variables"},
    {Kind::tcp_segment_judged, "tcp-segment-judged"},
    {Kind::rule_expression, "rule-expression"},
};

struct IcmpWord {
  std::uint8_t type;
  std::int16_t code;  // -1: any
  std::string_view words;
};

// RFC 792, RFC 1191, RFC 1812.
constexpr IcmpWord icmp_words[] = {
    {0, -1, "echo reply"},
    {8, -1, "echo request"},
    {3, 0, "network unreachable"},
    {3, 1, "host unreachable"},
    {3, 2, "protocol unreachable"},
    {3, 3, "port unreachable"},
    {3, 4, "fragmentation needed"},
    {3, 13, "administratively prohibited"},
    {5, -1, "redirect"},
    {11, 0, "time exceeded"},
    {11, 1, "reassembly time exceeded"},
    {12, -1, "parameter problem"},
};

// RFC 4443.
constexpr IcmpWord icmpv6_words[] = {
    {128, -1, "echo request"},          {129, -1, "echo reply"},
    {1, 0, "no route to destination"},  {1, 1, "administratively prohibited"},
    {1, 3, "address unreachable"},      {1, 4, "port unreachable"},
    {2, -1, "packet too big"},          {3, 0, "hop limit exceeded"},
    {3, 1, "reassembly time exceeded"}, {4, -1, "parameter problem"},
};

template <std::size_t n>
std::string icmp_in(const IcmpWord (&table)[n], const Packet& packet) {
  for (const IcmpWord& word : table)
    if (word.type == packet.icmp_type() && (word.code < 0 || word.code == packet.icmp_code()))
      return std::string(word.words);
  return fmt::format("type {} code {}", packet.icmp_type(), packet.icmp_code());
}

}  // namespace

std::string Names::process(ProcessId id) const {
  return id.valid() ? fmt::format("process {}", id.value) : "the kernel";
}
std::string Names::socket(SocketId id) const {
  return id.valid() ? fmt::format("socket {}", id.value) : "no socket";
}
std::string Names::error(std::uint8_t number) const {
  return number == 0 ? "" : fmt::format("error {}", number);
}

std::string_view name_of(Kind kind) {
  for (const KindName& entry : kind_names)
    if (entry.kind == kind) return entry.name;
  return "?";
}

bool from_name(std::string_view name, Kind& kind) {
  for (const KindName& entry : kind_names) {
    if (entry.name != name) continue;
    kind = entry.kind;
    return true;
  }
  return false;
}

std::string_view host_name(const Tables& tables, HostId host) {
  const auto& hosts = tables.topology.hosts;
  return host.value < hosts.size() ? tables.strings[hosts[host.value].name] : std::string_view();
}

std::string interface_name(const Tables& tables, InterfaceId interface) {
  const auto& interfaces = tables.topology.interfaces;
  return interface.value < interfaces.size() ? std::string(tables.strings[interfaces[interface.value].name]) : "";
}

std::string_view network_name(const Tables& tables, NetworkId network) {
  const auto& networks = tables.topology.networks;
  return network.value < networks.size() ? tables.strings[networks[network.value].name] : std::string_view();
}

std::string time_text(Time time) {
  const bool negative = time.ns < 0;
  const std::uint64_t ns = negative ? 0 - static_cast<std::uint64_t>(time.ns) : static_cast<std::uint64_t>(time.ns);
  const std::uint64_t below = ns % 1'000'000'000;
  std::string text =
      fmt::format("{}{}.{:03} {:03}", negative ? "-" : "", ns / 1'000'000'000, below / 1'000'000, below / 1000 % 1000);
  if (below % 1000 != 0) text += fmt::format(" {:03}", below % 1000);
  return text + " s";
}

std::string endpoint_text(const Tables& tables, AddressId address, std::uint16_t port, bool star) {
  if (address.value >= tables.addresses.size()) return fmt::format("?:{}", port);
  const IpAddress& ip = tables.addresses[address];
  const bool brackets = ip.family == Family::ipv6;
  if (star && ip.is_wildcard()) return fmt::format("{}:{}", brackets ? "[::]" : "*", port);
  return fmt::format("{}{}{}:{}", brackets ? "[" : "", ip.to_string(), brackets ? "]" : "", port);
}

std::string_view protocol_name(Protocol protocol) {
  switch (protocol) {
    case Protocol::tcp:
      return "TCP";
    case Protocol::udp:
      return "UDP";
    case Protocol::icmp:
      return "ICMP";
    case Protocol::icmpv6:
      return "ICMPv6";
    case Protocol::none:
      break;
  }
  return "IP";
}

std::string flags_text(std::uint8_t flags) {
  constexpr std::string_view names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
  constexpr int order[] = {1, 0, 2, 3, 4, 5, 6, 7};
  std::string text;
  for (int bit : order) {
    if ((flags >> bit & 1) == 0) continue;
    if (!text.empty()) text += ", ";
    text += names[bit];
  }
  return text;
}

std::string icmp_text(const Packet& packet) {
  return packet.protocol == Protocol::icmpv6 ? icmp_in(icmpv6_words, packet) : icmp_in(icmp_words, packet);
}

std::string packet_words(PacketId id, const Names& names) {
  Packet packet;
  return names.packet(id, packet) ? packet_text(packet) : fmt::format("packet {}", id.value);
}

std::string packet_text(const Packet& packet) {
  std::string text(protocol_name(packet.protocol));
  const bool fragment = (packet.fragment_flags & FragmentFlag::is_fragment) != 0;
  if (fragment && packet.fragment_offset != 0)
    return text + fmt::format(" fragment at {}, {} bytes", packet.fragment_offset * 8, packet.payload_length);
  if (packet.protocol == Protocol::icmp || packet.protocol == Protocol::icmpv6) {
    text += " " + icmp_text(packet);
  } else if (packet.protocol == Protocol::tcp || packet.protocol == Protocol::udp) {
    text += fmt::format(" {}→{}", packet.source_port, packet.destination_port);
  }
  if (packet.protocol == Protocol::tcp) {
    text += fmt::format(" [{}] seq {}", flags_text(packet.flags), packet.seq.raw);
    if (packet.has(TcpFlag::ack)) text += fmt::format(" ack {}", packet.ack.raw);
  }
  if (packet.payload_length != 0 && packet.payload_kind != PayloadKind::quote)
    text += fmt::format(" {} {}", packet.payload_length, packet.payload_length == 1 ? "byte" : "bytes");
  if (fragment) text += ", first fragment";
  return text;
}

std::string_view synproxy_words(const Packet& segment) {
  if (!segment.has(TcpFlag::syn)) return "takes the cookie back and asks the server";
  return segment.has(TcpFlag::ack) ? "answers the server itself and opens the window to the client"
                                   : "answers the SYN itself with a cookie";
}

std::string drop_text(const PacketDropped& drop, const Packet* packet) {
  switch (drop.reason) {
    case DropReason::no_socket: {
      if (packet == nullptr) return fmt::format("refused: {}", words_of(drop.reason));
      const bool tcp = packet->protocol == Protocol::tcp;
      const bool answered = !tcp || !packet->has(TcpFlag::rst);
      const std::string_view answer = !answered ? "" : tcp ? " (RST)" : " (ICMP port unreachable)";
      return fmt::format("refused: nothing listens on {}{}", packet->destination_port, answer);
    }
    case DropReason::no_route:
    case DropReason::ttl_expired:
    case DropReason::too_big:
    case DropReason::no_neighbour:
    case DropReason::not_for_this_host:
      return fmt::format("undeliverable: {}", words_of(drop.reason));
    case DropReason::link_failed:
      return fmt::format("lost: {}", words_of(drop.reason));
    case DropReason::link_loss:
    case DropReason::link_fault:
    case DropReason::rule:
      return std::string(words_of(drop.reason));
    default:
      return fmt::format("dropped: {}", words_of(drop.reason));
  }
}

}  // namespace fourtuple::trace
