// Round-trip estimation and the retransmission timeout: RFC 6298 as Linux computes it (tcp_rtt_estimator).
//
// Linux keeps the smoothed mean and deviation in microseconds, lets the deviation fall only once per window, and puts
// the 200 ms floor under four deviations instead of under the whole timeout: RTO = SRTT + max(200 ms, 4 * RTTVAR).
// Kernel data: tests/data/kernel/tcp_lifecycle.json, simultaneous_close, FIN repeated after 204 to 208 ms.
#include "sim/tcp/internal.h"
#include "sim/tcp/timer_wheel.h"

namespace fourtuple::tcp {
namespace {

constexpr std::uint32_t rto_min_us = static_cast<std::uint32_t>(rto_min.ns / 1000);

void set_rto(Connection& c) {
  std::uint64_t us = (c.srtt_us8 >> 3) + c.rttvar_us4;  // RFC 6298 (2.3): SRTT + 4 * RTTVAR
  if (is_set(c, Flag::kernel_ticks)) {
    constexpr std::uint32_t tick_us = static_cast<std::uint32_t>(kernel_tick.ns / 1000);
    us = (us + tick_us - 1) / tick_us * tick_us;
  }
  c.rto_us = static_cast<std::uint32_t>(std::min<std::uint64_t>(us, rto_max.ns / 1000));
  c.backoff = 0;
}

void first_sample(Connection& c, std::int64_t rtt_us) {  // RFC 6298 (2.2)
  c.srtt_us8 = static_cast<std::uint32_t>(rtt_us << 3);
  c.mdev_us4 = static_cast<std::uint32_t>(rtt_us << 1);
  c.rttvar_us4 = std::max(c.mdev_us4, rto_min_us);
  c.mdev_max_us4 = c.rttvar_us4;
  c.rtt_window_end = c.snd_nxt;
}

void later_sample(Connection& c, std::int64_t rtt_us) {  // RFC 6298 (2.3)
  std::int64_t error = rtt_us - (c.srtt_us8 >> 3);
  c.srtt_us8 = static_cast<std::uint32_t>(static_cast<std::int64_t>(c.srtt_us8) + error);  // alpha = 1/8
  if (error < 0) {
    error = -error - (c.mdev_us4 >> 2);
    // A sudden drop of the round trip must not raise the deviation as a rise would: it counts an eighth.
    if (error > 0) error >>= 3;
  } else {
    error -= c.mdev_us4 >> 2;
  }
  c.mdev_us4 = static_cast<std::uint32_t>(static_cast<std::int64_t>(c.mdev_us4) + error);  // beta = 1/4
  if (c.mdev_us4 > c.mdev_max_us4) {
    c.mdev_max_us4 = c.mdev_us4;
    c.rttvar_us4 = std::max(c.rttvar_us4, c.mdev_max_us4);
  }
  if (c.snd_una.after(c.rtt_window_end)) {
    if (c.mdev_max_us4 < c.rttvar_us4) c.rttvar_us4 -= (c.rttvar_us4 - c.mdev_max_us4) >> 2;
    c.rtt_window_end = c.snd_nxt;
    c.mdev_max_us4 = rto_min_us;
  }
}

}  // namespace

void take_rtt_sample(Connection& c, std::int64_t rtt_us) {
  rtt_us = std::clamp<std::int64_t>(rtt_us, 1, rto_max.ns / 1000);
  if (c.srtt_us8 == 0) {
    first_sample(c, rtt_us);
  } else {
    later_sample(c, rtt_us);
  }
  if (c.srtt_us8 == 0) c.srtt_us8 = 1;
  set_rto(c);
}

// Karn's rule (RFC 6298 section 3): a retransmission ends the timing of what is in flight, so a retransmitted segment
// gives no sample, unless the timestamp tells which transmission the ACK answers (RFC 7323 section 4).
void take_rtt_from_ack(Connection& c, const Packet& packet, bool retransmitted, Time now) {
  if (is_set(c, Flag::timing)) {
    if (c.timed_end.after(packet.ack)) return;
    clear(c, Flag::timing);
    take_rtt_sample(c, (now - c.timed_at).ns / 1000);
    return;
  }
  if (retransmitted && packet.has_option(TcpOption::timestamps) && packet.ts_echo != 0) {
    const auto delta_ms = static_cast<std::int32_t>(to_ms(now) + c.timestamp_offset - packet.ts_echo);
    if (delta_ms >= 0) take_rtt_sample(c, std::int64_t{delta_ms} * 1000);
  }
}

// RFC 6298 (5.7), in Linux (tcp_init_metrics) for any handshake that was not timed: also one completed by cookie.
void fall_back_without_sample(Connection& c) {
  if (c.srtt_us8 == 0) c.rto_us = static_cast<std::uint32_t>(rto_without_sample.ns / 1000);
}

}  // namespace fourtuple::tcp
