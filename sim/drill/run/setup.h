// What a script's options settle before it runs: addresses, ports, MTU, and how exact times must be.
#pragma once

#include <cstdint>
#include <string>

#include "sim/base/outcome.h"
#include "sim/base/time.h"
#include "sim/drill/language/script.h"
#include "sim/wire/address.h"

namespace fourtuple::drill {

struct Setup {
  enum class IpVersion : std::uint8_t { v4, v6, mapped };
  IpVersion ip_version = IpVersion::v4;  // mapped: IPv6 sockets, IPv4 packets
  IpAddress local, remote;               // on the wire
  std::uint8_t prefix_length = 16;       // of the local network
  std::uint16_t bind_port = 8080, connect_port = 8080;
  std::uint32_t mtu = 1500;
  Duration tolerance = microseconds(4000);
  std::int64_t tolerance_per_mille = 125;  // of the time since the event before: 12.5 %
  std::int64_t timestamp_tick_us = 0;      // 0: values of timestamps are not checked
  bool echo_any_timestamp = false;         // --tcp_ts_ecr_scaled
  bool strict_segments = false;
  bool packets_may_differ = false, calls_may_differ = false;  // --non_fatal

  bool ipv6_wire() const { return ip_version == IpVersion::v6; }
};

// Of the options in the script and those of the command line, which go before. The fault names the option's place.
Outcome<Setup> read_setup(const Script& script, const std::vector<ScriptOption>& given);

}  // namespace fourtuple::drill
