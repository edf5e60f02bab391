#include "tests/kernel/packets.h"

#include <algorithm>
#include <string_view>

#include "sim/stack/packet_path.h"

namespace fourtuple::kernel_case {
namespace {

constexpr std::string_view flag_letters = "FSRPAUEC";  // bit 0 first

std::uint32_t number(const Json& spec, const char* key, std::uint32_t otherwise = 0) {
  const auto found = spec.find(key);
  return found == spec.end() || !found->is_number() ? otherwise
                                                    : static_cast<std::uint32_t>(found->get<std::int64_t>());
}

std::uint16_t number16(const Json& spec, const char* key, std::uint32_t otherwise = 0) {
  return static_cast<std::uint16_t>(number(spec, key, otherwise));
}

Protocol read_protocol(const Json& value) {
  if (value.is_number()) return static_cast<Protocol>(value.get<int>());
  const std::string text = value.get<std::string>();
  if (text == "tcp") return Protocol::tcp;
  if (text == "udp") return Protocol::udp;
  if (text == "icmp") return Protocol::icmp;
  if (text == "icmpv6") return Protocol::icmpv6;
  return static_cast<Protocol>(253);
}

AddressId read_address(const Json& spec, const char* key, stack::System& system) {
  return system.addresses.intern(IpAddress::parse(spec.at(key).get<std::string>()).value_or(IpAddress{}));
}

void read_tcp_option(const std::string& text, Packet& packet) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const int value = equals == std::string::npos ? 0 : std::atoi(text.c_str() + equals + 1);
  const auto set = [&](std::uint8_t option) { packet.options = static_cast<std::uint8_t>(packet.options | option); };
  if (name == "mss") {
    set(TcpOption::mss);
    packet.mss = static_cast<std::uint16_t>(value);
  } else if (name == "ws") {
    set(TcpOption::window_scale);
    packet.window_scale = static_cast<std::uint8_t>(value);
  } else if (name == "sackok") {
    set(TcpOption::sack_permitted);
  } else if (name == "ts") {
    set(TcpOption::timestamps);
    const std::size_t slash = text.find('/');
    packet.ts_value = static_cast<std::uint32_t>(value);
    if (slash != std::string::npos) packet.ts_echo = static_cast<std::uint32_t>(std::atoll(text.c_str() + slash + 1));
  }
}

void read_ports(const Json& spec, Packet& packet) {
  packet.source_port = number16(spec, "sport");
  packet.destination_port = number16(spec, "dport");
}

void read_tcp(const Json& spec, Packet& packet) {
  read_ports(spec, packet);
  packet.flags = flag_bits(spec.value("flags", ""));
  packet.seq = {number(spec, "seq")};
  packet.ack = {number(spec, "ack")};
  packet.window = number16(spec, "win", 65535);
  if (!spec.contains("opts")) return;
  for (const Json& option : spec["opts"]) read_tcp_option(option.get<std::string>(), packet);
}

bool too_big_v6(const Packet& packet) {
  return packet.protocol == Protocol::icmpv6 && packet.icmp_type() == 2;
}

void read_icmp(const Json& spec, Packet& packet, stack::System& system, ContentId filler) {
  packet.source_port = static_cast<std::uint16_t>((number(spec, "type") << 8) | number(spec, "code"));
  packet.destination_port = number16(spec, "id");
  packet.seq = {number16(spec, "icmpseq")};
  if (!spec.contains("inner")) return;
  const std::uint32_t rest = number(spec, "rest");
  packet.destination_port = too_big_v6(packet) ? std::uint16_t{0} : static_cast<std::uint16_t>(rest >> 16);
  packet.seq = {too_big_v6(packet) ? rest : rest & 0xffff};
  const Packet inner = read_packet(spec["inner"], system, filler);
  packet.payload_kind = PayloadKind::quote;
  packet.payload_source = static_cast<std::uint32_t>(system.quotes.size());
  packet.payload_length = std::min(stack::ip_length(system, inner), number(spec, "quote", 576));
  system.quotes.push_back(inner);
}

Json name_of_protocol(Protocol protocol) {
  switch (protocol) {
    case Protocol::tcp:
      return "tcp";
    case Protocol::udp:
      return "udp";
    case Protocol::icmp:
      return "icmp";
    case Protocol::icmpv6:
      return "icmpv6";
    default:
      return static_cast<int>(protocol);
  }
}

Json show_tcp_options(const Packet& packet) {
  Json out = Json::array();
  if (packet.has_option(TcpOption::mss)) out.push_back("mss=" + std::to_string(packet.mss));
  if (packet.has_option(TcpOption::sack_permitted)) out.push_back("sackok");
  if (packet.has_option(TcpOption::timestamps)) out.push_back("ts");
  if (packet.has_option(TcpOption::window_scale)) out.push_back("ws=" + std::to_string(packet.window_scale));
  return out;
}

// `there`: bytes of the transport part that were captured.
void show_tcp(const Packet& packet, Detail detail, std::uint32_t there, Json& out) {
  out["sport"] = packet.source_port;
  out["dport"] = packet.destination_port;
  out["seq"] = packet.seq.raw;
  if (there < 20) return;
  if (packet.has(TcpFlag::ack)) out["ack"] = packet.ack.raw;
  out["win"] = packet.window;
  out["flags"] = flag_text(packet.flags);
  out["len"] = packet.payload_length;
  if (detail == Detail::traced || there < transport_header_length(packet)) return;
  const Json options = show_tcp_options(packet);
  if (!options.empty()) out["opts"] = options;
}

void show_icmp(const Packet& packet, const stack::System& system, Detail detail, Json& out) {
  out["type"] = packet.icmp_type();
  out["code"] = packet.icmp_code();
  if (!is_icmp_error(packet)) {
    out["id"] = packet.destination_port;
    out["icmpseq"] = packet.seq.raw & 0xffff;
    out["len"] = packet.payload_length;
    return;
  }
  const std::uint32_t rest =
      too_big_v6(packet) ? packet.seq.raw : (std::uint32_t{packet.destination_port} << 16) | (packet.seq.raw & 0xffff);
  if (rest != 0) out["rest"] = rest;
  if (detail == Detail::traced || packet.payload_kind != PayloadKind::quote || packet.payload_length < 20) return;
  out["inner"] = show_packet(system.quotes[packet.payload_source], system, Detail::quoted, packet.payload_length);
}

}  // namespace

