#include "sim/drill/run/symbols.h"

#include <vector>

#include "sim/base/nearest.h"

namespace fourtuple::drill {
namespace {

struct Symbol {
  std::string_view name;
  std::int64_t value;
};

// include/uapi/linux and asm-generic of Linux 6.18.
constexpr Symbol symbols[] = {
    {"AF_INET", 2},
    {"AF_INET6", 10},
    {"PF_INET", 2},
    {"PF_INET6", 10},
    {"AF_UNSPEC", 0},
    {"SOCK_STREAM", 1},
    {"SOCK_DGRAM", 2},
    {"SOCK_RAW", 3},
    {"SOCK_NONBLOCK", 0x800},
    {"SOCK_CLOEXEC", 0x80000},
    {"IPPROTO_IP", 0},
    {"IPPROTO_ICMP", 1},
    {"IPPROTO_TCP", 6},
    {"IPPROTO_UDP", 17},
    {"IPPROTO_IPV6", 41},
    {"IPPROTO_MPTCP", 262},
    {"SOL_IP", 0},
    {"SOL_SOCKET", 1},
    {"SOL_TCP", 6},
    {"SOL_UDP", 17},
    {"SOL_IPV6", 41},
    {"SO_DEBUG", 1},
    {"SO_REUSEADDR", 2},
    {"SO_TYPE", 3},
    {"SO_ERROR", 4},
    {"SO_DONTROUTE", 5},
    {"SO_BROADCAST", 6},
    {"SO_SNDBUF", 7},
    {"SO_RCVBUF", 8},
    {"SO_KEEPALIVE", 9},
    {"SO_OOBINLINE", 10},
    {"SO_PRIORITY", 12},
    {"SO_LINGER", 13},
    {"SO_REUSEPORT", 15},
    {"SO_RCVLOWAT", 18},
    {"SO_SNDLOWAT", 19},
    {"SO_RCVTIMEO", 20},
    {"SO_SNDTIMEO", 21},
    {"SO_TIMESTAMP", 29},
    {"SO_SNDBUFFORCE", 32},
    {"SO_RCVBUFFORCE", 33},
    {"SO_TIMESTAMPNS", 35},
    {"SO_MARK", 36},
    {"SO_TIMESTAMPING", 37},
    {"SO_BUSY_POLL", 46},
    {"SO_MAX_PACING_RATE", 47},
    {"SO_MEMINFO", 55},
    {"SO_ZEROCOPY", 60},
    {"SO_TXTIME", 61},
    {"TCP_NODELAY", 1},
    {"TCP_MAXSEG", 2},
    {"TCP_CORK", 3},
    {"TCP_KEEPIDLE", 4},
    {"TCP_KEEPINTVL", 5},
    {"TCP_KEEPCNT", 6},
    {"TCP_SYNCNT", 7},
    {"TCP_LINGER2", 8},
    {"TCP_DEFER_ACCEPT", 9},
    {"TCP_WINDOW_CLAMP", 10},
    {"TCP_INFO", 11},
    {"TCP_QUICKACK", 12},
    {"TCP_CONGESTION", 13},
    {"TCP_MD5SIG", 14},
    {"TCP_THIN_LINEAR_TIMEOUTS", 16},
    {"TCP_USER_TIMEOUT", 18},
    {"TCP_REPAIR", 19},
    {"TCP_FASTOPEN", 23},
    {"TCP_TIMESTAMP", 24},
    {"TCP_NOTSENT_LOWAT", 25},
    {"TCP_CC_INFO", 26},
    {"TCP_FASTOPEN_CONNECT", 30},
    {"TCP_FASTOPEN_KEY", 33},
    {"TCP_FASTOPEN_NO_COOKIE", 34},
    {"TCP_INQ", 36},
    {"TCP_CM_INQ", 36},
    {"TCP_TX_DELAY", 37},
    {"IP_TOS", 1},
    {"IP_TTL", 2},
    {"IP_MTU_DISCOVER", 10},
    {"IP_RECVERR", 11},
    {"IP_MTU", 14},
    {"IP_FREEBIND", 15},
    {"IP_BIND_ADDRESS_NO_PORT", 24},
    {"IP_PMTUDISC_DONT", 0},
    {"IP_PMTUDISC_WANT", 1},
    {"IP_PMTUDISC_DO", 2},
    {"IP_PMTUDISC_PROBE", 3},
    {"IPV6_UNICAST_HOPS", 16},
    {"IPV6_MTU_DISCOVER", 23},
    {"IPV6_MTU", 24},
    {"IPV6_RECVERR", 25},
    {"IPV6_V6ONLY", 26},
    {"IPV6_TCLASS", 67},
    {"F_GETFD", 1},
    {"F_SETFD", 2},
    {"F_GETFL", 3},
    {"F_SETFL", 4},
    {"FD_CLOEXEC", 1},
    {"O_RDONLY", 0},
    {"O_WRONLY", 1},
    {"O_RDWR", 2},
    {"O_NONBLOCK", 0x800},
    {"O_CLOEXEC", 0x80000},
    {"O_CREAT", 0x40},
    {"O_TRUNC", 0x200},
    {"O_APPEND", 0x400},
    {"SHUT_RD", 0},
    {"SHUT_WR", 1},
    {"SHUT_RDWR", 2},
    {"MSG_OOB", 1},
    {"MSG_PEEK", 2},
    {"MSG_DONTROUTE", 4},
    {"MSG_CTRUNC", 8},
    {"MSG_TRUNC", 0x20},
    {"MSG_DONTWAIT", 0x40},
    {"MSG_EOR", 0x80},
    {"MSG_WAITALL", 0x100},
    {"MSG_ERRQUEUE", 0x2000},
    {"MSG_NOSIGNAL", 0x4000},
    {"MSG_MORE", 0x8000},
    {"MSG_ZEROCOPY", 0x4000000},
    {"MSG_FASTOPEN", 0x20000000},
    {"SIOCINQ", 0x541b},
    {"FIONREAD", 0x541b},
    {"SIOCOUTQ", 0x5411},
    {"TIOCOUTQ", 0x5411},
    {"SIOCOUTQNSD", 0x894b},
    {"POLLIN", 1},
    {"POLLPRI", 2},
    {"POLLOUT", 4},
    {"POLLERR", 8},
    {"POLLHUP", 16},
    {"POLLNVAL", 32},
    {"POLLRDNORM", 64},
    {"POLLRDBAND", 128},
    {"POLLWRNORM", 256},
    {"POLLWRBAND", 512},
    {"POLLRDHUP", 0x2000},
    {"EPOLLIN", 1},
    {"EPOLLPRI", 2},
    {"EPOLLOUT", 4},
    {"EPOLLERR", 8},
    {"EPOLLHUP", 16},
    {"EPOLLRDHUP", 0x2000},
    {"EPOLLONESHOT", 0x40000000},
    {"EPOLLET", 0x80000000},
    {"EPOLL_CTL_ADD", 1},
    {"EPOLL_CTL_DEL", 2},
    {"EPOLL_CTL_MOD", 3},
    {"INADDR_ANY", 0},
    {"INADDR_LOOPBACK", 0x7f000001},
};

constexpr Symbol errors[] = {
    {"EPERM", 1},          {"ENOENT", 2},           {"EINTR", 4},          {"EIO", 5},
    {"EBADF", 9},          {"EAGAIN", 11},          {"EWOULDBLOCK", 11},   {"ENOMEM", 12},
    {"EACCES", 13},        {"EFAULT", 14},          {"EBUSY", 16},         {"ENODEV", 19},
    {"EINVAL", 22},        {"EMFILE", 24},          {"ESPIPE", 29},        {"EPIPE", 32},
    {"ENODATA", 61},       {"ENONET", 64},          {"EPROTO", 71},        {"EBADMSG", 74},
    {"ENOTSOCK", 88},      {"EDESTADDRREQ", 89},    {"EMSGSIZE", 90},      {"EPROTOTYPE", 91},
    {"ENOPROTOOPT", 92},   {"EPROTONOSUPPORT", 93}, {"EOPNOTSUPP", 95},    {"EAFNOSUPPORT", 97},
    {"EADDRINUSE", 98},    {"EADDRNOTAVAIL", 99},   {"ENETDOWN", 100},     {"ENETUNREACH", 101},
    {"ECONNABORTED", 103}, {"ECONNRESET", 104},     {"ENOBUFS", 105},      {"EISCONN", 106},
    {"ENOTCONN", 107},     {"ETIMEDOUT", 110},      {"ECONNREFUSED", 111}, {"EHOSTDOWN", 112},
    {"EHOSTUNREACH", 113}, {"EALREADY", 114},       {"EINPROGRESS", 115},
};

}  // namespace

std::optional<std::int64_t> symbol(std::string_view name) {
  for (const Symbol& one : symbols)
    if (one.name == name) return one.value;
  for (const Symbol& one : errors)
    if (one.name == name) return one.value;
  return std::nullopt;
}

std::string nearest_symbol(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Symbol& one : symbols) names.push_back(one.name);
  for (const Symbol& one : errors) names.push_back(one.name);
  return nearest(name, names);
}

std::string error_name(std::int32_t error) {
  for (const Symbol& one : errors)
    if (one.value == error) return std::string(one.name);
  return std::to_string(error);
}

}  // namespace fourtuple::drill
