#include "sim/netfilter/conntrack/synproxy.h"

#include "sim/netfilter/conntrack/conntrack.h"
#include "sim/netfilter/conntrack/table.h"
#include "sim/tcp/syn_cookie.h"

namespace fourtuple::netfilter {
namespace {

using state::TcpTracking;

// A segment from the sender of `packet`, or with `back` to it.
Packet segment_like(const Packet& packet, bool back) {
  Packet made;
  made.protocol = Protocol::tcp;
  made.source = back ? packet.destination : packet.source;
  made.destination = back ? packet.source : packet.destination;
  made.source_port = back ? packet.destination_port : packet.source_port;
  made.destination_port = back ? packet.source_port : packet.destination_port;
  return made;
}

bool is_over_loopback(const Context& c, const Walk& walk) {
  return walk.in.valid() && c.filter.interfaces[walk.in.value].loopback;
}

// nf_ct_seqadj_init: a distance of 0 changes nothing.
void set_offset(Context& c, const Walk& walk, std::uint32_t offset) {
  if (offset == 0) return;
  mut_synproxy(c, walk.tracking).sequence_offset = offset;
  const ConntrackEntry& entry = entry_of(c, walk.tracking);
  const auto status = static_cast<std::uint16_t>(entry.status | ConntrackStatus::sequence_adjust);
  if (status == entry.status) return;
  if (!walk.tracking.confirmed) {
    c.filter.conntrack.pending.mut(walk.tracking.entry).entry.status = status;
    return;
  }
  trace::ConntrackSeen seen;
  seen.entry = walk.tracking.entry;
  seen.packet = walk.packet.id;
  seen.timeout_s = trace::ConntrackSeen::keep_timeout;
  seen.status = status;
  seen.tcp = static_cast<std::uint8_t>(entry.tcp);
  change(c, seen);
}

// Moves the numbers of one segment (synproxy_tstamp_adjust, nf_ct_seq_adjust).
void move_numbers(Context& c, Walk& walk) {
  const SynproxyState& state = synproxy_of(c, walk.tracking);
  Packet& packet = walk.packet;
  const trace::TcpNumbers before = trace::tcp_numbers(packet);
  const bool stamped = packet.has_option(TcpOption::timestamps);
  if (walk.tracking.reply_direction()) {
    packet.seq = packet.seq + state.sequence_offset;
    if (stamped) packet.ts_value -= state.timestamp_offset;
  } else {
    if (packet.has(TcpFlag::ack)) packet.ack = packet.ack - state.sequence_offset;
    if (stamped) packet.ts_echo += state.timestamp_offset;
  }
  const trace::TcpNumbers after = trace::tcp_numbers(packet);
  if (after == before) return;
  trace::PacketRewritten event{packet.id,
                               packet.source,
                               packet.destination,
                               packet.source_port,
                               packet.destination_port,
                               none,
                               false,
                               packet.traffic_class,
                               true,
                               after};
  if (walk.tracking.confirmed) event.entry = walk.tracking.entry;
  note(c, event);
}

// The SYN to the server is on its way, or the client loses patience.
HookResult while_asking(Context& c, Walk& walk) {
  const Packet& packet = walk.packet;
  if (!packet.has(TcpFlag::syn) && packet.has(TcpFlag::ack) && !walk.tracking.reply_direction()) {
    // A keep-alive has the number before the next. Linux judges its cookie by that number all the same, and so takes
    // one of the largest MSS for none (kernel case synproxy_and_a_server_that_is_silent).
    const tcp::CookieKey key{c.environment.cookie_secret(c.host), c.family(packet), c.now};
    const std::uint16_t mss = tcp::read_cookie(key, packet);
    if (mss == 0) return {HookVerdict::drop, nft::RejectKind::none, 0, SynproxyAct::refuse};
    return {HookVerdict::stolen, nft::RejectKind::none, 0, SynproxyAct::ask_server_again, mss};
  }
  SynproxyState& state = mut_synproxy(c, walk.tracking);
  state.initial = packet.ack;
  if (packet.has_option(TcpOption::timestamps)) state.initial_timestamp = packet.ts_echo;
  move_numbers(c, walk);
  return {};
}

HookResult when_closed(Context& c, Walk& walk) {
  const Packet& packet = walk.packet;
  if (packet.has(TcpFlag::rst) && walk.tracking.reply_direction()) {
    // The server refuses, without a number of its own: the client must find the one it expects.
    set_offset(c, walk, synproxy_of(c, walk.tracking).initial.raw - packet.seq.raw + 1);
  } else if (packet.has(TcpFlag::syn) && !packet.has(TcpFlag::ack) && !walk.tracking.reply_direction()) {
    mut_synproxy(c, walk.tracking).timestamp_offset = 0;
    return while_asking(c, walk);
  }
  move_numbers(c, walk);
  return {};
}

// The server's clock of timestamps is moved to follow the cookie's from its first segment on.
void note_timestamp(Context& c, const Walk& syn_ack) {
  if (!syn_ack.packet.has_option(TcpOption::timestamps)) return;
  SynproxyState& state = mut_synproxy(c, syn_ack.tracking);
  state.timestamp_offset = syn_ack.packet.ts_value - state.initial_timestamp;
}

}  // namespace

HookResult run_synproxy(Context& c, Walk& walk) {
  if (!walk.tracking.has_entry() || walk.packet.protocol != Protocol::tcp) return {};
  const Context& seen = c;
  if (entry_of(c, walk.tracking).protocol != Protocol::tcp || !tracker_of(seen, walk.tracking).tcp.synproxied ||
      is_over_loopback(c, walk))
    return {};
  switch (entry_of(c, walk.tracking).tcp) {
    case TcpTracking::close:
      return when_closed(c, walk);
    case TcpTracking::syn_sent:
      return while_asking(c, walk);
    case TcpTracking::syn_recv:
      if (walk.packet.has(TcpFlag::syn) && walk.packet.has(TcpFlag::ack)) {
        note_timestamp(c, walk);
        return {HookVerdict::stolen, nft::RejectKind::none, 0, SynproxyAct::join};
      }
      break;
    default:
      break;
  }
  move_numbers(c, walk);
  return {};
}

Packet synproxy_answer(const SynproxyCode& code, const Packet& syn, SeqNumber cookie, std::uint32_t now_ms) {
  Packet answer = segment_like(syn, true);
  answer.flags = TcpFlag::syn | TcpFlag::ack;
  answer.seq = cookie;
  answer.ack = syn.seq + 1;
  answer.options = syn.options & code.options;
  answer.mss = code.mss;
  if (!answer.has_option(TcpOption::timestamps)) {
    answer.options &= TcpOption::mss;  // nothing else would be known later
    return answer;
  }
  answer.window_scale = syn.window_scale;
  answer.ts_value = (now_ms & ~tcp::cookie_option_mask) | tcp::cookie_option_bits(answer);
  answer.ts_echo = syn.ts_value;
  answer.window_scale = code.window_scale;
  return answer;
}

Packet synproxy_request(const Packet& ack, SeqNumber sequence, std::uint16_t mss) {
  Packet request = segment_like(ack, false);
  request.flags = TcpFlag::syn;
  request.seq = sequence - 1;
  request.ack = ack.ack - 1;
  request.window = ack.window;
  request.options = ack.options | TcpOption::mss;
  request.mss = mss;
  request.window_scale = ack.window_scale;
  if (!ack.has_option(TcpOption::timestamps)) return request;
  request.ts_value = ack.ts_value;
  request.ts_echo = ack.ts_echo;
  tcp::restore_cookie_options(ack.ts_echo & tcp::cookie_option_mask, request);
  return request;
}

Packet synproxy_confirmation(const Packet& syn_ack, std::uint16_t window) {
  Packet confirmation = segment_like(syn_ack, true);
  confirmation.flags = TcpFlag::ack;
  confirmation.seq = syn_ack.ack;
  confirmation.ack = syn_ack.seq + 1;
  confirmation.window = window;
  confirmation.options = syn_ack.options & TcpOption::timestamps;
  confirmation.ts_value = syn_ack.ts_echo;
  confirmation.ts_echo = syn_ack.ts_value;
  return confirmation;
}

Packet synproxy_window_update(const Packet& syn_ack) {
  Packet update = segment_like(syn_ack, false);
  update.flags = TcpFlag::ack;
  update.seq = syn_ack.seq + 1;
  update.ack = syn_ack.ack;
  update.window = static_cast<std::uint16_t>(syn_ack.window >> syn_ack.window_scale);
  update.options = syn_ack.options & TcpOption::timestamps;
  update.ts_value = syn_ack.ts_value;
  update.ts_echo = syn_ack.ts_echo;
  return update;
}

std::uint16_t offered_window(const Context& c, const Walk& walk) {
  return static_cast<std::uint16_t>(tracker_of(c, walk.tracking).tcp.side[0].max_window);
}

void begin_moving(Context& c, const Walk& syn_ack) {
  set_offset(c, syn_ack, synproxy_of(c, syn_ack.tracking).initial.raw - syn_ack.packet.seq.raw);
}

}  // namespace fourtuple::netfilter
