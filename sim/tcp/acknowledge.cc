// When received data is acknowledged: Linux's delayed ACK engine (tcp_event_data_recv, __tcp_ack_snd_check,
// tcp_send_delayed_ack), inside what RFC 9293 section 3.8.6.3 and RFC 5681 section 4.2 allow: at the latest after
// 200 ms, every second full segment, at once when a hole opens or closes.
// A fresh connection, or one that was silent for an RTO, starts in quick mode and acknowledges every segment, so that
// the peer's slow start gets its clock; answering within the ACK delay makes it interactive, which ends quick mode.
// Kernel data: tests/data/kernel/tcp_lifecycle.json (data_both_ways: at once; the FIN after it: 40 to 44 ms).
#include "sim/tcp/internal.h"
#include "sim/tcp/timer_wheel.h"

namespace fourtuple::tcp {
namespace {

constexpr std::uint16_t ack_delay_min_ms = static_cast<std::uint16_t>(ack_delay_min.ns / 1'000'000);
constexpr std::uint32_t quick_ack_limit = 16;  // TCP_MAX_QUICKACKS

void raise_quick_acks(Connection& c) {
  std::uint32_t count = c.rcv_wnd / (2u * c.rcv_mss);
  count = std::min(count == 0 ? 2 : count, quick_ack_limit);
  c.quick_acks = std::max(c.quick_acks, static_cast<std::uint8_t>(count));
}

// Estimate of the peer's full segment, and whether it ended a write (tcp_measure_rcv_mss).
void measure_segment_size(Connection& c, const Packet& packet) {
  const std::uint32_t length = packet.payload_length;
  if (length >= c.rcv_mss) {
    if (length > c.rcv_mss) {
      // The first large segment shows how much of a buffer is payload: half of it until then, five eighths at most.
      const std::uint32_t share = std::min(256 * length / (length + segment_overhead), 160u);
      if (c.segment_cost != 0)
        c.rcv_space = std::min(c.rcv_space / c.segment_cost * length, c.rcv_space);
      else if (c.rcv_mss == default_mss && length > segment_overhead)
        c.rcv_space = std::min(c.rcv_space / 128 * share, c.rcv_space_max);
      c.rcv_mss = static_cast<std::uint16_t>(std::min<std::uint32_t>(length, c.advertised_mss));
    }
    if (packet.has(TcpFlag::psh)) set(c, Flag::pushed);
    return;
  }
  if (is_set(c, Flag::pushed)) set(c, Flag::pushed_twice);
  set(c, Flag::pushed);
}

void adapt_ack_delay(Connection& c, std::uint32_t now_ms) {
  if (c.ack_delay_ms == 0) {
    raise_quick_acks(c);
    c.ack_delay_ms = ack_delay_min_ms;
    return;
  }
  const std::uint32_t gap_ms = now_ms - c.last_received_ms;
  const std::uint32_t rto_ms = c.rto_us / 1000;
  if (gap_ms <= ack_delay_min_ms / 2u) {
    c.ack_delay_ms = static_cast<std::uint16_t>(c.ack_delay_ms / 2 + ack_delay_min_ms / 2);
  } else if (gap_ms < c.ack_delay_ms) {
    c.ack_delay_ms = static_cast<std::uint16_t>(std::min(c.ack_delay_ms / 2 + gap_ms, rto_ms));
  } else if (gap_ms > rto_ms) {
    raise_quick_acks(c);
  }
}

void delay_ack(Connection& c, Time now) {
  std::uint32_t delay_ms = c.ack_delay_ms;
  if (delay_ms > ack_delay_min_ms) {
    std::uint32_t limit_ms = is_set(c, Flag::interactive | Flag::pushed) ? 200 : 500;
    if (c.srtt_us8 != 0) limit_ms = std::min(limit_ms, std::max<std::uint32_t>(c.srtt_us8 / 8000, ack_delay_min_ms));
    delay_ms = std::min(delay_ms, limit_ms);
  }
  delay_ms = std::min<std::uint32_t>(delay_ms, static_cast<std::uint32_t>(ack_delay_max.ns / 1'000'000));
  if (c.ack_deadline != Time::never() && c.ack_deadline <= now + milliseconds(delay_ms / 4)) {
    owe(c, Pending::ack);  // about to fire
    return;
  }
  arm_ack(c, milliseconds(delay_ms), now);
}

}  // namespace

void enter_quick_ack_mode(Connection& c) {
  raise_quick_acks(c);
  clear(c, Flag::interactive);
  c.ack_delay_ms = ack_delay_min_ms;
}

void measure_received(Connection& c, const Packet& packet, Time now) {
  set(c, Flag::ack_scheduled);
  measure_segment_size(c, packet);
  const std::uint32_t now_ms = to_ms(now);
  adapt_ack_delay(c, now_ms);
  c.last_received_ms = now_ms;
  grow_window(c, packet.payload_length);
}

// Decides between an ACK now and a delayed one, after the segment was processed.
void schedule_ack(Connection& c, const Arrival& arrival) {
  if (!is_set(c, Flag::ack_scheduled)) return;
  const std::uint32_t unacknowledged = c.rcv_nxt.raw - c.rcv_wup.raw;
  const bool second_full_segment = unacknowledged > c.rcv_mss && wanted_window(c) >= c.rcv_wnd;
  const bool quick = c.quick_acks != 0 && !is_set(c, Flag::interactive);
  if (second_full_segment || quick || arrival.filled_hole || c.range_count != 0) {
    owe(c, Pending::ack);
  } else if (!owes(c, Pending::ack)) {
    delay_ack(c, arrival.now);
  }
}

void owe_invalid_ack(Connection& c, Time now) {
  const std::uint32_t now_ms = to_ms(now);
  constexpr std::uint32_t interval_ms = static_cast<std::uint32_t>(invalid_ack_interval.ns / 1'000'000);
  if (is_set(c, Flag::invalid_ack_sent) && now_ms - c.last_invalid_ack_ms < interval_ms) return;
  set(c, Flag::invalid_ack_sent);
  c.last_invalid_ack_ms = now_ms;
  owe(c, Pending::ack);
}

}  // namespace fourtuple::tcp
