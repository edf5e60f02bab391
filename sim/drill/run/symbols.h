// Symbols of system calls with the numbers Linux gives them on x86-64.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fourtuple::drill {

std::optional<std::int64_t> symbol(std::string_view name);
// The known symbol nearest to a mistyped one, or "".
std::string nearest_symbol(std::string_view name);
// "EAGAIN"; the number where it has no name.
std::string error_name(std::int32_t error);

// Those the program itself works with.
struct Linux {
  static constexpr std::int32_t af_inet = 2, af_inet6 = 10, sock_stream = 1, sock_datagram = 2, sock_nonblock = 0x800,
                                sock_cloexec = 0x80000, ipproto_tcp = 6, ipproto_udp = 17;
  static constexpr std::int32_t o_nonblock = 0x800, o_rdwr = 2, f_getfl = 3, f_setfl = 4;
  static constexpr std::int32_t sol_ip = 0, sol_socket = 1, sol_tcp = 6, sol_ipv6 = 41;
  static constexpr std::int32_t so_reuseaddr = 2, so_type = 3, so_error = 4, so_sndbuf = 7, so_rcvbuf = 8,
                                so_keepalive = 9, so_linger = 13, so_reuseport = 15;
  static constexpr std::int32_t tcp_nodelay = 1, tcp_maxseg = 2, tcp_keepidle = 4, tcp_keepintvl = 5, tcp_keepcnt = 6,
                                tcp_syncnt = 7, tcp_linger2 = 8, tcp_user_timeout = 18;
  static constexpr std::int32_t ip_freebind = 15, ip_bind_address_no_port = 24, ipv6_v6only = 26;
  static constexpr std::int32_t msg_dontwait = 0x40, msg_nosignal = 0x4000;
  static constexpr std::int32_t siocinq = 0x541b, siocoutq = 0x5411;
  static constexpr std::int32_t pollin = 1, pollout = 4, pollerr = 8, pollhup = 16, pollrdhup = 0x2000;
  static constexpr std::int32_t eagain = 11, ebadf = 9, einprogress = 115;
};

}  // namespace fourtuple::drill
