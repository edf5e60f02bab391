#include "sim/wire/fields.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/wire/decode.h"

namespace fourtuple {
namespace {

// Collects fields of one header after another; a field that is not wholly captured is left out.
class Lister {
 public:
  Lister(Bytes bytes, std::uint32_t start_offset, std::vector<Field>& out)
      : bytes_(bytes), shift_(start_offset), out_(out) {}

  void ethernet();
  void ip(std::uint32_t at, int nesting);

 private:
  bool has(std::uint32_t at, std::uint32_t length) const { return at <= bytes_.size() && length <= bytes_.size() - at; }
  std::uint8_t get8(std::uint32_t at) const { return bytes_[at]; }
  std::uint16_t get16(std::uint32_t at) const { return load16(bytes_.data() + at); }
  std::uint32_t get32(std::uint32_t at) const { return load32(bytes_.data() + at); }

  void header(std::string_view name, std::uint32_t at, std::uint32_t length, std::string value) {
    if (at >= bytes_.size()) return;
    length = std::min<std::uint32_t>(length, static_cast<std::uint32_t>(bytes_.size()) - at);
    out_.push_back({name, at + shift_, length, std::move(value), 0});
  }
  void add(std::string_view name, std::uint32_t at, std::uint32_t length, std::string value, std::uint8_t depth = 1) {
    if (has(at, length)) out_.push_back({name, at + shift_, length, std::move(value), depth});
  }
  void number8(std::string_view name, std::uint32_t at) {
    if (has(at, 1)) add(name, at, 1, std::to_string(get8(at)));
  }
  void number16(std::string_view name, std::uint32_t at) {
    if (has(at, 2)) add(name, at, 2, std::to_string(get16(at)));
  }
  void number32(std::string_view name, std::uint32_t at) {
    if (has(at, 4)) add(name, at, 4, std::to_string(get32(at)));
  }
  void hex16(std::string_view name, std::uint32_t at) {
    if (has(at, 2)) add(name, at, 2, fmt::format("0x{:04x}", get16(at)));
  }
  void mac(std::string_view name, std::uint32_t at);
  void ipv4(std::uint32_t at, const DecodedPacket& decoded);
  void ipv6(std::uint32_t at, const DecodedPacket& decoded);
  void transport(std::uint32_t at, const DecodedPacket& decoded, int nesting);
  void tcp(std::uint32_t at, const DecodedPacket& decoded);
  void tcp_options(std::uint32_t at, std::uint32_t end);
  void icmp(std::uint32_t at, const DecodedPacket& decoded, int nesting);
  void payload(std::uint32_t at, const DecodedPacket& decoded);

