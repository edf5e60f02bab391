// The closed set of congestion controls: how far to step back on loss and how to grow on success. Each is a pair of
// functions; loss detection and recovery around them are in recovery.cc. cwnd and ssthresh count segments, as in Linux.
#include "sim/tcp/internal.h"

namespace fourtuple::tcp {
namespace {

// RFC 5681 section 3.1 (4), of cwnd instead of the flight, as Linux does (tcp_reno_ssthresh).
std::uint32_t reno_threshold(const Connection& c) {
  return std::max(c.cwnd / 2, 2u);
}

// RFC 5681 section 3.1: one segment per segment below ssthresh, one per window above (tcp_reno_cong_avoid).
void reno_grow(Connection& c, std::uint32_t acked) {
  if (c.cwnd < c.ssthresh) {
    const std::uint32_t grown = std::min(c.cwnd + acked, c.ssthresh);
    acked -= grown - c.cwnd;
    c.cwnd = grown;
    if (acked == 0) return;
  }
  c.cwnd_count += acked;
  if (c.cwnd_count >= c.cwnd) {
    const std::uint32_t steps = c.cwnd_count / c.cwnd;
    c.cwnd_count -= steps * c.cwnd;
    c.cwnd += steps;
  }
}

// RFC 7661's concern in Linux's form: a window that was not used must not grow (tcp_is_cwnd_limited).
bool limited_by_cwnd(const Connection& c) {
  if (is_set(c, Flag::cwnd_limited)) return true;
  return c.cwnd < c.ssthresh && std::uint64_t{c.cwnd} * c.mss < 2ull * c.max_flight;
}

}  // namespace

std::uint32_t reduced_threshold(const Connection& c) {
  switch (c.congestion_control) {
    case CongestionControl::reno:
      return reno_threshold(c);
  }
  return reno_threshold(c);
}

void grow_cwnd(Connection& c, std::uint32_t acked) {
  if (acked == 0 || !limited_by_cwnd(c)) return;
  switch (c.congestion_control) {
    case CongestionControl::reno:
      reno_grow(c, acked);
      break;
  }
}

}  // namespace fourtuple::tcp
