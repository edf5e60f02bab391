// The sysctls of connection tracking of one host (net.netfilter.nf_conntrack_*), with the values Linux 6.18 starts
// with.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sim/state/netfilter.h"

namespace fourtuple::netfilter {

struct ConntrackConfig {
  // Whether a loaded ruleset needs tracking for IPv4 or IPv6: only then packets are tracked at all.
  bool enabled4 = false, enabled6 = false;

  bool tcp_loose = true;                // pick up connections in the middle
  bool tcp_be_liberal = false;          // accept segments outside the window
  bool tcp_ignore_invalid_rst = false;  // look at the window even for resets older than what was acknowledged
  bool checksum = true;                 // packets that come in with a bad checksum are invalid
  std::uint8_t tcp_max_retrans = 3;
  std::uint32_t max = 262144;      // entries
  std::uint32_t buckets = 262144;  // only decides how far around a new entry's place one may be evicted

  // Seconds.
  std::array<std::uint32_t, 10> tcp_timeouts{0, 120, 60, 432000, 120, 60, 30, 120, 10, 120};  // by TcpTracking
  std::uint32_t tcp_timeout_max_retrans = 300;
  std::uint32_t tcp_timeout_unacknowledged = 300;
  std::uint32_t udp_timeout = 30, udp_timeout_stream = 120;
  std::uint32_t icmp_timeout = 30, icmpv6_timeout = 30;
  std::uint32_t gre_timeout = 30, gre_timeout_stream = 180;
  std::uint32_t generic_timeout = 600;

  std::uint32_t tcp_timeout(state::TcpTracking tracking) const {
    return tcp_timeouts[static_cast<std::size_t>(tracking)];
  }
};

// Sets net.netfilter.<name>, for example "nf_conntrack_tcp_loose". False: no such sysctl here; nothing changed.
bool set_conntrack_sysctl(ConntrackConfig& config, std::string_view name, std::uint32_t value);
// Its value into `value`; false: no such sysctl here.
bool conntrack_sysctl(const ConntrackConfig& config, std::string_view name, std::uint32_t& value);

}  // namespace fourtuple::netfilter
