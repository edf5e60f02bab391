// Exact quantities and small notations of the scenario format. Decimals are read with integer arithmetic; a value that
// is not a whole number of base units (nanoseconds, bits per second, bytes) is refused. All return nothing on bad text.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/base/random.h"
#include "sim/base/time.h"
#include "sim/world/scenario/scenario.h"

namespace fourtuple::world {

std::optional<Duration> parse_duration(std::string_view text);      // "1.5 ms"; 0 needs no unit
std::optional<std::uint64_t> parse_rate(std::string_view text);     // "100 Mbit/s" in bit/s
std::optional<std::uint64_t> parse_size(std::string_view text);     // "64 KiB", "100" in bytes
std::optional<std::uint32_t> parse_packets(std::string_view text);  // "50 packets", "50"
std::optional<Ratio> parse_percent(std::string_view text);          // "0.1 %", at most 100 %
std::optional<std::uint64_t> parse_integer(std::string_view text);  // digits only
std::optional<std::uint16_t> parse_port(std::string_view text);     // 0 to 65535
std::optional<PortRange> parse_port_range(std::string_view text);   // "80", "1024-65535"
// "8080,9000-9010"; "" is no port.
std::optional<std::vector<PortRange>> parse_port_list(std::string_view text);
// The value of a setting as `net.ipv4.…` takes it; 0 where the text is none (the key table says what fits).
SysctlSetting parse_sysctl(Sysctl sysctl, std::string_view text);
std::optional<bool> parse_boolean(std::string_view text);  // true, false

// "server:80", "[2001:db8::1]:80", ":80", "server". The port is absent without ':'.
struct HostPort {
  std::string_view host;
  std::optional<PortRange> port;
};
std::optional<HostPort> parse_host_port(std::string_view text);

// "tcp 0.0.0.0:80", "udp [::]:53", "127.0.0.1:8000". Protocol::none when not named.
struct ProtocolHostPort {
  Protocol protocol = Protocol::none;
  HostPort at;
};
std::optional<ProtocolHostPort> parse_protocol_host_port(std::string_view text);

// "unix:/run/app.sock" or, abstract, "unix:@app": what follows the colon, 107 bytes at most (sun_path).
std::optional<std::string> parse_unix_address(std::string_view text);

// "SYN", "SYN ACK", "FIN+ACK". SYN, FIN and RST must be set exactly as named, and ACK too when SYN is named; other
// flags are only required when named.
struct FlagPattern {
  std::uint8_t set = 0;
  std::uint8_t clear = 0;
};
std::optional<FlagPattern> parse_flags(std::string_view text);

// A name of a host, socket and so on: a letter, then letters, digits, '-' and '_'; 32 at most.
bool is_name(std::string_view text);

}  // namespace fourtuple::world
