// The receive window: how much is advertised and how it grows. As in Linux (__tcp_select_window, tcp_select_window,
// tcp_grow_window, tcp_rcv_space_adjust), with one simplification: memory is counted in payload bytes, so the part of
// the buffer that Linux sets aside for packet overhead is a fixed share, one half at first and three eighths once full
// segments arrive (tests/data/kernel/tcp_lifecycle.json, bulk_20000: the window rises from 64 to 75 KiB and stays).
#include "sim/tcp/internal.h"

namespace fourtuple::tcp {
namespace {

constexpr std::uint32_t align_up(std::uint32_t value, std::uint8_t scale) {
  const std::uint32_t mask = (1u << scale) - 1;
  return (value + mask) & ~mask;
}

std::uint32_t free_space(const Connection& c) {
  const std::uint64_t queued = c.received - c.consumed + c.unread_extra;
  return queued < c.rcv_space ? static_cast<std::uint32_t>(c.rcv_space - queued) : 0;
}

}  // namespace

// RFC 9293 3.8.6.2.2: whole segments, below the 16 bits an unscaled SYN can carry. 1460 gives Linux's 64240.
std::uint32_t initial_receive_window(std::uint32_t space, std::uint32_t mss) {
  const std::uint32_t limit = std::min(space, 65'535u);
  return limit > mss ? limit / mss * mss : limit;
}

// The window we would like to advertise; 0 rather than a silly one (RFC 9293 3.8.6.2.2).
std::uint32_t wanted_window(Connection& c) {
  std::uint32_t space = free_space(c);
  const std::uint32_t mss = std::min<std::uint32_t>(c.rcv_mss, c.rcv_space);
  if (space < c.rcv_space / 2) {
    c.quick_acks = 0;
    space = space >> c.rcv_scale << c.rcv_scale;
    if (space < c.rcv_space / 16 || space < mss) return 0;
  }
  space = std::min(space, c.rcv_ssthresh);
  if (is_set(c, Flag::window_scale)) return align_up(space, c.rcv_scale);
  const std::uint32_t window = c.rcv_wnd;
  if (window + mss <= space || window > space) return space / mss * mss;
  return window;
}

std::uint16_t advertise_window(Connection& c) {
  // A request is no socket yet: what its SYN and ACK said, rounded down (tcp_v4_reqsk_send_ack).
  if (c.state == State::syn_received && is_set(c, Flag::passive))
    return static_cast<std::uint16_t>(std::min(c.rcv_wnd >> c.rcv_scale, 65'535u));
  // A sender that receives nothing: the window wanted cannot exceed the one already advertised.
  if (c.rcv_nxt == c.rcv_wup && c.rcv_ssthresh <= c.rcv_wnd && align_up(c.rcv_wnd, c.rcv_scale) == c.rcv_wnd) {
    return static_cast<std::uint16_t>(std::min(c.rcv_wnd >> c.rcv_scale, 65'535u));
  }
  const std::uint32_t current = receive_window(c);
  std::uint32_t window = wanted_window(c);
  if (window < current) window = align_up(current, c.rcv_scale);  // RFC 9293 3.8.6: never shrink
  window = std::min(window, 65'535u << c.rcv_scale);
  c.rcv_wnd = window;
  c.rcv_wup = c.rcv_nxt;
  return static_cast<std::uint16_t>(window >> c.rcv_scale);
}

// Linux lets the window grow once a segment has shown that more than half of the memory it occupies is payload, then
// with all but the smallest (tests/data/kernel/tcp_lifecycle.json: 200 bytes leave the window at 63, 1448 raise it;
// measured: 1460 and 540 bytes raise it twice, 1460 and 127 once, 540 and 540 never).
void grow_window(Connection& c, std::uint32_t length) {
  constexpr std::uint32_t smallest = 128;
  if (length < smallest || c.rcv_mss <= segment_overhead) return;
  const std::uint32_t space = free_space(c);
  if (space <= c.rcv_ssthresh) return;
  c.rcv_ssthresh += std::min(space - c.rcv_ssthresh, 2u * c.full_mss);
}

// Once per round trip: if the application read more than in the one before, make room for twice as much.
void adjust_receive_space(Connection& c, Time now) {
  const std::uint32_t rtt_ms = std::max(c.srtt_us8 / 8000, 1u);
  if (c.srtt_us8 == 0 || to_ms(now) - c.space_since_ms < rtt_ms) return;
  const std::uint64_t copied = c.consumed - c.space_mark;
  if (copied > c.space_measured) {
    const std::uint64_t window = 2 * copied + 16u * c.advertised_mss;
    const std::uint64_t growth = window * (copied - c.space_measured) / std::max(c.space_measured, 1u);
    const std::uint64_t space = std::min<std::uint64_t>(window + 2 * growth, c.rcv_space_max);
    c.rcv_space = std::max(c.rcv_space, static_cast<std::uint32_t>(space));
    c.space_measured = static_cast<std::uint32_t>(std::min<std::uint64_t>(copied, 0xffffffffu));
  }
  c.space_mark = c.consumed;
  c.space_since_ms = to_ms(now);
}

}  // namespace fourtuple::tcp
