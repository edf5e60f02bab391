#include "sim/stack/synproxy.h"

#include "sim/netfilter/conntrack/synproxy.h"
#include "sim/stack/hooks.h"
#include "sim/stack/packet_path.h"
#include "sim/stack/routing.h"
#include "sim/tcp/syn_cookie.h"

namespace fourtuple::stack {
namespace {

using netfilter::SynproxyAct;

constexpr std::int64_t ns_per_ms = 1'000'000;

// synproxy_send_tcp: without a way there it is forgotten.
void send_segment(Context& c, HostId host, Packet segment, const Origin& origin) {
  segment.ttl = c.host(host).sysctls.default_ttl;
  if (c.address(segment.source).family == Family::ipv4) segment.fragment_flags = FragmentFlag::dont_fragment;
  const Route route = route_to(c.system, host, segment.destination);
  if (route.kind != Route::Kind::unreachable) send(c, host, route, segment, origin);
}

// An answer that belongs to the entry of the segment from its other side on.
Origin answer_to(const Walk& walk) {
  Origin origin;
  if (!walk.tracking.has_entry()) return origin;
  origin.tracking = walk.tracking;
  origin.tracking.info = trace::CtInfo::established_reply;
  return origin;
}

void answer_client(Context& c, const netfilter::Context& filter, HostId host, const Walk& walk, std::uint32_t code) {
  const Packet& syn = walk.packet;
  const tcp::CookieKey key{c.host(host).secret, c.address(syn.source).family, c.now};
  const std::uint16_t mss = syn.has_option(TcpOption::mss) ? syn.mss : std::uint16_t{0};
  const auto now_ms = static_cast<std::uint32_t>(c.now.ns / ns_per_ms);
  const netfilter::SynproxyCode& rule = filter.filter.hosts[host.value].program->synproxies[code];
  send_segment(c, host, synproxy_answer(rule, syn, tcp::make_cookie(key, syn, mss), now_ms), answer_to(walk));
}

void ask_server(Context& c, HostId host, const Walk& walk, SeqNumber sequence, std::uint32_t mss) {
  Origin origin;
  origin.from_synproxy = true;
  send_segment(c, host, netfilter::synproxy_request(walk.packet, sequence, static_cast<std::uint16_t>(mss)), origin);
}

// The server's numbers are moved only from the second answer on: the first goes to the server itself.
void join(Context& c, netfilter::Context& filter, HostId host, const Walk& walk) {
  const Packet& syn_ack = walk.packet;
  send_segment(c, host, netfilter::synproxy_confirmation(syn_ack, offered_window(filter, walk)), {});
  netfilter::begin_moving(filter, walk);
  send_segment(c, host, netfilter::synproxy_window_update(syn_ack), answer_to(walk));
}

}  // namespace

void carry_out_synproxy(Context& c, netfilter::Context& filter, HostId host, const Walk& walk,
                        const netfilter::HookResult& result) {
  // The kernel itself is the receiver, as of an echo request.
  change(c, host, trace::PacketDelivered{walk.packet.id, {}, trace::MatchQuality::synproxy, 0, {}});
  switch (result.synproxy) {
    case SynproxyAct::answer_client:
      return answer_client(c, filter, host, walk, result.synproxy_value);
    case SynproxyAct::ask_server:
      return ask_server(c, host, walk, walk.packet.seq, result.synproxy_value);
    case SynproxyAct::ask_server_again:
      return ask_server(c, host, walk, walk.packet.seq + 1, result.synproxy_value);
    case SynproxyAct::join:
      return join(c, filter, host, walk);
    case SynproxyAct::none:
    case SynproxyAct::refuse:
      return;
  }
}

}  // namespace fourtuple::stack
