#include "sim/world/scenario/quantity.h"

#include <numeric>

namespace fourtuple::world {
namespace {

struct NamedUnit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr NamedUnit time_units[] = {{"ns", 1},
                                    {"us", 1'000},
                                    {"µs", 1'000},
                                    {"ms", 1'000'000},
                                    {"s", 1'000'000'000},
                                    {"min", 60'000'000'000},
                                    {"h", 3'600'000'000'000}};
constexpr NamedUnit rate_units[] = {{"bit/s", 1}, {"kbit/s", 1'000}, {"Mbit/s", 1'000'000}, {"Gbit/s", 1'000'000'000}};
constexpr NamedUnit size_units[] = {{"", 1},       {"B", 1},          {"KB", 1'000},       {"kB", 1'000},
                                    {"KiB", 1024}, {"MB", 1'000'000}, {"MiB", 1024 * 1024}};
constexpr NamedUnit packet_units[] = {{"", 1}, {"packets", 1}, {"packet", 1}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// A decimal as digits over a power of ten: "1.25" is 125 / 100. At most 18 digits.
struct Decimal {
  std::uint64_t digits = 0;
  std::uint64_t scale = 1;
};

std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal decimal;
  std::size_t i = 0, count = 0;
  bool point = false;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !point && count > 0 && i + 1 < text.size() && is_digit(text[i + 1])) {
      point = true;
      continue;
    }
    if (!is_digit(text[i])) break;
    if (++count > 18) return std::nullopt;
    decimal.digits = decimal.digits * 10 + static_cast<std::uint64_t>(text[i] - '0');
    if (point) decimal.scale *= 10;
  }
  if (count == 0) return std::nullopt;
  text = trimmed(text.substr(i));
  return decimal;
}

template <std::size_t n>
std::optional<std::uint64_t> quantity(std::string_view text, const NamedUnit (&units)[n]) {
  const auto decimal = take_decimal(text);
  if (!decimal) return std::nullopt;
  if (decimal->digits == 0 && text.empty()) return 0;
  for (const NamedUnit& unit : units) {
    if (unit.name != text) continue;
    const std::uint64_t common = std::gcd(unit.factor, decimal->scale);
    const std::uint64_t factor = unit.factor / common, scale = decimal->scale / common;
    std::uint64_t product = 0;
    if (decimal->digits % scale != 0 || __builtin_mul_overflow(decimal->digits / scale, factor, &product))
      return std::nullopt;
    return product;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto ns = quantity(trimmed(text), time_units);
  // Ten years: sums of a few instants stay far from the end of the 64-bit range.
  constexpr std::uint64_t longest = 10ull * 366 * 24 * 3'600'000'000'000ull;
  if (!ns || *ns > longest) return std::nullopt;
  return Duration{static_cast<std::int64_t>(*ns)};
}

std::optional<std::uint64_t> parse_rate(std::string_view text) {
  return quantity(trimmed(text), rate_units);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return quantity(trimmed(text), size_units);
}

std::optional<std::uint32_t> parse_packets(std::string_view text) {
  const auto packets = quantity(trimmed(text), packet_units);
  if (!packets || *packets > 1'000'000'000) return std::nullopt;
  return static_cast<std::uint32_t>(*packets);
}

std::optional<Ratio> parse_percent(std::string_view text) {
  text = trimmed(text);
  const auto decimal = take_decimal(text);
  if (!decimal || (text != "%" && !(text.empty() && decimal->digits == 0))) return std::nullopt;
  if (decimal->scale > 10'000'000'000'000'000ull) return std::nullopt;
  const std::uint64_t whole = decimal->scale * 100;
  if (decimal->digits > whole) return std::nullopt;
  const std::uint64_t common = std::gcd(decimal->digits, whole);
  return Ratio{decimal->digits / common, whole / common};
}

std::optional<std::uint64_t> parse_integer(std::string_view text) {
  if (text.empty() || text.size() > 20) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c) || __builtin_mul_overflow(value, 10u, &value) ||
        __builtin_add_overflow(value, static_cast<std::uint64_t>(c - '0'), &value))
      return std::nullopt;
  }
  return value;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto value = parse_integer(text);
  if (!value || *value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

std::optional<PortRange> parse_port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) {
    const auto port = parse_port(trimmed(text));
    if (!port) return std::nullopt;
    return PortRange{*port, *port};
  }
  const auto first = parse_port(trimmed(text.substr(0, dash))), last = parse_port(trimmed(text.substr(dash + 1)));
  if (!first || !last || *first > *last) return std::nullopt;
  return PortRange{*first, *last};
}

std::optional<std::vector<PortRange>> parse_port_list(std::string_view text) {
  std::vector<PortRange> list;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const auto range = parse_port_range(text.substr(0, comma));
    if (!range || comma + 1 == text.size()) return std::nullopt;
    list.push_back(*range);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return list;
}

SysctlSetting parse_sysctl(Sysctl sysctl, std::string_view text) {
  SysctlSetting setting;
  setting.sysctl = sysctl;
  const std::size_t space = text.find(' ');
  setting.value = static_cast<std::int64_t>(parse_integer(text.substr(0, space)).value_or(0));
  if (space != std::string_view::npos)
    setting.high = static_cast<std::int64_t>(parse_integer(text.substr(space + 1)).value_or(0));
  if (sysctl == Sysctl::ip_local_reserved_ports)
    setting.ports = parse_port_list(text).value_or(std::vector<PortRange>{});
  return setting;
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  HostPort result;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    result.host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return std::nullopt;
  } else {
    const std::size_t colon = text.find(':');
    // Two colons without brackets: an IPv6 address alone.
    if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos) {
      result.host = text;
      return result;
    }
    result.host = text.substr(0, colon);
    if (colon != std::string_view::npos) rest = text.substr(colon);
  }
  if (rest.empty()) return result.host.empty() ? std::nullopt : std::optional(result);
  result.port = parse_port_range(rest.substr(1));
  if (!result.port) return std::nullopt;
  return result;
}

std::optional<ProtocolHostPort> parse_protocol_host_port(std::string_view text) {
  ProtocolHostPort result;
  if (text.starts_with("tcp ")) result.protocol = Protocol::tcp;
  if (text.starts_with("udp ")) result.protocol = Protocol::udp;
  if (result.protocol != Protocol::none) text = trimmed(text.substr(4));
  const auto at = parse_host_port(text);
  if (!at) return std::nullopt;
  result.at = *at;
  return result;
}

std::optional<FlagPattern> parse_flags(std::string_view text) {
  struct Flag {
    std::string_view name;
    std::uint8_t bit;
  };
  constexpr Flag flags[] = {{"FIN", TcpFlag::fin}, {"SYN", TcpFlag::syn}, {"RST", TcpFlag::rst}, {"PSH", TcpFlag::psh},
                            {"ACK", TcpFlag::ack}, {"URG", TcpFlag::urg}, {"ECE", TcpFlag::ece}, {"CWR", TcpFlag::cwr}};
  FlagPattern pattern;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" +,"), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    std::uint8_t bit = 0;
    for (const Flag& flag : flags)
      if (flag.name == word) bit = flag.bit;
    if (bit == 0) return std::nullopt;
    pattern.set |= bit;
  }
  if (pattern.set == 0) return std::nullopt;
  pattern.clear = (TcpFlag::syn | TcpFlag::fin | TcpFlag::rst) & ~pattern.set;
  if ((pattern.set & TcpFlag::syn) != 0 && (pattern.set & TcpFlag::ack) == 0) pattern.clear |= TcpFlag::ack;
  return pattern;
}

std::optional<std::string> parse_unix_address(std::string_view text) {
  constexpr std::string_view before = "unix:";
  constexpr std::size_t longest = 107;
  if (!text.starts_with(before)) return std::nullopt;
  text.remove_prefix(before.size());
  if (text.size() < 2 || text.size() > longest || (text[0] != '/' && text[0] != '@')) return std::nullopt;
  return std::string(text);
}

bool is_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (text.empty() || text.size() > 32 || !letter(text[0])) return false;
  for (const char c : text)
    if (!letter(c) && !is_digit(c) && c != '-' && c != '_') return false;
  return true;
}

}  // namespace fourtuple::world
