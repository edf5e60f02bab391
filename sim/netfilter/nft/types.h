// The data types of the nft language: their size, and whether their values are flags (`a,b` means any of them).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/netfilter/nft/value.h"

namespace fourtuple::nft {

enum class Type : std::uint8_t {
  invalid,
  verdict,
  nf_proto,
  bitmask,
  integer,
  string,
  ll_addr,
  ipv4_addr,
  ipv6_addr,
  ether_addr,
  ether_type,
  inet_proto,
  inet_service,
  icmp_type,
  tcp_flag,
  mark,
  iface_index,
  iface_type,
  ifname,
  uid,
  gid,
  ct_state,
  ct_dir,
  ct_status,
  ct_label,
  ct_event,
  icmpv6_type,
  icmp_code,
  icmpv6_code,
  icmpx_code,
  devgroup,
  dscp,
  ecn,
  fib_addrtype,
  boolean,
  packet_type,
  time,
  day,
  hour,
  realm,
  classid,
  arp_op,
  cgroupsv2,
  dccp_pkttype,
  igmp_type,
  mh_type,
};

struct TypeInfo {
  Type type;
  std::string_view name;  // as nft prints it: "ipv4_addr"
  std::uint16_t bits;     // 0: depends on the selector
  bool flags;             // a set of flags
};

const TypeInfo& info(Type type);
// Whether a number read from outside is a Type.
bool is_type(std::uint8_t number);
std::optional<Type> type_named(std::string_view name);

// The value a symbolic constant of this type stands for ("established", "echo-request", "http", "tcp", "local").
// Also users, groups, protocols and services by name, as far as a plain Debian knows them; "2024-01-31 12:00:00" (UTC)
// as time in nanoseconds and "08:30" as hour in seconds. Addresses and plain numbers are the parser's.
std::optional<Value> constant(Type type, std::string_view word);
// How nft 1.0.6 prints a value of this type, `bits` wide (names, numbers, addresses; flags joined by commas). Bits 0:
// the type's own width. A time of 64 bits is a date in nanoseconds, one of 32 bits a duration in milliseconds.
// Interfaces by index are numbers here, but for lo, which is 1: only a host knows their names. Strings come in quotes.
std::string print_value(Type type, Value value, std::uint32_t bits);
// The same inside a range, where nft prints no names and durations in seconds.
std::string print_number(Type type, Value value, std::uint32_t bits);
// "1d2h3m4s5ms" as nft writes durations; nothing for 0.
std::string print_duration(std::uint64_t milliseconds);
// A flags value as its names, from the lowest bit; bits without a name follow as one hexadecimal number ("0x100").
std::vector<std::string> flag_names(Type type, Value value);
// The word of the type's table for this very value, if it has one.
std::optional<std::string_view> constant_name(Type type, Value value);

}  // namespace fourtuple::nft
