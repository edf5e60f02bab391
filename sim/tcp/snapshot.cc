#include "sim/tcp/internal.h"

namespace fourtuple::tcp {

Variables snapshot(const Connection& c) {
  Variables v;
  v.snd_una = c.snd_una;
  v.snd_nxt = c.snd_nxt;
  v.snd_wnd = c.snd_wnd;
  v.rcv_nxt = c.rcv_nxt;
  v.rcv_wnd = receive_window(c);
  v.cwnd = c.cwnd;
  v.ssthresh = c.ssthresh;
  v.srtt_us = c.srtt_us8 >> 3;
  v.rttvar_us = c.mdev_us4 >> 2;
  v.rto_ms = static_cast<std::uint32_t>(rto(c).ns / 1'000'000);
  v.flight = flight_bytes(c);
  const bool open = c.state != State::closed && c.state != State::listen;
  v.unsent = open ? static_cast<std::uint32_t>(std::min<std::uint64_t>(unsent(c), 0xffffffffu)) : 0;
  v.readable = static_cast<std::uint32_t>(std::min<std::uint64_t>(c.received - c.consumed, 0xffffffffu));
  v.dup_acks = c.dup_acks;
  v.mss = c.mss;
  v.state = c.state;
  v.backoff = c.backoff;
  v.congestion_state = c.congestion_state;
  v.ranges = c.range_count;
  v.interactive = is_set(c, Flag::interactive);
  return v;
}

}  // namespace fourtuple::tcp
