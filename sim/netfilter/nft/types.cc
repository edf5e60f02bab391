#include "sim/netfilter/nft/types.h"

#include <algorithm>
#include <fmt/core.h>

#include "sim/netfilter/nft/symbols.h"

namespace fourtuple::nft {
namespace {

constexpr TypeInfo all_types[] = {{Type::invalid, "invalid", 0, false},
                                  {Type::verdict, "verdict", 0, false},
                                  {Type::nf_proto, "nf_proto", 8, false},
                                  {Type::bitmask, "bitmask", 0, false},
                                  {Type::integer, "integer", 0, false},
                                  {Type::string, "string", 0, false},
                                  {Type::ll_addr, "ll_addr", 0, false},
                                  {Type::ipv4_addr, "ipv4_addr", 32, false},
                                  {Type::ipv6_addr, "ipv6_addr", 128, false},
                                  {Type::ether_addr, "ether_addr", 48, false},
                                  {Type::ether_type, "ether_type", 16, false},
                                  {Type::inet_proto, "inet_proto", 8, false},
                                  {Type::inet_service, "inet_service", 16, false},
                                  {Type::icmp_type, "icmp_type", 8, false},
                                  {Type::tcp_flag, "tcp_flag", 8, true},
                                  {Type::mark, "mark", 32, false},
                                  {Type::iface_index, "iface_index", 32, false},
                                  {Type::iface_type, "iface_type", 16, false},
                                  {Type::ifname, "ifname", 128, false},
                                  {Type::uid, "uid", 32, false},
                                  {Type::gid, "gid", 32, false},
                                  {Type::ct_state, "ct_state", 32, true},
                                  {Type::ct_dir, "ct_dir", 8, false},
                                  {Type::ct_status, "ct_status", 32, true},
                                  {Type::ct_label, "ct_label", 128, true},
                                  {Type::ct_event, "ct_event", 32, true},
                                  {Type::icmpv6_type, "icmpv6_type", 8, false},
                                  {Type::icmp_code, "icmp_code", 8, false},
                                  {Type::icmpv6_code, "icmpv6_code", 8, false},
                                  {Type::icmpx_code, "icmpx_code", 8, false},
                                  {Type::devgroup, "devgroup", 32, false},
                                  {Type::dscp, "dscp", 6, false},
                                  {Type::ecn, "ecn", 2, false},
                                  {Type::fib_addrtype, "fib_addrtype", 32, false},
                                  {Type::boolean, "boolean", 1, false},
                                  {Type::packet_type, "pkt_type", 8, false},
                                  {Type::time, "time", 64, false},
                                  {Type::day, "day", 8, false},
                                  {Type::hour, "hour", 32, false},
                                  {Type::realm, "realm", 32, false},
                                  {Type::classid, "classid", 32, false},
                                  {Type::arp_op, "arp_op", 16, false},
                                  {Type::cgroupsv2, "cgroupsv2", 64, false},
                                  {Type::dccp_pkttype, "dccp_pkttype", 4, false},
                                  {Type::igmp_type, "igmp_type", 8, false},
                                  {Type::mh_type, "mh_type", 8, false}};
static_assert(std::size(all_types) == static_cast<std::size_t>(Type::mh_type) + 1);

constexpr std::uint64_t second_ns = 1'000'000'000;

std::string decimal(Value value) {
  if (value.high == 0) return std::to_string(value.low);
  std::string digits;
  while (!value.zero()) {  // long division by ten, 32 bits at a time
    std::uint64_t rest = 0;
    for (std::uint64_t* half : {&value.high, &value.low}) {
      const std::uint64_t upper = (rest << 32) | (*half >> 32);
      const std::uint64_t lower = ((upper % 10) << 32) | (*half & 0xffffffffu);
      *half = ((upper / 10) << 32) | (lower / 10);
      rest = lower % 10;
    }
    digits += static_cast<char>('0' + rest);
  }
  return {digits.rbegin(), digits.rend()};
}

std::string hexadecimal(Value value, std::size_t digits = 1) {
  if (value.high != 0) return fmt::format("0x{:x}{:016x}", value.high, value.low);
  return fmt::format("0x{:0{}x}", value.low, digits);
}

std::string quoted_name(Value value) {
  std::string name;
  for (int i = 0; i < 16; ++i) {
    const char c = static_cast<char>((i < 8 ? value.high : value.low) >> (8 * (7 - i % 8)));
    if (c == 0) break;
    name += c;
  }
  if (name.ends_with('*')) name.insert(name.size() - 1, "\\");  // a star that is no wildcard
  return '"' + name + '"';
}

std::string link_address(Value value, std::uint32_t bits) {
  std::string text;
  for (std::uint32_t at = bits; at >= 8; at -= 8) {
    const std::uint64_t word = at > 64 ? value.high >> (at - 72) : value.low >> (at - 8);
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", word & 0xff);
  }
  return text;
}

// Days since 1970-01-01 of a date of the Gregorian calendar, counted in eras of 400 years that begin in March.
std::int64_t days_of(std::int64_t year, unsigned month, unsigned day_of_month) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day_of_month - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

std::string date(std::uint64_t nanoseconds) {
  const std::uint64_t seconds = nanoseconds / second_ns;
  const std::uint64_t days = seconds / 86400 + 719468, of_day = seconds % 86400;
  const std::uint64_t era = days / 146097, day_of_era = days % 146097;
  const std::uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint64_t shifted = (5 * day_of_year + 2) / 153;
  const std::uint64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return fmt::format("\"{:04}-{:02}-{:02} {:02}:{:02}:{:02}\"", year_of_era + era * 400 + (month <= 2), month,
                     day_of_year - (153 * shifted + 2) / 5 + 1, of_day / 3600, of_day / 60 % 60, of_day % 60);
}

std::string hour_of_day(std::uint64_t seconds) {
  seconds %= 86400;
  const std::string minutes = fmt::format("{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
  return seconds % 60 == 0 ? '"' + minutes + '"' : fmt::format("\"{}:{:02}\"", minutes, seconds % 60);
}

// Reads digits up to `separator` (or the end, for 0) and takes them off the text.
std::optional<unsigned> take_number(std::string_view& text, char separator) {
  unsigned number = 0;
  std::size_t i = 0;
  for (; i < text.size() && i < 5 && text[i] >= '0' && text[i] <= '9'; ++i)
    number = number * 10 + static_cast<unsigned>(text[i] - '0');
  if (i == 0 || (separator != 0 && (i == text.size() || text[i] != separator))) return std::nullopt;
  text.remove_prefix(separator != 0 ? i + 1 : i);
  return number;
}

std::optional<std::uint64_t> seconds_of_day(std::string_view word) {
  const auto hours = take_number(word, ':');
  if (!hours || *hours > 23) return std::nullopt;
  const auto minutes = take_number(word, 0);
  if (!minutes || *minutes > 59) return std::nullopt;
  unsigned seconds = 0;
  if (word.starts_with(':')) {
    word.remove_prefix(1);
    const auto given = take_number(word, 0);
    if (!given || *given > 59) return std::nullopt;
    seconds = *given;
  }
  if (!word.empty()) return std::nullopt;
  return *hours * 3600u + *minutes * 60u + seconds;
}

std::optional<Value> date_value(std::string_view word) {
  const auto year = take_number(word, '-');
  if (!year || *year < 1970 || *year > 2500) return std::nullopt;
  const auto month = take_number(word, '-');
  if (!month || *month < 1 || *month > 12) return std::nullopt;
  const auto day = take_number(word, 0);
  if (!day || *day < 1 || *day > 31) return std::nullopt;
  std::uint64_t of_day = 0;
  if (word.starts_with(' ')) {
    const auto given = seconds_of_day(word.substr(1));
    if (!given) return std::nullopt;
    of_day = *given;
  } else if (!word.empty()) {
    return std::nullopt;
  }
  return Value((static_cast<std::uint64_t>(days_of(*year, *month, *day)) * 86400 + of_day) * second_ns);
}

std::optional<Value> lookup(std::span<const Symbol> words, std::string_view word) {
  for (const Symbol& symbol : words)
    if (symbol.name == word) return Value(symbol.value);
  return std::nullopt;
}

std::string lower(std::string_view word) {
  std::string text(word);
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return text;
}

}  // namespace

const TypeInfo& info(Type type) {
  return all_types[static_cast<std::size_t>(type)];
}

bool is_type(std::uint8_t number) {
  return number < std::size(all_types);
}

std::optional<Type> type_named(std::string_view name) {
  for (const TypeInfo& entry : all_types)
    if (entry.name == name && entry.type != Type::invalid) return entry.type;
  return std::nullopt;
}

std::optional<Value> constant(Type type, std::string_view word) {
  switch (type) {
    case Type::inet_service:
      return lookup(services(), word);
    case Type::uid:
      if (word == "nogroup") return std::nullopt;
      return lookup(users(), word);
    case Type::gid:
      if (word == "nobody") return std::nullopt;
      return lookup(users(), word);
    case Type::inet_proto:
      return lookup(symbols(type), lower(word));
    case Type::time:
      return date_value(word);
    case Type::hour:
      if (const auto seconds = seconds_of_day(word)) return Value(*seconds);
      return std::nullopt;
    case Type::day:  // any case and any prefix that names one day
      for (const Symbol& symbol : symbols(type))
        if (!word.empty() && lower(symbol.name) == lower(word)) return Value(symbol.value);
      return std::nullopt;
    default:
      return lookup(symbols(type), word);
  }
}

std::optional<std::string_view> constant_name(Type type, Value value) {
  if (value.high != 0) return std::nullopt;
  for (const Symbol& symbol : symbols(type))
    if (symbol.value == value.low) return symbol.name;
  return std::nullopt;
}

std::vector<std::string> flag_names(Type type, Value value) {
  std::vector<std::string> names;
  for (int bit = 0; bit < 128; ++bit) {
    const Value one = bit < 64 ? Value(std::uint64_t{1} << bit) : Value(std::uint64_t{1} << (bit - 64), 0);
    if ((value & one).zero()) continue;
    const auto name = constant_name(type, one);
    names.push_back(type == Type::ct_label ? std::to_string(bit) : name ? std::string(*name) : hexadecimal(one));
  }
  return names;
}

std::string print_duration(std::uint64_t milliseconds) {
  constexpr struct {
    std::uint64_t length;
    const char* unit;
  } units[] = {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1000, "s"}, {1, "ms"}};
  std::string text;
  for (const auto& unit : units) {
    if (milliseconds >= unit.length) text += std::to_string(milliseconds / unit.length) + unit.unit;
    milliseconds %= unit.length;
  }
  return text;
}

std::string print_number(Type type, Value value, std::uint32_t bits) {
  if (bits == 0) bits = info(type).bits;
  switch (type) {
    case Type::ipv4_addr:
      return address_of(value, Family::ipv4).to_string();
    case Type::ipv6_addr:
      return address_of(value, Family::ipv6).to_string();
    case Type::ether_addr:
    case Type::ll_addr:
      return link_address(value, bits);
    case Type::mark:
      return hexadecimal(value, 8);
    case Type::ether_type:
      return hexadecimal(value, 4);
    case Type::dscp:
      return hexadecimal(value, 2);
    case Type::tcp_flag:
    case Type::ct_state:
    case Type::ct_status:
    case Type::ct_event:
    case Type::bitmask:
      return hexadecimal(value);
    case Type::string:
    case Type::ifname:
      return quoted_name(value);
    case Type::time:
      return bits > 32 ? date(value.low) : std::to_string(value.low / 1000) + "s";
    case Type::iface_index:
      return value == Value(1) ? "\"lo\"" : decimal(value);
    case Type::hour:
      return hour_of_day(value.low);
    case Type::classid:
      return fmt::format("{:x}:{:x}", value.low >> 16, value.low & 0xffff);
    default:
      return decimal(value);
  }
}

std::string print_value(Type type, Value value, std::uint32_t bits) {
  if (info(type).flags && !value.zero()) {
    std::string text;
    for (const std::string& name : flag_names(type, value)) text += (text.empty() ? "" : ",") + name;
    return text;
  }
  if (const auto name = constant_name(type, value)) {
    const bool quoted = type == Type::day || type == Type::devgroup || type == Type::realm;
    return quoted ? fmt::format("\"{}\"", *name) : std::string(*name);
  }
  if (type == Type::time && bits == 32) return print_duration(value.low);
  return print_number(type, value, bits);
}

}  // namespace fourtuple::nft
