// Opening: RFC 9293 sections 3.10.1 (OPEN), 3.10.7.2 (the part after the listener) and 3.10.7.3 (SYN-SENT).
#include "sim/tcp/internal.h"

namespace fourtuple::tcp {
namespace {

constexpr std::uint32_t timestamp_option_bytes = 12;  // with padding
constexpr std::uint32_t longest_cookie_ms = 120'000;  // since the SYN and ACK of a cookie: nobody remembers when

void start(Connection& c, const Config& config, SeqNumber iss) {
  c = Connection{};
  if (config.offer_timestamps) set(c, Flag::timestamps);
  if (config.offer_window_scale) set(c, Flag::window_scale);
  if (config.no_delay) set(c, Flag::no_delay);
  if (config.kernel_ticks) set(c, Flag::kernel_ticks);
  c.rcv_scale = config.offer_window_scale ? std::min<std::uint8_t>(config.window_scale, 14) : 0;  // RFC 7323 2.3
  c.timestamp_offset = config.timestamp_offset;
  c.sack_announced = config.announce_sack;
  c.segment_cost = static_cast<std::uint16_t>(config.segment_cost);
  c.congestion_control = config.congestion_control;
  c.advertised_mss = std::max<std::uint16_t>(config.mss, 88);
  c.full_mss = c.mss = c.advertised_mss;
  c.rcv_mss = default_mss;
  c.send_limit = std::max(config.send_buffer, 1u);
  c.rcv_space = std::max(config.receive_buffer / 2, 1u);
  c.rcv_space_max = std::max(config.receive_buffer_max / 2, c.rcv_space);
  c.iss = c.snd_una = c.snd_nxt = c.batch_end = iss;
  c.una_offset = ~std::uint64_t{0};
  c.cwnd = 1;
  c.rto_us = static_cast<std::uint32_t>(initial_rto.ns / 1000);
  owe(c, Pending::syn);
}

// RFC 9293 3.10.7.3, the branches for ACK and RST. True: go on to the SYN.
bool check_answer(Connection& c, Arrival& a) {
  const Packet& p = a.packet;
  const bool acceptable = p.has(TcpFlag::ack) && p.ack.after(c.iss) && p.ack.at_or_before(c.snd_nxt);
  if (p.has(TcpFlag::rst)) {
    a.result.disposition = acceptable ? Disposition::reset_accepted : Disposition::reset_ignored;
    if (acceptable) finish(c, Failure::refused);
    return false;
  }
  if (p.has(TcpFlag::ack) && !acceptable) {
    a.result.disposition = Disposition::unacceptable_ack;
    c.reset_seq = p.ack;
    owe(c, Pending::reset_reply);
    return false;
  }
  if (!p.has(TcpFlag::syn)) {
    a.result.disposition = Disposition::not_a_syn;
    return false;
  }
  return true;
}

}  // namespace

void open_active(Connection& c, const Config& config, SeqNumber iss, Time) {
  start(c, config, iss);
  c.rcv_wnd = initial_receive_window(c.rcv_space, c.advertised_mss);
  c.rcv_ssthresh = c.rcv_wnd;
  enter(c, State::syn_sent);
}

void open_succession(Connection& c, const Config& config, const Succession& old, Time) {
  start(c, config, old.iss);
  c.ts_recent = old.ts_recent;
  // Known timestamps are deducted already: 65160 instead of 64240 (tests/data/kernel/tcp_timers.json).
  const bool timestamps = is_set(c, Flag::timestamps);
  c.rcv_wnd = initial_receive_window(c.rcv_space, c.advertised_mss - (timestamps ? timestamp_option_bytes : 0));
  c.rcv_ssthresh = c.rcv_wnd;
  enter(c, State::syn_sent);
}

void open_passive(Connection& c, const Config& config, const Packet& syn, SeqNumber iss, Time now) {
  FT_CHECK(syn.has(TcpFlag::syn) && !syn.has(TcpFlag::ack | TcpFlag::rst));
  start(c, config, iss);
  set(c, Flag::passive);
  enter(c, State::listen);
  // Linux rounds a SYN and ACK's window to segments with timestamps deducted (65160), a SYN's to segments without
  // (64240): tests/data/kernel/tcp_lifecycle.json, plain.
  const bool timestamps = is_set(c, Flag::timestamps) && syn.has_option(TcpOption::timestamps);
  c.rcv_wnd = initial_receive_window(c.rcv_space, c.advertised_mss - (timestamps ? timestamp_option_bytes : 0));
  c.rcv_ssthresh = c.rcv_wnd;
  learn_peer_options(c, syn);
  c.space_since_ms = to_ms(now);
  enter(c, State::syn_received);
}

void open_from_cookie(Connection& c, const Config& config, const Packet& syn, SeqNumber iss, Time now) {
  open_passive(c, config, syn, iss, now);
  paid(c, Pending::syn);
  c.snd_nxt = iss + 1;
  c.space_since_ms -= longest_cookie_ms;
}

void learn_peer_options(Connection& c, const Packet& syn) {
  c.irs = syn.seq;
  c.rcv_nxt = c.rcv_wup = syn.seq + 1;
  c.snd_wl1 = syn.seq;
  if (!syn.has_option(TcpOption::sack_permitted)) c.sack_announced = false;
  if (!syn.has_option(TcpOption::timestamps)) clear(c, Flag::timestamps);
  if (is_set(c, Flag::timestamps)) c.ts_recent = syn.ts_value;
  if (is_set(c, Flag::window_scale) && syn.has_option(TcpOption::window_scale)) {
    c.snd_scale = std::min<std::uint8_t>(syn.window_scale, 14);
  } else {
    clear(c, Flag::window_scale);
    c.rcv_scale = 0;
  }
  const std::uint16_t offered = syn.has_option(TcpOption::mss) ? std::max<std::uint16_t>(syn.mss, 88) : default_mss;
  const std::uint32_t overhead = is_set(c, Flag::timestamps) ? timestamp_option_bytes : 0;
  c.full_mss = static_cast<std::uint16_t>(std::min(offered, c.advertised_mss) - overhead);
  c.mss = c.full_mss;
  c.rcv_mss = static_cast<std::uint16_t>(
      std::clamp<std::uint32_t>(std::min<std::uint32_t>(c.full_mss, c.rcv_wnd / 2), 88u, default_mss));
  take_peer_window(c, syn.window);  // RFC 7323 2.2: a SYN's window is never scaled
}

void become_established(Connection& c, Arrival& a) {
  enter(c, State::established);
  // RFC 5681 3.1 wants one segment if the SYN was lost; Linux only if it was lost twice (tcp_init_transfer).
  c.cwnd = c.syn_timeouts > 1 ? 1 : initial_window_segments;
  c.syn_timeouts = 0;
  c.cwnd_usage_end = c.snd_nxt;
  c.last_sent_ms = c.last_heard_ms = to_ms(a.now);
  c.space_measured = std::min<std::uint32_t>(c.rcv_wnd, 10u * c.advertised_mss);
  c.space_since_ms = to_ms(a.now);
  a.result.events |= Event::established;
}

void segment_in_syn_sent(Connection& c, Arrival& a) {
  if (!check_answer(c, a)) return;
  const Packet& p = a.packet;
  a.result.disposition = Disposition::handshake;
  learn_peer_options(c, p);
  if (p.has(TcpFlag::ack)) {
    const bool retransmitted = c.retransmits != 0;
    c.una_offset = 0;
    c.snd_una = p.ack;
    take_rtt_from_ack(c, p, retransmitted, a.now);
    c.retransmits = c.backoff = 0;
    fall_back_without_sample(c);
    become_established(c, a);
    stand_by(c, a.patience, a.now);
    owe(c, Pending::ack);
  } else {  // simultaneous open
    enter(c, State::syn_received);
    c.retransmits = c.backoff = 0;
    owe(c, Pending::syn);
  }
}

}  // namespace fourtuple::tcp
