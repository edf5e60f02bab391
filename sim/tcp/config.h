// What an endpoint is told when it is opened, and the constants of Linux 6.18 that hold for every connection.
#pragma once

#include <cstdint>

#include "sim/base/time.h"

namespace fourtuple::tcp {

// Stored in traces: never renumber.
enum class CongestionControl : std::uint8_t { reno = 0 };

// Defaults are those of a plain Linux 6.18 socket on an Ethernet interface, but for SACK.
struct Config {
  std::uint16_t mss = 1460;            // MSS to advertise: interface MTU less 40 (IPv4) or 60 (IPv6)
  bool offer_timestamps = true;        // net.ipv4.tcp_timestamps
  bool offer_window_scale = true;      // net.ipv4.tcp_window_scaling
  std::uint8_t window_scale = 10;      // 0..14; Linux derives it from tcp_rmem[2]: log2(32 MiB) - 15
  bool announce_sack = false;          // SYNs carry SACK-permitted; no SACK block is ever sent or read
  std::uint32_t segment_cost = 0;      // bytes of window an unread segment takes at least: Linux charges whole buffers
  std::uint32_t timestamp_offset = 0;  // added to the millisecond clock in TSval, per connection
  std::uint32_t receive_buffer = 131'072;         // tcp_rmem[1] or SO_RCVBUF doubled; half of it becomes window
  std::uint32_t receive_buffer_max = 33'554'432;  // tcp_rmem[2], the limit of automatic growth; = receive_buffer: none
  std::uint32_t send_buffer = 4'194'304;          // tcp_wmem[2]: payload bytes written and not yet acknowledged
  bool no_delay = false;                          // TCP_NODELAY
  bool kernel_ticks = true;                       // timers fire where the kernel's timer wheel would, see timer_wheel.h
  CongestionControl congestion_control = CongestionControl::reno;
};

inline constexpr Duration initial_rto = seconds(1);           // RFC 6298 (2.1)
inline constexpr Duration rto_min = milliseconds(200);        // TCP_RTO_MIN; RFC 6298 (2.4) says 1 s
inline constexpr Duration rto_max = seconds(120);             // TCP_RTO_MAX; RFC 6298 (2.5) wants at least 60 s
inline constexpr Duration ack_delay_min = milliseconds(40);   // TCP_ATO_MIN, TCP_DELACK_MIN; RFC 9293 3.8.6.3: < 0.5 s
inline constexpr Duration ack_delay_max = milliseconds(200);  // TCP_DELACK_MAX
inline constexpr Duration time_wait_length = seconds(60);     // TCP_TIMEWAIT_LEN for RFC 9293's 2 MSL of 4 minutes
inline constexpr Duration invalid_ack_interval = milliseconds(500);  // net.ipv4.tcp_invalid_ratelimit
inline constexpr std::uint32_t initial_window_segments = 10;         // RFC 6928
inline constexpr std::uint32_t duplicate_ack_threshold = 3;          // RFC 5681 3.2
inline constexpr std::uint32_t infinite_ssthresh = 0x7fffffff;       // RFC 5681 3.1: arbitrarily high
inline constexpr std::uint16_t default_mss = 536;                    // RFC 9293 3.7.1 (MUST-15), IPv4
inline constexpr Duration rto_without_sample = seconds(3);           // TCP_TIMEOUT_FALLBACK; RFC 6298 (5.7)

// How long an endpoint waits for its peer: the settings of its host, overruled by the options of its socket. Linux
// reads them when a timer fires, so a change applies to connections that exist; the verbs that need them take them.
struct Patience {
  std::uint8_t syn_retries = 6;          // net.ipv4.tcp_syn_retries, TCP_SYNCNT
  std::uint8_t syn_linear_timeouts = 4;  // net.ipv4.tcp_syn_linear_timeouts
  std::uint8_t synack_retries = 5;       // net.ipv4.tcp_synack_retries
  std::uint8_t data_retries = 15;        // net.ipv4.tcp_retries2; RFC 9293 3.8.3 R2
  std::uint8_t orphan_retries = 0;       // net.ipv4.tcp_orphan_retries; 0 means 8
  std::uint8_t keep_alive_probes = 9;    // net.ipv4.tcp_keepalive_probes, TCP_KEEPCNT
  Duration fin_timeout = seconds(60);    // net.ipv4.tcp_fin_timeout, TCP_LINGER2; negative: FIN-WAIT-2 is not entered
  Duration keep_alive_time = seconds(7200);    // net.ipv4.tcp_keepalive_time, TCP_KEEPIDLE
  Duration keep_alive_interval = seconds(75);  // net.ipv4.tcp_keepalive_intvl, TCP_KEEPINTVL
  Duration user_timeout{0};                    // TCP_USER_TIMEOUT; 0: none
};
inline constexpr Patience default_patience{};

}  // namespace fourtuple::tcp