std::uint8_t flag_bits(const std::string& text) {
  unsigned bits = 0;
  for (const char letter : text) {
    const std::size_t bit = flag_letters.find(letter);
    if (bit != std::string_view::npos) bits |= 1u << bit;
  }
  return static_cast<std::uint8_t>(bits);
}

std::string flag_text(std::uint8_t bits) {
  std::string out;
  for (std::size_t bit = 0; bit < flag_letters.size(); ++bit)
    if ((bits >> bit & 1) != 0) out += flag_letters[bit];
  return out;
}

bool is_icmp_error(const Packet& packet) {
  const std::uint8_t type = packet.icmp_type();
  if (packet.protocol == Protocol::icmpv6) return type >= 1 && type <= 4;
  return packet.protocol == Protocol::icmp && (type == 3 || type == 4 || type == 5 || type == 11 || type == 12);
}

Packet read_packet(const Json& spec, stack::System& system, ContentId filler) {
  Packet packet;
  packet.source = read_address(spec, "src", system);
  packet.destination = read_address(spec, "dst", system);
  packet.protocol = read_protocol(spec.at("proto"));
  packet.ttl = static_cast<std::uint8_t>(number(spec, "ttl", 64));
  packet.traffic_class = static_cast<std::uint8_t>(number(spec, "tos"));
  packet.ip_id = number16(spec, "ipid");
  const bool v4 = system.addresses[packet.source].family == Family::ipv4;
  if (v4 && spec.value("df", true)) packet.fragment_flags = FragmentFlag::dont_fragment;
  if (spec.value("badsum", false))
    packet.fragment_flags = static_cast<std::uint8_t>(packet.fragment_flags | FragmentFlag::bad_checksum);
  packet.payload_length =
      spec.contains("data") ? static_cast<std::uint32_t>(spec["data"].get<std::string>().size()) : number(spec, "len");
  if (packet.payload_length != 0) {
    packet.payload_kind = PayloadKind::content;
    packet.payload_source = filler.value;
  }
  if (packet.protocol == Protocol::tcp) read_tcp(spec, packet);
  if (packet.protocol == Protocol::udp) read_ports(spec, packet);
  if (packet.protocol == Protocol::icmp || packet.protocol == Protocol::icmpv6) read_icmp(spec, packet, system, filler);
  return packet;
}

Json show_packet(const Packet& packet, const stack::System& system, Detail detail, std::uint32_t captured) {
  Json out;
  out["src"] = system.addresses[packet.source].to_string();
  out["dst"] = system.addresses[packet.destination].to_string();
  out["ttl"] = packet.ttl;
  if (packet.traffic_class != 0) out["tos"] = packet.traffic_class;
  out["proto"] = name_of_protocol(packet.protocol);
  if ((packet.fragment_flags & FragmentFlag::is_fragment) != 0 || packet.fragment_offset != 0) {
    const bool more = (packet.fragment_flags & FragmentFlag::more_fragments) != 0;
    out["frag"] = std::to_string(packet.fragment_offset * 8) + (more ? "+" : "");
  }
  const std::uint32_t length = stack::ip_length(system, packet) - stack::ip_header_length(system, packet);
  const std::uint32_t header = stack::ip_header_length(system, packet);
  const std::uint32_t there = captured < header ? 0 : std::min(length, captured - header);
  if (packet.fragment_offset != 0 || there < 8) {
    out["len"] = packet.fragment_offset != 0 ? there : length;
    return out;
  }
  switch (packet.protocol) {
    case Protocol::tcp:
      show_tcp(packet, detail, there, out);
      break;
    case Protocol::udp:
      out["sport"] = packet.source_port;
      out["dport"] = packet.destination_port;
      out["len"] = packet.payload_length;
      break;
    case Protocol::icmp:
    case Protocol::icmpv6:
      show_icmp(packet, system, detail, out);
      break;
    default:
      out["len"] = length;
  }
  if (detail == Detail::whole && (packet.fragment_flags & FragmentFlag::bad_checksum) != 0) out["badsum"] = true;
  return out;
}

}  // namespace fourtuple::kernel_case