  Bytes bytes_;
  std::uint32_t shift_;
  std::vector<Field>& out_;
};

void Lister::mac(std::string_view name, std::uint32_t at) {
  if (!has(at, 6)) return;
  const std::uint8_t* b = bytes_.data() + at;
  add(name, at, 6, fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", b[0], b[1], b[2], b[3], b[4], b[5]));
}

void Lister::ethernet() {
  header("Ethernet", 0, 14, "");
  mac("Destination MAC", 0);
  mac("Source MAC", 6);
  std::uint32_t at = 12;
  while (has(at, 6) && (get16(at) == 0x8100 || get16(at) == 0x88a8 || get16(at) == 0x9100)) {
    add("VLAN", at, 4, std::to_string(get16(at + 2) & 0x0fff));
    at += 4;
  }
  if (!has(at, 2)) return;
  const std::uint16_t type = get16(at);
  add("Type", at, 2, type == 0x0800 ? "IPv4" : type == 0x86dd ? "IPv6" : fmt::format("0x{:04x}", type));
  if (type == 0x0800 || type == 0x86dd) ip(at + 2, 0);
}

void Lister::ip(std::uint32_t at, int nesting) {
  if (at >= bytes_.size()) return;
  DecodedPacket decoded;
  decode_packet(bytes_.subspan(at), 0, decoded);
  if (decoded.ip_header_length == 0) return;
  if (decoded.source.family == Family::ipv4)
    ipv4(at, decoded);
  else
    ipv6(at, decoded);
  if (decoded.stop == DecodeStop::ip_truncated || decoded.stop == DecodeStop::bad_ip_header) return;
  transport(at + decoded.ip_header_length, decoded, nesting);
}

std::string protocol_text(std::uint8_t number) {
  switch (number) {
    case 1:
      return "ICMP (1)";
    case 6:
      return "TCP (6)";
    case 17:
      return "UDP (17)";
    case 58:
      return "ICMPv6 (58)";
    default:
      return std::to_string(number);
  }
}

std::string fragment_text(const Packet& packet) {
  std::string text;
  if ((packet.fragment_flags & FragmentFlag::dont_fragment) != 0) text = "don't fragment";
  if ((packet.fragment_flags & FragmentFlag::is_fragment) != 0) {
    const bool more = (packet.fragment_flags & FragmentFlag::more_fragments) != 0;
    text += fmt::format("{}fragment at byte {}{}", text.empty() ? "" : ", ", packet.fragment_offset * 8,
                        more ? ", more follow" : ", the last");
  }
  return text.empty() ? "none" : text;
}

void Lister::ipv4(std::uint32_t at, const DecodedPacket& decoded) {
  const std::uint32_t fixed = (get8(at) & 0x0fu) * 4;
  header("IPv4", at, fixed, decoded.source.to_string() + " → " + decoded.destination.to_string());
  add("Version and header length", at, 1, fmt::format("4, {} bytes", fixed));
  number8("DSCP and ECN", at + 1);
  number16("Total length", at + 2);
  number16("Identification", at + 4);
  add("Fragmentation", at + 6, 2, fragment_text(decoded.packet));
  number8("Time to live", at + 8);
  if (has(at + 9, 1)) add("Protocol", at + 9, 1, protocol_text(get8(at + 9)));
  hex16("Header checksum", at + 10);
  add("Source address", at + 12, 4, decoded.source.to_string());
  add("Destination address", at + 16, 4, decoded.destination.to_string());
  if (fixed > 20) add("Options", at + 20, fixed - 20, fmt::format("{} bytes", fixed - 20));
}

void Lister::ipv6(std::uint32_t at, const DecodedPacket& decoded) {
  header("IPv6", at, 40, decoded.source.to_string() + " → " + decoded.destination.to_string());
  add("Version", at, 1, "6");
  if (has(at, 4)) {
    add("Traffic class", at, 2, std::to_string(decoded.packet.traffic_class));
    add("Flow label", at + 1, 3, fmt::format("0x{:05x}", get32(at) & 0xfffff));
  }
  number16("Payload length", at + 4);
  if (has(at + 6, 1)) add("Next header", at + 6, 1, protocol_text(get8(at + 6)));
  number8("Hop limit", at + 7);
  add("Source address", at + 8, 16, decoded.source.to_string());
  add("Destination address", at + 24, 16, decoded.destination.to_string());
  const std::uint32_t extension = decoded.ip_header_length - 40;
  if (extension != 0) {
    const bool fragment = (decoded.packet.fragment_flags & FragmentFlag::is_fragment) != 0;
    add("Extension headers", at + 40, extension,
        fragment ? fragment_text(decoded.packet) : fmt::format("{} bytes", extension));
  }
}

void Lister::transport(std::uint32_t at, const DecodedPacket& decoded, int nesting) {
  switch (decoded.packet.protocol) {
    case Protocol::tcp:
      if (decoded.stop != DecodeStop::later_fragment) tcp(at, decoded);
      break;
    case Protocol::udp:
      if (decoded.stop == DecodeStop::later_fragment) break;
      header("UDP", at, 8, fmt::format("{} → {}", decoded.packet.source_port, decoded.packet.destination_port));
      number16("Source port", at);
      number16("Destination port", at + 2);
      number16("Length", at + 4);
      hex16("Checksum", at + 6);
      break;
    case Protocol::icmp:
    case Protocol::icmpv6:
      if (decoded.stop != DecodeStop::later_fragment) return icmp(at, decoded, nesting);
      break;
    case Protocol::none:
      break;
  }
  payload(at + decoded.transport_header_length, decoded);
}

void Lister::payload(std::uint32_t at, const DecodedPacket& decoded) {
  if (decoded.payload_captured != 0)
    header("Payload", at, decoded.payload_captured, fmt::format("{} bytes", decoded.payload_length));
}

void Lister::tcp(std::uint32_t at, const DecodedPacket& decoded) {
  const Packet& packet = decoded.packet;
  header("TCP", at, std::max(20u, decoded.transport_header_length),
         fmt::format("{} → {}, {}", packet.source_port, packet.destination_port, tcp_flags_text(packet.flags)));
  number16("Source port", at);
  number16("Destination port", at + 2);
  number32("Sequence number", at + 4);
  number32("Acknowledgment number", at + 8);
  add("Header length", at + 12, 1, fmt::format("{} bytes", decoded.transport_header_length));
  add("Flags", at + 13, 1, tcp_flags_text(packet.flags));
  number16("Window", at + 14);
  hex16("Checksum", at + 16);
  number16("Urgent pointer", at + 18);
  if (decoded.transport_header_length > 20) tcp_options(at + 20, at + decoded.transport_header_length);
}

void Lister::tcp_options(std::uint32_t at, std::uint32_t end) {
  end = std::min<std::uint32_t>(end, static_cast<std::uint32_t>(bytes_.size()));
  while (at < end) {
    const std::uint8_t kind = get8(at);
    if (kind <= 1) {
      add(kind == 0 ? "End of options" : "No operation", at, 1, "", 2);
      if (kind == 0) return;
      ++at;
      continue;
    }
    if (at + 2 > end || get8(at + 1) < 2 || at + get8(at + 1) > end) return;
    const std::uint8_t length = get8(at + 1);
    if (kind == 2 && length == 4)
      add("Maximum segment size", at, 4, std::to_string(get16(at + 2)), 2);
    else if (kind == 3 && length == 3)
      add("Window scale", at, 3, fmt::format("{} (times {})", get8(at + 2), 1u << std::min<int>(get8(at + 2), 14)), 2);
    else if (kind == 4)
      add("SACK permitted", at, length, "", 2);
    else if (kind == 5)
      add("SACK blocks", at, length, std::to_string((length - 2) / 8), 2);
    else if (kind == 8 && length == 10)
      add("Timestamps", at, 10, fmt::format("{}, echo {}", get32(at + 2), get32(at + 6)), 2);
    else
      add("Option", at, length, fmt::format("kind {}", kind), 2);
    at += length;
  }
}

void Lister::icmp(std::uint32_t at, const DecodedPacket& decoded, int nesting) {
  const bool v6 = decoded.packet.protocol == Protocol::icmpv6;
  const std::uint8_t type = decoded.packet.icmp_type(), code = decoded.packet.icmp_code();
  const std::string words = icmp_text(v6, type, code);
  header(v6 ? "ICMPv6" : "ICMP", at, 8, words);
  add("Type", at, 1, fmt::format("{} ({})", type, words));
  number8("Code", at + 1);
  hex16("Checksum", at + 2);
  const bool echo = v6 ? type == 128 || type == 129 : type == 0 || type == 8;
  const bool error = v6 ? type >= 1 && type <= 4 : type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
  if (echo) {
    number16("Identifier", at + 4);
    number16("Sequence", at + 6);
  } else if (v6 && type == 2) {
    number32("MTU", at + 4);
  } else if (!v6 && type == 3 && code == 4) {
    number16("Next-hop MTU", at + 6);
  } else {
    hex16("Rest of header", at + 4);
  }
  // The quoted packet's own fields follow; a quote inside a quote is not legal and not followed.
  if (error && nesting == 0)
    ip(at + 8, nesting + 1);
  else
    payload(at + 8, decoded);
}

}  // namespace

std::vector<Field> list_fields(Bytes bytes, FieldStart start, std::uint32_t start_offset) {
  std::vector<Field> fields;
  Lister lister(bytes, start_offset, fields);
  if (start == FieldStart::ethernet)
    lister.ethernet();
  else
    lister.ip(0, 0);
  return fields;
}

std::string tcp_flags_text(std::uint8_t flags) {
  static constexpr std::string_view names[8] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
  std::string text;
  for (unsigned bit = 0; bit < 8; ++bit) {
    if ((flags >> bit & 1) == 0) continue;
    if (!text.empty()) text += ' ';
    text += names[bit];
  }
  return text.empty() ? "none" : text;
}

}  // namespace fourtuple
