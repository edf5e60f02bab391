#include "sim/drill/run/match.h"

#include <fmt/format.h>

namespace fourtuple::drill {
namespace {

// CWR and ECE as the lower bits of the ACE field, AE above them (RFC 9768).
std::uint8_t ace_of(const Segment& segment) {
  return static_cast<std::uint8_t>((segment.accurate_ecn ? 4 : 0) | (segment.has(TcpFlag::cwr) ? 2 : 0) |
                                   (segment.has(TcpFlag::ece) ? 1 : 0));
}

std::string is_not(std::string_view what, std::uint64_t actual, std::uint64_t expected) {
  return fmt::format("{} is {}, not {}", what, actual, expected);
}

std::optional<std::string> differing_flags(const TcpSpec& expected, const Segment& actual) {
  constexpr std::uint8_t ecn = TcpFlag::ece | TcpFlag::cwr;
  const auto compared = static_cast<std::uint8_t>(expected.ace ? actual.flags & ~ecn : actual.flags);
  const bool ae = !expected.ace && expected.accurate_ecn != actual.accurate_ecn;
  if (compared != expected.flags || ae)
    return fmt::format("the flags are {}, not {}", flags_text(actual.flags, actual.accurate_ecn),
                       flags_text(expected.flags, expected.accurate_ecn));
  if (expected.ace && *expected.ace != ace_of(actual)) return is_not("the ACE field", ace_of(actual), *expected.ace);
  return std::nullopt;
}

std::optional<std::string> differing_options(const TcpSpec& expected, const Segment& actual) {
  if (expected.any_options) return std::nullopt;
  bool same = expected.options.size() == actual.options.size();
  for (std::size_t i = 0; same && i < expected.options.size(); ++i) {
    const TcpOptionSpec &wanted = expected.options[i], &found = actual.options[i];
    same = wanted.kind == found.kind;
    if (wanted.kind == OptionKind::timestamps) continue;
    same = same && wanted.numbers == found.numbers && wanted.bytes == found.bytes && wanted.fields == found.fields;
  }
  if (same) return std::nullopt;
  return fmt::format("the options are {}, not {}", text_of(actual.options), text_of(expected.options));
}

std::optional<std::string> differing_tcp(const TcpSpec& expected, const Segment& actual) {
  if (actual.protocol != Protocol::tcp) return "it is no TCP segment";
  if (auto text = differing_flags(expected, actual)) return text;
  if (actual.seq != expected.seq) return is_not("its first sequence number", actual.seq, expected.seq);
  if (actual.length != expected.length) return is_not("its length", actual.length, expected.length);
  if (actual.has(TcpFlag::ack) && actual.ack != expected.ack.value_or(0))
    return is_not("ack", actual.ack, expected.ack.value_or(0));
  if (expected.window && *expected.window != actual.window) return is_not("win", actual.window, *expected.window);
  if (actual.urgent != expected.urgent.value_or(0)) return is_not("urg", actual.urgent, expected.urgent.value_or(0));
  return differing_options(expected, actual);
}

std::optional<std::string> differing_ip(const IpFields& expected, const Segment& actual) {
  const auto ecn = static_cast<std::uint8_t>(actual.traffic_class & 3);
  if (expected.ecn) {
    constexpr std::uint8_t bits[] = {0, 2, 1, 3};  // noecn, ect0, ect1, ce (RFC 3168)
    const bool either = *expected.ecn == IpFields::Ecn::either;
    const bool good = either ? ecn == 1 || ecn == 2 : ecn == bits[static_cast<std::size_t>(*expected.ecn)];
    if (!good) return fmt::format("the ECN bits of its IP header are {:02b}", ecn);
  }
  if (expected.tos && *expected.tos != actual.traffic_class) return is_not("tos", actual.traffic_class, *expected.tos);
  if (expected.ttl && *expected.ttl != actual.ttl) return is_not("ttl", actual.ttl, *expected.ttl);
  return std::nullopt;
}

std::string text_of_tcp(const TcpSpec& tcp) {
  std::string flags = flags_text(tcp.flags, tcp.accurate_ecn);
  if (tcp.ace) flags = (flags == "-" ? "" : flags) + std::to_string(*tcp.ace);
  std::string text = fmt::format("{} {}:{}({})", flags, tcp.seq, tcp.seq + tcp.length, tcp.length);
  if (tcp.ports) text = fmt::format("{} > {} {}", tcp.ports->source, tcp.ports->destination, text);
  if (tcp.ack) text += fmt::format(" ack {}", *tcp.ack);
  if (tcp.window) text += fmt::format(" win {}", *tcp.window);
  if (tcp.urgent) text += fmt::format(" urg {}", *tcp.urgent);
  if (tcp.any_options) return text + " <...>";
  return tcp.options.empty() ? text : text + " " + text_of(tcp.options);
}

}  // namespace

std::optional<std::string> mismatch(const PacketSpec& expected, const Segment& actual) {
  if (auto text = differing_ip(expected.ip, actual)) return text;
  if (const auto* tcp = std::get_if<TcpSpec>(&expected.content)) return differing_tcp(*tcp, actual);
  if (const auto* udp = std::get_if<UdpSpec>(&expected.content)) {
    if (actual.protocol != Protocol::udp) return "it is no datagram of UDP";
    if (actual.length != udp->length) return is_not("its length", actual.length, udp->length);
    return std::nullopt;
  }
  return "packets of ICMP are not compared";
}

std::string text_of(const PacketSpec& packet) {
  const std::string direction = packet.inbound ? "< " : "> ";
  if (const auto* tcp = std::get_if<TcpSpec>(&packet.content)) return direction + text_of_tcp(*tcp);
  if (const auto* udp = std::get_if<UdpSpec>(&packet.content)) return direction + fmt::format("udp ({})", udp->length);
  const auto& icmp = std::get<IcmpSpec>(packet.content);
  return direction + "icmp " + icmp.type + (icmp.code.empty() ? "" : " " + icmp.code);
}

bool append_segment(Segment& whole, const Segment& next) {
  constexpr std::uint8_t alike = TcpFlag::syn | TcpFlag::rst | TcpFlag::ack | TcpFlag::ece;
  const bool joins = next.protocol == whole.protocol && next.length != 0 && next.seq == whole.seq + whole.length &&
                     next.ack == whole.ack && next.window == whole.window && ((next.flags ^ whole.flags) & alike) == 0;
  if (!joins) return false;
  whole.length += next.length;
  whole.flags = static_cast<std::uint8_t>(whole.flags | (next.flags & (TcpFlag::fin | TcpFlag::psh)));
  return true;
}

}  // namespace fourtuple::drill
